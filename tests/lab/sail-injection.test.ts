import { deepEqual, equal, ok } from "node:assert/strict";
import type { Kube, KubeObject } from "../../kube";
import {
    cni,
    deployOperator,
    ISTIO,
    istio,
    namespace,
    refusal,
    removeMesh,
    removeNamespaces,
    removeOperator,
    tag,
    until,
} from "./sail/operator";
import { withLab } from "./with-lab";

const POD = { apiVersion: "v1", kind: "Pod" };
const ASKS = { "sidecar.istio.io/inject": "true" };
const [BY_LABEL, BY_REV, BY_TAG, OUTSIDE] = ["inj-enabled", "inj-rev", "inj-tag", "inj-outside"];
const NAMESPACES = ["istio-system", "istio-cni", BY_LABEL, BY_REV, BY_TAG, OUTSIDE];

interface Told {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    image?: string;
    container?: string;
}

describe("Sail stand-in: the injector of a revision", function () {
    this.timeout(90_000);
    const lab = withLab({ openshift: "4.18", sail: { flicker: "none" } });
    let kube: Kube;
    let count = 0;

    before(async () => {
        ({ kube } = lab());
        await deployOperator(kube);
        for (const name of ["istio-system", "istio-cni", OUTSIDE]) {
            await kube.create(namespace(name));
        }
        await kube.create(namespace(BY_LABEL, { "istio-injection": "enabled" }));
        await kube.create(namespace(BY_REV, { "istio.io/rev": "canary" }));
        await kube.create(namespace(BY_TAG, { "istio.io/rev": "prod" }));
        await kube.create(cni());
        await kube.create(mesh("default", "disabled"));
        await kube.create(mesh("canary", "enabled"));
        await kube.create(tag("prod", "canary"));
        await healthy("default");
        await healthy("canary");
        await until("the injectors to answer", async () => {
            const pods = [BY_LABEL, BY_REV, BY_TAG].map((name) => () => make(name, {}, true));
            return (await Promise.all(pods.map(refusal))).every((said) => said === undefined);
        });
    });

    after(async () => {
        await removeMesh(kube);
        await removeNamespaces(kube, NAMESPACES);
        await removeOperator(kube);
    });

    function mesh(name: string, autoInject: string): KubeObject {
        return istio({ namespace: "istio-system", values: { global: { proxy: { autoInject } } } }, name);
    }

    const healthy = (name: string) =>
        until(`Istio ${name}`, async () => (await kube.get({ ...ISTIO, name }))?.status?.state === "Healthy");

    function make(within: string, { labels, annotations, image, container = "app" }: Told, dryRun = false) {
        const metadata = { name: `pod-${++count}`, namespace: within, labels, annotations };
        const containers = [{ name: container, image: image ?? "registry.example.com/app" }];
        return kube.create({ ...POD, metadata, spec: { containers } }, { dryRun });
    }

    const proxyOf = (pod: KubeObject) => pod.spec.containers.find(({ name }: any) => name === "istio-proxy");
    const revisionOf = (pod: KubeObject) =>
        proxyOf(pod) && JSON.parse(pod.metadata.annotations!["sidecar.istio.io/status"]).revision;

    it("with autoInject disabled a pod asks by its label, or gets none", async () => {
        equal(revisionOf(await make(BY_LABEL, { labels: ASKS })), "default");
        equal(proxyOf(await make(BY_LABEL, {})), undefined);
        equal(proxyOf(await make(BY_LABEL, { labels: { "sidecar.istio.io/inject": "false" } })), undefined);
    });

    it("outside the mesh the annotation asks nobody, and the label only the revision default (trap 37)", async () => {
        equal(proxyOf(await make(OUTSIDE, { annotations: ASKS })), undefined);
        equal(revisionOf(await make(OUTSIDE, { labels: ASKS })), "default");
        equal(revisionOf(await make(OUTSIDE, { labels: { "istio.io/rev": "canary" } })), "canary");
    });

    it("a namespace names a revision, or a tag of it; ignore-namespace means nothing to it", async () => {
        equal(revisionOf(await make(BY_REV, {})), "canary");
        equal(revisionOf(await make(BY_TAG, {})), "canary");
        const ignored = { metadata: { labels: { "maistra.io/ignore-namespace": "true" } } };
        await kube.mergePatch({ apiVersion: "v1", kind: "Namespace", name: BY_REV }, ignored);
        equal(revisionOf(await make(BY_REV, {})), "canary");
    });

    it("a pod has what istiod leaves on it", async () => {
        const pod = await make(BY_REV, { labels: { app: "sample", version: "v2" } });
        const { labels = {}, annotations = {} } = pod.metadata;
        equal(labels["service.istio.io/canonical-name"], "sample");
        equal(labels["service.istio.io/canonical-revision"], "v2");
        equal(labels["security.istio.io/tlsMode"], "istio");
        equal(annotations["istio.io/rev"], "canary");
        equal(annotations["k8s.v1.cni.cncf.io/networks"], "default/istio-cni");
        const { containers, initContainers, imagePullSecrets } = JSON.parse(annotations["sidecar.istio.io/status"]);
        deepEqual([containers, initContainers, imagePullSecrets], [["istio-proxy"], ["istio-validation"], null]);
        ok(proxyOf(pod).args.includes("sidecar"));
        ok(proxyOf(pod).env.some(({ value }: any) => value === "istiod-canary.istio-system.svc:15012"));
    });

    it("a Deployment's name is its pods' name where no label says another", async () => {
        const labels = { run: "it" };
        const template = {
            metadata: { labels },
            spec: { containers: [{ name: "app", image: "registry.example.com/a" }] },
        };
        const metadata = { name: "nameless", namespace: BY_REV };
        await kube.create({
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata,
            spec: { selector: { matchLabels: labels }, template },
        });
        await until("its pod", async () => {
            const [pod] = await kube.list(POD, { namespace: BY_REV, labelSelector: "run=it" });
            return pod?.metadata.labels?.["service.istio.io/canonical-name"] === "nameless";
        });
    });

    it("a gateway's image is filled in, and without an injector it never starts", async () => {
        const told = {
            labels: { ...ASKS, istio: "ingressgateway" },
            annotations: { "inject.istio.io/templates": "gateway" },
            image: "auto",
            container: "istio-proxy",
        };
        const gateway = await make(BY_LABEL, told);
        equal(gateway.spec.containers.length, 1);
        equal(gateway.spec.initContainers, undefined);
        ok(proxyOf(gateway).image.includes("istio-proxyv2-rhel9:v1.27.9"), proxyOf(gateway).image);
        ok(proxyOf(gateway).args.includes("router"));
        equal(revisionOf(gateway), "default");
        const { "sidecar.istio.io/inject": _, ...silent } = told.labels;
        const stuck = await make(OUTSIDE, { ...told, labels: silent });
        equal(proxyOf(stuck).image, "auto");
        const waiting = async () => {
            const pod = await kube.get({ ...POD, namespace: OUTSIDE, name: stuck.metadata.name });
            return pod?.status?.containerStatuses?.[0].state.waiting?.reason;
        };
        await until("it to fail", async () => ["ErrImagePull", "ImagePullBackOff"].includes((await waiting()) ?? ""));
    });

    it("a template that is not there is refused", async () => {
        const said = await refusal(() => make(BY_REV, { annotations: { "inject.istio.io/templates": "nosuch" } }));
        ok(said?.includes('requested template "nosuch" not found'), said);
    });

    it("native sidecars, as on later Kubernetes", async () => {
        await lab().lab.set({ sail: { nativeSidecars: true } });
        const pod = await make(BY_REV, {});
        await lab().lab.set({ sail: { nativeSidecars: false } });
        equal(proxyOf(pod), undefined);
        const proxy = pod.spec.initContainers.find(({ name }: any) => name === "istio-proxy");
        equal(proxy.restartPolicy, "Always");
    });

    it("while istiod does not answer its pods and Istio's objects are refused", async () => {
        await lab().lab.set({ sail: { injectorDown: true } });
        await until(
            "a refusal",
            async () => (await refusal(() => make(BY_LABEL, { labels: ASKS }, true))) !== undefined,
        );
        const said = await refusal(() => make(BY_LABEL, { labels: ASKS }));
        ok(said?.includes('failed calling webhook "namespace.sidecar-injector.istio.io"'), said);
        const permissive = { mtls: { mode: "PERMISSIVE" } };
        const metadata = { name: "mesh-wide", namespace: "istio-system" };
        const policy = { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata, spec: permissive };
        const told = await refusal(() => kube.create(policy));
        ok(told?.includes('failed calling webhook "validation.istio.io"'), told);
        equal(proxyOf(await make(OUTSIDE, {})), undefined, "who asks for nothing is not kept waiting");
        await lab().lab.set({ sail: { injectorDown: false } });
        await until(
            "an answer",
            async () => (await refusal(() => make(BY_LABEL, { labels: ASKS }, true))) === undefined,
        );
        await kube.create(policy);
    });

    it("goes on without the operator", async () => {
        await removeOperator(kube);
        equal(revisionOf(await make(BY_REV, {})), "canary");
        await deployOperator(kube);
    });
});
