import assert from "node:assert/strict";
import { type Gate, GateError, hold } from "../../cluster/gate";
import { membershipGate, pieceGate, type PieceReady, type PieceRef, stackRoutesGate } from "../../cluster/gates";
import { MARK } from "../../cluster/facts";
import type { Kube, KubeObject } from "../../kube";
import {
    CNI,
    cni,
    deployOperator,
    ISTIO,
    istio,
    namespace,
    removeMesh,
    removeNamespaces,
    removeOperator,
    TAG,
    tag,
} from "./sail/operator";
import { withLab } from "./with-lab";

const MESH = "istio-system";
const INGRESS = "istio-system-ingress";
const LABELS = { "istio-discovery": "default", "istio-injection": "enabled" };
const STACK = "organization/mesh/prod";

/** The gates of generation 3, one after the other as in a stack, against the lab's operator. The steps build on each other. */
describe("gates against the lab's Sail operator", function () {
    this.timeout(120_000);
    this.bail(true);
    const lab = withLab({ openshift: "4.18" });
    let kube: Kube;

    before(async () => {
        ({ kube } = lab());
        await deployOperator(kube);
    });
    after(async () => {
        await removeMesh(kube);
        await removeNamespaces(kube, [MESH, INGRESS, "istio-cni", "shop", "outside"]);
        await removeOperator(kube);
    });

    async function pass<T, K extends string>(gate: Gate<T, K> | undefined): Promise<{ value: T; lines: string[] }> {
        assert.ok(gate);
        const lines: string[] = [];
        const value = await hold(kube, gate, (line) => lines.push(line), { pace: { reportMs: 10 } });
        return { value, lines };
    }

    const ready = (object: KubeObject | PieceRef): Promise<{ value: PieceReady; lines: string[] }> =>
        pass(pieceGate(object as PieceRef, { timeoutSeconds: 60 }));

    /** What the Deployment of a control plane and its revision say right now. */
    async function rolledOut(): Promise<void> {
        const revision = await kube.get({ ...ISTIO, kind: "IstioRevision" });
        const deployment = await kube.get({
            apiVersion: "apps/v1",
            kind: "Deployment",
            namespace: MESH,
            name: "istiod",
        });
        assert.equal(revision?.status.observedGeneration, revision?.metadata.generation);
        assert.equal(deployment?.status.observedGeneration, deployment?.metadata.generation);
        assert.equal(deployment?.status.updatedReplicas, deployment?.status.replicas);
        assert.equal(deployment?.status.unavailableReplicas ?? 0, 0);
    }

    it("control plane and CNI: ready when both are, in whatever order they come (traps 33, 35, 39)", async () => {
        await kube.create(istio({ namespace: MESH, version: "v1.26.8" }));
        const plane = ready(await kube.create(cni()).then(() => istio({})));
        const plugin = ready(cni());
        await kube.create(namespace(MESH, LABELS));
        await kube.create(namespace("istio-cni"));
        const [{ value, lines }] = await Promise.all([plane, plugin]);
        assert.deepEqual([value.version, value.revision], ["v1.26.8", "default"]);
        const status = (await kube.get(ISTIO))?.status;
        assert.equal(status.state, "Healthy", lines.join("\n"));
        assert.equal((await kube.get(CNI))?.status.state, "Healthy");
        await rolledOut();
    });

    it("a change, and another version in place: ready when they are rolled out, not before (trap 38)", async () => {
        for (const spec of [{ values: { pilot: { env: { A: "b" } } } }, { version: "v1.27.9" }]) {
            await kube.mergePatch(ISTIO, { spec });
            const { value } = await ready(istio({}));
            await rolledOut();
            assert.equal(value.version, (await kube.get(ISTIO))?.spec.version);
        }
    });

    it("a tag: ready when it points where its Istio is; a revision's name is refused", async () => {
        await kube.create(tag("default-tag", "default"));
        const { value } = await ready({ ...TAG, metadata: { name: "default-tag" } });
        assert.equal(value.revision, "default");
        await kube.create(tag("default", "default"));
        await assert.rejects(ready({ ...TAG, metadata: { name: "default" } }), (error: Error) => {
            assert.ok(error instanceof GateError);
            return /NameAlreadyExists/.test(error.message);
        });
        await kube.delete(TAG);
        await ready(istio({}));
    });

    it("members: a pod that asks gets its sidecar from then on (trap 37)", async () => {
        await kube.create(namespace("shop"));
        const gate = membershipGate({
            by: "labels",
            controlPlane: { namespace: MESH, name: "default" },
            namespaces: ["shop"],
            labels: { shop: LABELS },
            timeoutSeconds: 60,
        });
        const joining = pass(gate);
        await kube.mergePatch({ apiVersion: "v1", kind: "Namespace", name: "shop" }, { metadata: { labels: LABELS } });
        const { value } = await joining;
        assert.deepEqual(value, { configured: ["shop"] });
        const pod = await kube.create({
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "web", namespace: "shop", labels: { "sidecar.istio.io/inject": "true" } },
            spec: { containers: [{ name: "web", image: "registry.example.com/web" }] },
        });
        const containers: { name: string }[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
        assert.ok(containers.some((c) => c.name === "istio-proxy"));
        const pods = await kube.list({ apiVersion: "v1", kind: "Pod" }, { namespace: "shop" });
        assert.deepEqual(
            pods.map((p) => p.metadata.name),
            ["web"],
            "asking has left nothing behind",
        );
    });

    const gateway = (where: string): KubeObject => {
        const labels = { app: "istio-ingressgateway", istio: "ingressgateway" };
        return {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name: "istio-ingressgateway", namespace: where },
            spec: {
                selector: { matchLabels: labels },
                template: {
                    metadata: {
                        labels: { ...labels, "sidecar.istio.io/inject": "true" },
                        annotations: { "inject.istio.io/templates": "gateway" },
                    },
                    spec: { containers: [{ name: "istio-proxy", image: "auto" }] },
                },
            },
        };
    };

    it("the gateway: ready when its pods were injected; elsewhere they never will be, and it says so", async () => {
        await kube.create(namespace(INGRESS, LABELS));
        await ready(await kube.create(gateway(INGRESS)));
        const pods = await kube.list({ apiVersion: "v1", kind: "Pod" }, { namespace: INGRESS });
        assert.ok(pods.length > 0 && pods.every((p) => p.spec.containers[0].image !== "auto"));
        // Without any label, the control plane that is called default would inject what asks for it.
        await kube.create(namespace("outside", { "istio-injection": "disabled" }));
        const error = await ready(await kube.create(gateway("outside"))).then(
            () => assert.fail("it opened"),
            (e: Error) => e,
        );
        assert.ok(error instanceof GateError);
        assert.match(error.message, /not injected, image auto/);
        assert.match(error.message, /Namespace outside is not a member of a mesh/);
    });

    it("a stack's own Routes: the second one for a host is next in line, and has it when the first goes", async () => {
        const route = (where: string, mark: string): KubeObject => ({
            apiVersion: "route.openshift.io/v1",
            kind: "Route",
            metadata: { name: "shop-web", namespace: where, annotations: { [MARK]: mark } },
            spec: { host: "web.apps.example.com", to: { kind: "Service", name: "istio-ingressgateway" } },
        });
        const gate = (where: string) =>
            stackRoutesGate({
                hosts: [{ host: "web.apps.example.com", namespace: where, name: "shop-web" }],
                mark: STACK,
                timeoutSeconds: 60,
            });
        await kube.create(route(MESH, STACK));
        await pass(gate(MESH));
        await kube.create(route(INGRESS, STACK));
        const { lines } = await pass(gate(INGRESS));
        assert.match(lines.at(-1) ?? "", /handed over when the old one goes/);
        await kube.delete({ apiVersion: "route.openshift.io/v1", kind: "Route", namespace: MESH, name: "shop-web" });
        const after = await pass(gate(INGRESS));
        assert.ok(after.lines.some((l) => /1 host has its Route/.test(l)));
        await kube.create(route("shop", "organization/mesh/other"));
        await assert.rejects(
            pass(
                stackRoutesGate({
                    hosts: [{ host: "web.apps.example.com", namespace: "shop", name: "shop-web" }],
                    mark: "organization/mesh/other",
                    timeoutSeconds: 60,
                }),
            ),
            new RegExp(`The host is held by Route ${INGRESS}/shop-web`),
        );
    });
});
