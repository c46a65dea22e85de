import assert from "node:assert/strict";
import { buildGate } from "../../cluster/build-gate";
import { hold } from "../../cluster/gate";
import { buildConfigName, buildConfigSpec, buildTag } from "../../specs/build";
import { withLab } from "./with-lab";

const namespace = "builds-test";
const build = { git: "https://git.example.com/shop/cart.git", containerfile: "Dockerfile" };

describe("a build, in the lab", () => {
    const lab = withLab({ builds: { failing: ["broken"], log: "npm error network" } });

    before(async () => {
        await lab().kube.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    });
    after(async () => {
        await lab().kube.delete({ apiVersion: "v1", kind: "Namespace", name: namespace });
    });

    async function built(service: string, lines: string[]) {
        const { kube } = lab();
        await kube.create({
            apiVersion: "image.openshift.io/v1",
            kind: "ImageStream",
            metadata: { namespace, name: service },
            spec: { lookupPolicy: { local: false } },
        });
        const name = buildConfigName(service, build);
        await kube.create({
            apiVersion: "build.openshift.io/v1",
            kind: "BuildConfig",
            metadata: { namespace, name },
            spec: buildConfigSpec(service, build),
        });
        const want = { namespace, name, imageStream: service, tag: buildTag(service, build), timeoutSeconds: 30 };
        return hold(kube, buildGate(want), (line) => lines.push(line), { pace: { reportMs: 20, settleMs: 0 } });
    }

    it("begins by itself, runs, and leaves an image in its stream: the gate waits for that", async () => {
        const lines: string[] = [];
        const { build: name } = await built("cart", lines);
        assert.equal(name, `${buildConfigName("cart", build)}-1`);
        assert.ok(
            lines.some((line) => line.includes("Running")),
            lines.join("\n"),
        );
        const { kube } = lab();
        const stream = await kube.get({
            apiVersion: "image.openshift.io/v1",
            kind: "ImageStream",
            namespace,
            name: "cart",
        });
        const [{ tag, items }] = stream?.status.tags;
        assert.equal(tag, buildTag("cart", build));
        assert.match(items[0].dockerImageReference, /\/builds-test\/cart@sha256:[a-f0-9]{64}$/);
    });

    it("that fails ends the wait at once, in the build's own words", async () => {
        await assert.rejects(built("broken", []), (error: Error) => {
            assert.match(error.message, /image of builds-test\/broken was not built/);
            assert.match(error.message, /DockerBuildFailed.*npm error network/s);
            return true;
        });
    });
});
