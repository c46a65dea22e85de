import { equal, match, ok } from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Kube, type KubeObject, refOf } from "../../kube";
import { down, type Lab, up } from "../../lab";
import { installCrds, istioCrds } from "../../lab/crds";
import { type Answer, apply } from "./flow/ask";
import { ACCESS, APP, early, HOSTS, mesh, MESH, onlyFromInside, POD, scenario, strictMtls } from "./flow/objects";
import { skip } from "../skip";
import { eventually } from "./wait";

const NAME = `flow-${process.pid}`;

describe("Data plane: requests flow as in the scenario", function () {
    this.timeout(60_000);
    let lab: Lab;
    let kube: Kube;

    before(async function () {
        // The first start on a machine may build the control plane.
        this.timeout(20 * 60_000);
        const settings = { timeScale: 0.05 };
        lab = await up({ name: NAME, settings, endsWith: process.pid });
        if (lab.router === undefined) {
            skip(this, `there is no data plane: ${lab.noRouter}`);
        }
        kube = Kube.load({ kubeconfig: lab.kubeconfig });
        await installCrds(kube, await istioCrds());
        await create([...mesh(), ...early()]);
        await create(scenario());
    });

    after(() => down(NAME));

    const create = async (objects: KubeObject[]): Promise<void> => {
        for (const object of objects) {
            await kube.create(object);
        }
    };
    const through = (service: "sample" | "caller") => apply(service, { url: lab.router!, host: HOSTS[service] });
    const straight = (service: string) => apply("sample", { url: `http://${lab.serviceAddress(APP, service)}:8080` });
    const answers = (what: string, ask: () => Promise<Answer>, met: (answer: Answer) => boolean) => {
        const once = async () => {
            const answer = await ask();
            return met(answer) ? answer : undefined;
        };
        return eventually(what, once, 45);
    };
    const readyPod = (app: string) =>
        eventually(`a ready pod of ${app}`, async () => {
            const pods = await kube.list(POD, { labelSelector: `app=${app}` });
            const isReady = ({ status }: KubeObject) =>
                status?.conditions?.some((c: any) => c.type === "Ready" && c.status === "True");
            return pods.find(isReady);
        });
    /** Of all processes of the lab those whose command line holds the text. */
    const pids = (text: string): number[] => {
        const all = existsSync(join(lab.home, "pids")) ? readdirSync(join(lab.home, "pids")) : [];
        return all.map(Number).filter((pid) => commandOf(pid).includes(text));
    };

    it("201 from both hosts through the gateway, by the services' own programs (step 8)", async () => {
        await Promise.all(["sample", "caller", "istio-ingressgateway"].map(readyPod));
        const first = await answers(
            "201 from sample",
            () => through("sample"),
            ({ status }) => status === 201,
        );
        equal(first.server, "istio-envoy");
        const second = await answers(
            "201 from caller",
            () => through("caller"),
            ({ status }) => status === 201,
        );
        equal(second.server, "istio-envoy");
        ok(JSON.parse(second.body).user_id > JSON.parse(first.body).user_id, "caller was answered by the same sample");
    });

    it("an unknown host gets the router's own page", async () => {
        const answer = await apply("sample", { url: lab.router!, host: "nobody.example.com" });
        equal(answer.status, 503);
        match(answer.body, /Application is not available/);
    });

    it("a Route straight into a member namespace is cut off, unless the pod is exposed (trap 27)", async () => {
        const ask = () => apply("sample", { url: lab.router!, host: "straight-sample.apps.example.com" });
        equal((await ask()).status, 504);
        const pod = await readyPod("sample");
        const label = (value: string | null) =>
            kube.mergePatch(refOf(pod), { metadata: { labels: { "maistra.io/expose-route": value } } });
        await label("true");
        await answers("201 for an exposed pod", ask, ({ status }) => status === 201);
        await label(null);
        await answers("cut off again", ask, ({ status }) => status === 504);
    });

    it("an EventListener's Route is answered by Tekton's listener", async () => {
        const host = "el-sample-microsvc-sample.apps.example.com";
        equal((await apply("sample", { url: lab.router!, host })).status, 202);
    });

    it("without mTLS a client outside the mesh is answered; with it, it is reset (step 9)", async () => {
        equal((await straight("sample")).status, 201);
        await create(strictMtls());
        const answer = await answers(
            "a reset",
            () => straight("sample"),
            ({ broken }) => broken !== undefined,
        );
        equal(answer.broken, "ECONNRESET");
        for (const service of ["sample", "caller"] as const) {
            equal((await through(service)).status, 201, `${service} through the gateway`);
        }
    });

    it("a pod without sidecar is reached in plain text even so (trap 24)", async () => {
        const pod = await readyPod("early");
        equal(pod.spec.containers.length, 1);
        equal((await straight("early")).status, 201);
    });

    it("a policy refuses sample to the gateway; caller still answers (step 10)", async () => {
        await kube.create(onlyFromInside());
        const denied = await answers(
            "403",
            () => through("sample"),
            ({ status }) => status === 403,
        );
        equal(denied.body, "RBAC: access denied");
        equal(denied.server, "istio-envoy");
        equal((await through("caller")).status, 201);
    });

    it("a policy that is not understood denies, and the log says so", async () => {
        const { spec } = onlyFromInside();
        const rules = [{ ...spec.rules[0], when: [{ key: "request.auth.claims[x]", values: ["y"] }] }];
        const metadata = { name: "strange", namespace: APP };
        const strange = { ...onlyFromInside(), metadata, spec: { ...spec, rules } };
        await kube.create(strange);
        await answers(
            "a refusal",
            () => through("caller"),
            ({ status }) => status === 502,
        );
        const log = readFileSync(join(lab.home, "logs", "daemon.log"), "utf8");
        match(log, /AuthorizationPolicy flow-app\/strange: spec/);
        await kube.delete({ ...ACCESS, namespace: APP, name: "strange" });
        await answers(
            "201 again",
            () => through("caller"),
            ({ status }) => status === 201,
        );
    });

    for (const [what, text] of [
        ["the gateway's Envoy", `${MESH}.istio-ingressgateway`],
        ["a sidecar", `${APP}.caller`],
        ["a program", join("programs", "caller.cjs")],
    ]) {
        it(`${what} that is killed comes back, and the pod's restartCount says so`, async () => {
            const isMeant = (pid: number) => text.endsWith(".cjs") || commandOf(pid).includes("envoy.json");
            const [killed, ...others] = pids(text).filter(isMeant);
            equal(others.length, 0);
            process.kill(killed, "SIGKILL");
            const isBack = async () => pids(text).some((pid) => pid !== killed && isMeant(pid)) || undefined;
            await eventually("another process", isBack);
            await answers(
                "201 again",
                () => through("caller"),
                ({ status }) => status === 201,
            );
            const pod = await readyPod(text.includes("ingress") ? "istio-ingressgateway" : "caller");
            const counts = pod.status.containerStatuses.map((each: { restartCount: number }) => each.restartCount);
            ok(counts.includes(1), `restartCounts are ${counts}`);
        });
    }

    it("keys are for their owner only", () => {
        const pods = join(lab.home, "pods");
        const files = readdirSync(pods, { recursive: true, encoding: "utf8" });
        const keys = files.filter((file) => /key-\d+\.pem$/.test(file));
        equal(keys.length, 3);
        keys.forEach((key) => equal(statSync(join(pods, key)).mode & 0o077, 0));
    });

    it("a deleted pod's processes end with it", async () => {
        const [pod] = await kube.list(POD, { namespace: APP, labelSelector: "app=early" });
        await kube.delete({ apiVersion: "apps/v1", kind: "Deployment", namespace: APP, name: "early" });
        await eventually("its processes to end", async () => pids(pod.metadata.name).length === 0 || undefined);
        equal((await straight("early")).broken, "ECONNREFUSED");
    });

    it("nothing is left after down, not even by a daemon that was killed", async () => {
        const all = pids(lab.home);
        ok(all.length >= 7, `only ${all.length} processes`);
        const daemon = JSON.parse(readFileSync(join(lab.home, "state.json"), "utf8")).pids.daemon;
        process.kill(daemon, "SIGKILL");
        await down(NAME);
        equal(existsSync(lab.home), false);
        all.forEach((pid) => equal(commandOf(pid).includes(lab.home), false, `process ${pid} is left`));
    });
});

function commandOf(pid: number): string {
    try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
        // Ended meanwhile.
        return "";
    }
}
