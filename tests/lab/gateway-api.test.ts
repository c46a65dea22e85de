import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { Kube, type KubeObject } from "../../kube";
import { down, type Lab, up } from "../../lab";
import { found, objects, recorded } from "./gateway-api/recording";
import { cni, deployOperator, ISTIO, istio, namespace, TAG, tag, until } from "./sail/operator";

const NAME = `gateway-api-${process.pid}`;
const API = "gateway.networking.k8s.io/v1";
const GATEWAY = { apiVersion: API, kind: "Gateway", namespace: "gw" };
const ROUTE = { apiVersion: API, kind: "HTTPRoute", namespace: "apps" };
const CLASS = { apiVersion: API, kind: "GatewayClass" };
const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment", namespace: "gw" };
const SERVICE = { apiVersion: "v1", kind: "Service", namespace: "gw" };
const HPA = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", namespace: "gw" };
const DISCOVERED = { "istio-discovery": "m" };

describe("Gateway API stand-in: as recorded from istiod 1.27.9", function () {
    this.timeout(90_000);
    let lab: Lab;
    let kube: Kube;

    before(async function () {
        // The first start on a machine may build the control plane.
        this.timeout(20 * 60_000);
        const settings = {
            openshift: "4.18",
            timeScale: 0.05,
            dataplane: { enabled: false },
            seed: { gatewayApi: true, scenario: false },
            sail: { flicker: "none" },
        } as const;
        lab = await up({ name: NAME, settings, endsWith: process.pid });
        kube = Kube.load({ kubeconfig: lab.kubeconfig });
        await deployOperator(kube);
        for (const object of [namespace("istio-system", DISCOVERED), namespace("istio-cni"), cni()]) {
            await kube.create(object);
        }
        await controlPlane("default", "v1.27.9");
    });

    after(() => down(NAME));

    const controlPlane = async (name: string, version: string): Promise<void> => {
        const values = { meshConfig: { discoverySelectors: [{ matchLabels: DISCOVERED }] } };
        await kube.create(istio({ namespace: "istio-system", version, values }, name));
        await healthy(name);
    };
    const healthy = (name: string): Promise<void> =>
        until(`Istio ${name}`, async () => {
            const object = await kube.get({ ...ISTIO, name });
            return (
                object?.status?.state === "Healthy" && object.status.observedGeneration === object.metadata.generation
            );
        });
    const get = async (ref: typeof GATEWAY, name: string): Promise<KubeObject> => (await kube.get({ ...ref, name }))!;
    const parents = async (name: string): Promise<any[]> => (await get(ROUTE, name)).status.parents;
    const programmed = ({ status }: KubeObject): string =>
        status.conditions.find(({ type }: { type: string }) => type === "Programmed").status;
    const gateway = (name: string, more: object = {}): KubeObject => ({
        ...GATEWAY,
        metadata: { name, namespace: "gw", annotations: { "networking.istio.io/service-type": "ClusterIP" } },
        spec: { gatewayClassName: "istio", listeners: [{ name: "http", port: 80, protocol: "HTTP" }], ...more },
    });

    it("makes the same of the same objects, and says the same of them", async () => {
        for (const object of await objects()) {
            await kube.create(object);
        }
        const then = recorded();
        let now = await found(kube);
        await until("everything", async () => isDeepStrictEqual((now = await found(kube)), then), 20_000).catch(
            () => undefined,
        );
        deepEqual(Object.keys(now).sort(), Object.keys(then).sort());
        for (const key of Object.keys(then)) {
            deepEqual(now[key], then[key], key);
        }
    });

    it("says in the log, and nowhere else, what is wrong with a Gateway's ConfigMap", () => {
        const log = readFileSync(`${lab.home}/logs/daemon.log`, "utf8");
        match(log, /Gateway gw\/noparams: .*configmap "gw\/none", but configmap does not exist/);
        match(log, /Gateway gw\/badkey: .*unsupported overlay "deploy"/);
    });

    it("what somebody scales stays scaled; what is deleted comes again; what the Gateway says is followed", async () => {
        await kube.mergePatch({ ...DEPLOYMENT, name: "main-istio" }, { spec: { replicas: 3 } });
        const { uid } = (await get(DEPLOYMENT, "two-istio")).metadata;
        await kube.delete({ ...DEPLOYMENT, name: "two-istio" });
        await kube.mergePatch(
            { ...GATEWAY, name: "main" },
            { metadata: { annotations: { "networking.istio.io/service-type": "NodePort" } } },
        );
        await kube.mergePatch(
            { apiVersion: "v1", kind: "ConfigMap", namespace: "gw", name: "params" },
            { data: { horizontalPodAutoscaler: "spec:\n  minReplicas: 3\n  maxReplicas: 5\n" } },
        );
        await until("the Deployment again", async () => {
            const again = await kube.get({ ...DEPLOYMENT, name: "two-istio" });
            return again !== undefined && again.metadata.uid !== uid;
        });
        await until("a NodePort", async () => (await get(SERVICE, "main-istio")).spec.type === "NodePort");
        await until("the autoscaler", async () => (await get(HPA, "infra-istio")).spec.minReplicas === 3);
        equal((await get(DEPLOYMENT, "main-istio")).spec.replicas, 3);
    });

    it("of a namespace that is left out of discovery nothing new is said", async () => {
        await kube.mergePatch(APPS, { metadata: { labels: { "istio-discovery": null } } });
        await until("a route less", async () => {
            const { listeners } = (await get(GATEWAY, "main")).status;
            return listeners[0].attachedRoutes === 1;
        });
        equal((await parents("good"))[0].conditions[0].status, "True");
        await kube.mergePatch(APPS, { metadata: { labels: DISCOVERED } });
        await until(
            "the routes again",
            async () => (await get(GATEWAY, "main")).status.listeners[0].attachedRoutes === 6,
        );
    });

    it("another revision serves the Gateways and speaks of the routes that name it", async () => {
        equal(programmed(await get(GATEWAY, "otherrev")), "Unknown");
        await controlPlane("other", "v1.27.9");
        await until("the other's Gateway", async () => programmed(await get(GATEWAY, "otherrev")) === "True");
        const { metadata } = (await get(DEPLOYMENT, "otherrev-istio")).spec.template;
        equal(metadata.annotations["istio.io/rev"], "other");
        // Its route is of a namespace of the default revision, which does not know that Gateway for its own.
        deepEqual(await parents("torev"), []);
        await kube.mergePatch({ ...ROUTE, name: "torev" }, { metadata: { labels: { "istio.io/rev": "other" } } });
        await until("the route of the other's Gateway", async () => (await parents("torev")).length === 1);
    });

    it("who is named by a tag serves, until the tag means another one", async () => {
        await kube.create(tag("stable", "default"));
        const { metadata, ...rest } = gateway("tagged");
        await kube.create({ ...rest, metadata: { ...metadata, labels: { "istio.io/rev": "stable" } } });
        const servedBy = async () =>
            (await kube.get({ ...DEPLOYMENT, name: "tagged-istio" }))?.spec.template.metadata.annotations[
                "istio.io/rev"
            ];
        await until("the default's pods", async () => (await servedBy()) === "default");
        await kube.mergePatch({ ...TAG, name: "stable" }, { spec: { targetRef: { kind: "Istio", name: "other" } } });
        await until("the other's pods", async () => (await servedBy()) === "other");
        await kube.delete({ ...TAG, name: "stable" });
    });

    it("a deleted Gateway takes away what was made for it; its routes have no parent any more", async () => {
        await kube.delete({ ...GATEWAY, name: "main" });
        const made = [DEPLOYMENT, SERVICE, { ...SERVICE, kind: "ServiceAccount" }];
        for (const kind of made) {
            await until(`no ${kind.kind}`, async () => (await kube.get({ ...kind, name: "main-istio" })) === undefined);
        }
        await until("no parents", async () => (await parents("good")).length === 0);
    });

    it("its classes are made anew when they are deleted, and stay when the control plane goes, as Gateways do", async () => {
        const { uid } = (await kube.get({ ...CLASS, name: "istio" }))!.metadata;
        await kube.delete({ ...CLASS, name: "istio" });
        await until("the class again", async () => {
            const again = await kube.get({ ...CLASS, name: "istio" });
            return again !== undefined && again.metadata.uid !== uid;
        });
        await kube.delete({ ...ISTIO, name: "other" });
        await until("the other control plane gone", async () => {
            const istiod = { ...DEPLOYMENT, namespace: "istio-system", name: "istiod-other" };
            return (await kube.get(istiod)) === undefined;
        });
        equal(programmed(await get(GATEWAY, "otherrev")), "True");
        ok(await kube.get({ ...DEPLOYMENT, name: "otherrev-istio" }));
    });

    it("Istio 1.24 goes by no ConfigMap", async () => {
        await kube.mergePatch(ISTIO, { spec: { version: "v1.24.6" } });
        await healthy("default");
        const parametersRef = { group: "", kind: "ConfigMap", name: "params" };
        await kube.create(gateway("old", { infrastructure: { parametersRef } }));
        await until("the old one's Gateway", async () => programmed(await get(GATEWAY, "old")) === "True");
        equal(await kube.get({ ...HPA, name: "old-istio" }), undefined);
        const [container] = (await get(DEPLOYMENT, "old-istio")).spec.template.spec.containers;
        equal(container.resources.limits.cpu, "2");
    });
});

const APPS = { apiVersion: "v1", kind: "Namespace", name: "apps" };
