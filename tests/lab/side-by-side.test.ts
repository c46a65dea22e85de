import { equal, ok } from "node:assert/strict";
import type { Kube, KubeObject } from "../../kube";
import { mesh2, roll, says } from "./maistra/operator";
import { cni, ISTIO, istio, namespace, refusal, removeMesh, removeNamespaces, until } from "./sail/operator";
import { withLab } from "./with-lab";

const MESH = "both-mesh";
const [STAYS, MOVES] = ["both-stays", "both-moves"];
const PLANE = { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane", namespace: MESH, name: "basic" };
const ROLL = { apiVersion: "maistra.io/v1", kind: "ServiceMeshMemberRoll", namespace: MESH, name: "default" };
const OPERATORS = { apiVersion: "operators.coreos.com/v1alpha1", namespace: "openshift-operators" };
const SUBSCRIPTION = { ...OPERATORS, kind: "Subscription" };
const CSV = { ...OPERATORS, kind: "ClusterServiceVersion" };
const PACKAGES = ["servicemeshoperator", "servicemeshoperator3"];
const VERSIONS = ["servicemeshoperator.v2.6.8", "servicemeshoperator3.v3.2.9"];
const ASKS = { "sidecar.istio.io/inject": "true" };

/** A move from Service Mesh 2.6 to 3 in one cluster: the steps build on each other. */
describe("Service Mesh 2.6 and 3 side by side", function () {
    this.timeout(90_000);
    this.bail(true);
    const lab = withLab({ openshift: "4.18" });
    let kube: Kube;
    let count = 0;

    before(async function () {
        this.timeout(120_000);
        ({ kube } = lab());
        for (const name of PACKAGES) {
            const spec = {
                name,
                channel: "stable",
                source: "redhat-operators",
                sourceNamespace: "openshift-marketplace",
            };
            const { apiVersion, kind, namespace: within } = SUBSCRIPTION;
            await kube.create({ apiVersion, kind, metadata: { name, namespace: within }, spec });
        }
        await until(
            "both operators",
            async () => {
                const csvs = await kube.list(CSV, { namespace: CSV.namespace });
                return VERSIONS.every((v) =>
                    csvs.some((c) => c.metadata.name === v && c.status?.phase === "Succeeded"),
                );
            },
            100_000,
        );
        for (const name of [MESH, STAYS, MOVES, "istio-cni"]) {
            await kube.create(namespace(name));
        }
    });

    after(async () => {
        await removeMesh(kube);
        await kube.delete(ROLL);
        await kube.delete(PLANE);
        await removeNamespaces(kube, [MESH, STAYS, MOVES, "istio-cni"]);
        for (const name of PACKAGES) {
            await kube.delete({ ...SUBSCRIPTION, name });
        }
        for (const name of VERSIONS) {
            await kube.delete({ ...CSV, name });
        }
    });

    /** Whose proxy a pod gets that asks for one in the ways of both: "basic", which is 2.6, "v3", or none. */
    async function proxyIn(within: string): Promise<string | undefined> {
        const metadata = { name: `pod-${++count}`, namespace: within, labels: ASKS, annotations: ASKS };
        const containers = [{ name: "app", image: "registry.example.com/app" }];
        const pod: KubeObject = await kube.create({ apiVersion: "v1", kind: "Pod", metadata, spec: { containers } });
        const proxies = pod.spec.containers.filter(({ name }: { name: string }) => name === "istio-proxy");
        ok(proxies.length <= 1, "never two");
        const status = pod.metadata.annotations?.["sidecar.istio.io/status"];
        return proxies.length === 0 ? undefined : JSON.parse(status!).revision;
    }

    it("2.6 has both namespaces", async () => {
        const addons = { grafana: { enabled: false }, kiali: { enabled: false }, prometheus: { enabled: false } };
        const plane = mesh2("basic", MESH, { version: "v2.6", tracing: { type: "None" }, addons });
        // Its webhooks may not answer yet (trap 13).
        await until("2.6 to take it", async () => (await refusal(() => kube.create(plane))) === undefined);
        await kube.create(roll(MESH, [STAYS, MOVES]));
        await until("the control plane", async () => says(await kube.get(PLANE), "Ready", true), 60_000);
        await until("the roll", async () => says(await kube.get(ROLL), "Ready", true), 60_000);
        for (const name of [STAYS, MOVES]) {
            await until("the injector to know", async () => (await proxyIn(name)) === "basic");
        }
    });

    it("3 comes beside it, CNI plugin included, and takes nobody away", async () => {
        await kube.create(cni());
        const values = { global: { proxy: { autoInject: "disabled" } } };
        await kube.create(istio({ namespace: MESH, values }, "v3"));
        await until("Istio v3", async () => (await kube.get({ ...ISTIO, name: "v3" }))?.status?.state === "Healthy");
        ok(says(await kube.get(PLANE), "Ready", true));
        equal(await proxyIn(STAYS), "basic");
    });

    it("a namespace moves by two labels, and is still in the roll", async () => {
        const labels = { "istio.io/rev": "v3", "maistra.io/ignore-namespace": "true" };
        await kube.mergePatch({ apiVersion: "v1", kind: "Namespace", name: MOVES }, { metadata: { labels } });
        await until("the injectors to know", async () => (await proxyIn(MOVES)) === "v3");
        equal(await proxyIn(STAYS), "basic");
        ok((await kube.get(ROLL))?.status.configuredMembers.includes(MOVES));
        const revision = await kube.get({ ...ISTIO, kind: "IstioRevision", name: "v3" });
        await until("it to be in use", async () =>
            says(await kube.get({ ...ISTIO, kind: "IstioRevision", name: "v3" }), "InUse", true),
        );
        equal(revision?.spec.namespace, MESH);
    });
});
