import assert from "node:assert/strict";
import { isStatus, type KubeObject } from "../../kube";
import { eventually } from "./wait";
import { withLab } from "./with-lab";

const ROUTE = { apiVersion: "route.openshift.io/v1", kind: "Route" };
const POD = { apiVersion: "v1", kind: "Pod" };
const LISTENER = { apiVersion: "triggers.tekton.dev/v1alpha1", kind: "EventListener" };

function condition(object: KubeObject | undefined, type: string): string | undefined {
    return object?.status?.conditions?.find((c: { type: string }) => c.type === type)?.status;
}

describe("the lab's cluster", function () {
    this.timeout(60_000);
    const used = withLab();
    const kube = () => used().kube;

    const namespace = async (name: string): Promise<string> => {
        await kube().create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
        return name;
    };

    const pods = (name: string, labelSelector: string): Promise<KubeObject[]> =>
        kube().list(POD, { namespace: name, labelSelector });

    function deployment(name: string, ns: string, image: string): KubeObject {
        const labels = { app: name };
        const template = { metadata: { labels }, spec: { containers: [{ name: "app", image }] } };
        return {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name, namespace: ns },
            spec: { replicas: 1, selector: { matchLabels: labels }, template },
        };
    }

    function route(name: string, ns: string, host?: string): KubeObject {
        return { ...ROUTE, metadata: { name, namespace: ns }, spec: { host, to: { kind: "Service", name } } };
    }

    it("refuses a user without rights", async () => {
        await assert.rejects(used().viewer.list(POD), (error) => isStatus(error, 403));
    });

    it("makes pods Ready, with addresses of their own, and ends deleted ones", async () => {
        const ns = await namespace("pods");
        await kube().create(deployment("web", ns, "example.com/web:1"));
        const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: ns, name: "web" };
        await eventually("available", async () =>
            condition(await kube().get(ref), "Available") === "True" ? true : undefined,
        );
        const [pod] = await pods(ns, "app=web");
        assert.match(pod.status.podIP, /^10\.12[89]\./);
        assert.equal(pod.status.containerStatuses[0].ready, true);
        await kube().delete({ ...POD, namespace: ns, name: pod.metadata.name });
        await eventually("replaced", async () => {
            const now = await pods(ns, "app=web");
            return now.length === 1 && now[0].metadata.uid !== pod.metadata.uid && condition(now[0], "Ready") === "True"
                ? true
                : undefined;
        });
    });

    it("keeps pods from becoming ready when their image says so, until it does not", async () => {
        const ns = await namespace("images");
        const patch = { neverReadyImages: ["slow"], crashLoopImages: ["crash"], missingImages: ["missing"] };
        await used().lab.set({ kubelet: patch });
        const names = ["slow", "crash", "missing"];
        await Promise.all(names.map((name) => kube().create(deployment(name, ns, `example.com/${name}:1`))));
        const state = (name: string, reason: string): Promise<any> =>
            eventually(`${name} ${reason}`, async () => {
                const status = (await pods(ns, `app=${name}`))[0]?.status;
                const container = status?.containerStatuses?.[0];
                return (container?.state?.waiting?.reason ?? (container?.started ? "running" : "")) === reason
                    ? { phase: status.phase, ...container }
                    : undefined;
            });
        assert.equal((await state("slow", "running")).ready, false);
        const crashed = await state("crash", "CrashLoopBackOff");
        assert.match(crashed.state.waiting.message, /^back-off \d+s restarting failed/);
        const missing = await state("missing", "ImagePullBackOff");
        assert.equal(missing.phase, "Pending");
        assert.match(missing.state.waiting.message, /Back-off pulling image "example.com\/missing:1"/);
        await used().lab.set({ kubelet: { neverReadyImages: [], crashLoopImages: [], missingImages: [] } });
        for (const name of names) {
            await eventually(`${name} ready`, async () =>
                condition((await pods(ns, `app=${name}`))[0], "Ready") === "True" ? true : undefined,
            );
        }
    });

    it("does not admit a Route whose host another one holds, until that is gone (trap 25)", async () => {
        const [one, two] = [await namespace("hosts-one"), await namespace("hosts-two")];
        const admitted = (ns: string): Promise<any> =>
            eventually(`a verdict on ${ns}`, async () => {
                const found = await kube().get({ ...ROUTE, namespace: ns, name: "web" });
                return found?.status?.ingress?.[0]?.conditions?.[0];
            });
        await kube().create(route("web", one, "taken.example.com"));
        assert.equal((await admitted(one)).status, "True");
        await kube().create(route("web", two, "taken.example.com"));
        const refused = await admitted(two);
        assert.deepEqual([refused.status, refused.reason], ["False", "HostAlreadyClaimed"]);
        assert.match(refused.message, /holds taken\.example\.com/);
        await kube().delete({ ...ROUTE, namespace: one, name: "web" });
        await eventually("admitted", async () => ((await admitted(two)).status === "True" ? true : undefined));
    });

    it("passes a listener's labels on to its pods, which restart, and takes them away again (trap 28)", async () => {
        const ns = await namespace("listeners");
        await kube().create({ ...LISTENER, metadata: { name: "web", namespace: ns }, spec: { triggers: [] } });
        const label = "maistra.io/expose-route";
        const only = (what: string, isIt: (pod: KubeObject) => boolean): Promise<KubeObject> =>
            eventually(what, async () => {
                const now = (await pods(ns, "eventlistener=web")).filter((pod) => !pod.metadata.deletionTimestamp);
                return now.length === 1 && condition(now[0], "Ready") === "True" && isIt(now[0]) ? now[0] : undefined;
            });
        const before = await only("a pod", () => true);
        const ref = { ...LISTENER, namespace: ns, name: "web" };
        await kube().mergePatch(ref, { metadata: { labels: { [label]: "true" } } });
        const labelled = await only("a pod with the label", (pod) => pod.metadata.labels?.[label] === "true");
        assert.notEqual(labelled.metadata.uid, before.metadata.uid);
        await kube().mergePatch(ref, { metadata: { labels: { [label]: null } } });
        await only("a pod without the label", (pod) => pod.metadata.labels?.[label] === undefined);
    });

    it("rolls out DeploymentConfigs by ReplicationControllers", async () => {
        const ns = await namespace("configs");
        const labels = { app: "old" };
        const spec = { containers: [{ name: "app", image: "example.com/old:1" }] };
        const config = { apiVersion: "apps.openshift.io/v1", kind: "DeploymentConfig" };
        await kube().create({
            ...config,
            metadata: { name: "old", namespace: ns },
            spec: { replicas: 1, selector: labels, template: { metadata: { labels }, spec } },
        });
        const ref = { ...config, namespace: ns, name: "old" };
        const rolledOut = (version: number): Promise<KubeObject> =>
            eventually(`version ${version}`, async () => {
                const now = await kube().get(ref);
                const status = now?.status ?? {};
                const counts = [status.updatedReplicas, status.availableReplicas, status.replicas];
                const isObserved = status.observedGeneration === now?.metadata.generation;
                const isCurrent = isObserved && status.latestVersion === version;
                return isCurrent && counts.every((n) => n === 1) ? now : undefined;
            });
        await rolledOut(1);
        const annotations = { "sidecar.istio.io/inject": "true" };
        await kube().mergePatch(ref, { spec: { template: { metadata: { annotations } } } });
        await rolledOut(2);
        const [pod] = await pods(ns, "deployment=old-2");
        assert.equal(pod.metadata.annotations?.["sidecar.istio.io/inject"], "true");
        await eventually("the old pods are gone", async () =>
            (await pods(ns, "deployment=old-1")).length === 0 ? true : undefined,
        );
    });
});
