import { equal, ok } from "node:assert/strict";
import type { Kube } from "../../kube";
import { cni, ISTIO, istio, namespace, refusal, removeMesh, removeNamespaces, until } from "./sail/operator";
import { withLab } from "./with-lab";

const OLM = "operators.coreos.com/v1alpha1";
const OPERATORS = "openshift-operators";
const PACKAGE = "servicemeshoperator3";
const SUBSCRIPTION = { apiVersion: OLM, kind: "Subscription", namespace: OPERATORS, name: PACKAGE };
const [OLD, HEAD] = [`${PACKAGE}.v3.1.12`, `${PACKAGE}.v3.2.9`];
const MESH = "olm-mesh";
/** OLM takes its time, and more of it on a busy machine. */
const OLM_MS = 90_000;

/** From the catalogue to a mesh: the steps build on each other. */
describe("Service Mesh 3 from the catalogue of OpenShift 4.18", function () {
    this.timeout(180_000);
    this.bail(true);
    const lab = withLab({ openshift: "4.18" });
    let kube: Kube;

    before(() => {
        ({ kube } = lab());
    });

    after(async () => {
        await removeMesh(kube);
        await removeNamespaces(kube, [MESH, "istio-cni"]);
        await kube.delete(SUBSCRIPTION);
        for (const name of [OLD, HEAD]) {
            await kube.delete({ apiVersion: OLM, kind: "ClusterServiceVersion", namespace: OPERATORS, name });
        }
    });

    const phase = async (name: string) =>
        (await kube.get({ apiVersion: OLM, kind: "ClusterServiceVersion", namespace: OPERATORS, name }))?.status?.phase;
    const subscribe = (spec: object) =>
        kube.create({
            apiVersion: OLM,
            kind: "Subscription",
            metadata: { name: PACKAGE, namespace: OPERATORS },
            spec: { name: PACKAGE, source: "redhat-operators", sourceNamespace: "openshift-marketplace", ...spec },
        });

    it("release 3.1 brings Istio's kinds, and no version later than 1.26 (trap 34)", async () => {
        await subscribe({ channel: "stable-3.1" });
        await until("3.1", async () => (await phase(OLD)) === "Succeeded", OLM_MS);
        const served = await kube.groupVersions();
        for (const group of ["sailoperator.io/v1", "networking.istio.io/v1", "security.istio.io/v1"]) {
            ok(served.includes(group), group);
        }
        await kube.create(namespace(MESH));
        await kube.create(namespace("istio-cni"));
        const said = await refusal(() => kube.create(istio({ namespace: MESH, version: "v1.27.9" })));
        ok(said?.includes('Unsupported value: "v1.27.9"'), said);
        await kube.create(istio({ namespace: MESH }));
        await kube.create(cni());
        await until("the mesh", async () => (await kube.get(ISTIO))?.status?.state === "Healthy");
        equal((await kube.get(ISTIO))?.spec.version, "v1.26.8");
    });

    it("release 3.2 takes its place, and its kinds know more versions", async () => {
        await kube.mergePatch(SUBSCRIPTION, { spec: { channel: "stable-3.2" } });
        const replaced = async () => (await phase(HEAD)) === "Succeeded" && (await phase(OLD)) === undefined;
        await until("3.2", replaced, OLM_MS);
        await kube.mergePatch(ISTIO, { spec: { version: "v1.27.9" } });
        const image = async () => {
            const istiod = await kube.get({
                apiVersion: "apps/v1",
                kind: "Deployment",
                namespace: MESH,
                name: "istiod",
            });
            return istiod?.spec.template.spec.containers[0].image;
        };
        await until("the new image", async () => (await image())?.endsWith("v1.27.9"));
        await until("the mesh", async () => {
            const { metadata, status } = (await kube.get(ISTIO))!;
            return status?.observedGeneration === metadata.generation && status?.state === "Healthy";
        });
    });

    it("Tempo and OpenTelemetry come from there too, into namespaces of their own", async () => {
        for (const [name, home] of [
            ["tempo-product", "openshift-tempo-operator"],
            ["opentelemetry-product", "openshift-opentelemetry-operator"],
        ]) {
            await kube.create(namespace(home));
            const group = { apiVersion: "operators.coreos.com/v1", kind: "OperatorGroup" };
            await kube.create({ ...group, metadata: { name: home, namespace: home }, spec: {} });
            const spec = {
                name,
                channel: "stable",
                source: "redhat-operators",
                sourceNamespace: "openshift-marketplace",
            };
            await kube.create({ apiVersion: OLM, kind: "Subscription", metadata: { name, namespace: home }, spec });
            const installed = async () => {
                const csvs = await kube.list({ apiVersion: OLM, kind: "ClusterServiceVersion" }, { namespace: home });
                const short = name.replace("-product", "-operator");
                return csvs.some(
                    ({ metadata, status }) => metadata.name.startsWith(short) && status?.phase === "Succeeded",
                );
            };
            await until(name, installed, OLM_MS);
        }
        await removeNamespaces(kube, ["openshift-tempo-operator", "openshift-opentelemetry-operator"]);
    });
});
