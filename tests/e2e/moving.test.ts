import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { Kube, type KubeObject } from "../../kube";
import { down, type Lab, up } from "../../lab";
import { eventually } from "../lab/wait";
import { skip } from "../skip";
import { accountsOf } from "./as";
import { ISTIO, NAMESPACE, POD, ROUTE } from "./kinds";
import { Requests } from "./load";
import { snapshot } from "./snapshot";
import { REQUESTS, shop } from "./shop";
import { changesOf, Stack } from "./stack";

/** A lab of its own, with requests. */
async function openLab(name: string, openshift: "4.5" | "4.18"): Promise<Lab> {
    return up({ name, settings: { timeScale: 0.05, openshift }, endsWith: process.pid });
}

/** The stack's file before, with the next mesh beside, with everybody in it, without the old one, and folded. */
function filesOnTheWay(folder: string): string[] {
    const next = (...namespaces: string[]) => ({
        "mesh:next": { generation: "3", controlPlane: { name: "v3" }, namespaces },
    });
    const { "mesh:controlPlane": plane } = shop("3").config;
    const folded = { "mesh:controlPlane": { ...(plane as object), name: "v3" } };
    const all = next("shop-back", "shop-front");
    const steps = [shop("2.6"), shop("2.6", next()), shop("2.6", all), shop("3", all), shop("3", folded)];
    return steps.map((content, i) => {
        const path = join(folder, `on-the-way-${i}.yaml`);
        writeFileSync(path, stringify(content));
        return path;
    });
}

describe("moving on, with requests all the while", function () {
    this.timeout(600_000);
    const names = { old: `old-${process.pid}`, now: `now-${process.pid}` };
    let old: Lab;
    let lab: Lab;
    let kube: Kube;
    let stack: Stack;
    let requests: Requests | undefined;

    after(async () => {
        await requests?.stop();
        await down(names.old);
        await down(names.now);
    });

    /** Nothing was lost, and there was something to lose. */
    const lostNothing = async (during: string): Promise<void> => {
        await eventually(
            `requests during: ${during}`,
            async () => ((requests?.answered[during] ?? 0) >= 20 ? true : undefined),
            120,
        );
        assert.deepEqual(requests?.lost, []);
    };

    const step = async (during: string, work: () => Promise<unknown>): Promise<void> => {
        requests?.say(during);
        await work();
        await lostNothing(during);
    };

    describe("1.1 to 2.6: to another cluster", () => {
        let before11: Stack;

        before(async function () {
            // The first start on a machine may build the control plane.
            this.timeout(20 * 60_000);
            old = await openLab(names.old, "4.5");
            if (old.router === undefined) {
                skip(this, `there is no data plane: ${old.noRouter}`);
            }
            before11 = await Stack.open(old, "old", shop("1.1"));
            await before11.up();
            lab = await openLab(names.now, "4.18");
            kube = Kube.load({ kubeconfig: lab.kubeconfig });
            // Whoever moves it has the roles of the stack as it is on the way, and no other rights.
            const [file, ...also] = filesOnTheWay(lab.home);
            const accounts = await accountsOf(lab, kube, "now", { file, also });
            stack = await Stack.open({ kubeconfig: accounts.deployer }, "now", shop("2.6"));
            await stack.previewAs(accounts.previewer);
        });

        let balanced: () => Lab;

        it("the same config, with another generation, comes up on the new cluster", async () => {
            balanced = () => old;
            requests = new Requests(() => balanced(), REQUESTS);
            await step("the new cluster comes up", () => stack.up());
        });

        it("the load balancer is switched, back, and again", async () => {
            await step("on the new cluster", async () => (balanced = () => lab));
            await step("back on the old cluster", async () => (balanced = () => old));
            await step("on the new cluster again", async () => (balanced = () => lab));
        });

        it("the old cluster's mesh goes", async () => {
            await step("the old mesh goes", () => before11.destroy());
            await down(names.old);
        });

        it("a stack cannot simply become of another generation", async () => {
            const message = await stack.refused("preview", { config: { "mesh:generation": "3" } });
            assert.match(message, /mesh:generation .*this stack's mesh is of generation 2\.6/);
            assert.match(message, /set mesh:next/);
        });
    });

    describe("2.6 to 3: side by side in one cluster", () => {
        const next = { "mesh:next": JSON.stringify({ generation: "3", controlPlane: { name: "v3" } }) };
        const moved = (...namespaces: string[]) => ({
            "mesh:next": JSON.stringify({ generation: "3", controlPlane: { name: "v3" }, namespaces }),
        });
        const proxies = async (namespace: string): Promise<string[]> => {
            const pods = (await kube.list(POD, { namespace })).filter((p) => !p.metadata.deletionTimestamp);
            // Written by whoever put the sidecar in.
            const revision = (p: KubeObject): string =>
                JSON.parse(p.metadata.annotations?.["sidecar.istio.io/status"] ?? "{}").revision ?? "none";
            return [...new Set(pods.map(revision))];
        };
        const routeOf = async (host: string) => (await kube.list(ROUTE)).filter((r) => r.spec.host === host);

        it("a namespace cannot move before there is a mesh to move to", async () => {
            const message = await stack.refused("preview", { config: moved("shop-back") });
            assert.match(message, /mesh:next\.namespaces .*until the next control plane is there/);
        });

        it("1: the next mesh comes up beside it, and nothing moves", async () => {
            await step("the next mesh comes up", () => stack.up({ config: next }));
            assert.equal((await kube.list(ISTIO)).length, 1);
            assert.deepEqual(await proxies("shop-back"), ["basic"]);
        });

        it("2: the first namespace moves; the other one calls it across the meshes", async () => {
            await step("shop-back moves", () => stack.up({ config: moved("shop-back") }));
            assert.deepEqual(await proxies("shop-back"), ["v3"]);
            assert.deepEqual(await proxies("shop-front"), ["basic"]);
            assert.deepEqual(
                (await routeOf("back.apps.example.com")).map((r) => r.metadata.namespace),
                ["istio-system-ingress"],
            );
        });

        it("3: and back", async () => {
            await step("shop-back goes back", () => stack.up({ config: next }));
            assert.deepEqual(await proxies("shop-back"), ["basic"]);
        });

        it("4: both move", async () => {
            await step("shop-back moves again", () => stack.up({ config: moved("shop-back") }));
            await step("shop-front moves", () => stack.up({ config: moved("shop-back", "shop-front") }));
            assert.deepEqual(await proxies("shop-front"), ["v3"]);
        });

        it("5: the old mesh goes", async () => {
            const config = { ...moved("shop-back", "shop-front"), "mesh:generation": "3" };
            await step("the old mesh goes", () => stack.up({ config }));
            const left = await snapshot(kube, (o) => o.apiVersion?.startsWith("maistra.io/") ?? false);
            assert.deepEqual([...left.keys()], []);
            assert.deepEqual(changesOf(await stack.preview({ config, expectNoChanges: true })), []);
        });

        it("6: the config is folded: only the label that kept the old mesh away goes", async () => {
            const folded = { "mesh:generation": "3", "mesh:controlPlane.name": "v3" };
            const changes: string[] = [];
            await step("the config is folded", async () =>
                changes.push(...changesOf(await stack.up({ config: folded }))),
            );
            assert.deepEqual(
                changes.filter((change) => !/maistra\.io\/ignore-namespace/.test(change)),
                [],
            );
            const namespace = await kube.get({ ...NAMESPACE, name: "shop-back" });
            assert.equal(namespace?.metadata.labels?.["maistra.io/ignore-namespace"], undefined);
        });

        it("and all of it can be undone", async () => {
            await requests?.stop();
            await stack.destroy();
            const left = await snapshot(kube, (o) => o.metadata.annotations?.["openshift-mesh/stack"] !== undefined);
            assert.deepEqual([...left.keys()], []);
        });
    });
});
