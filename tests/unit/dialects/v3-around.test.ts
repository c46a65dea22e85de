import assert from "node:assert/strict";
import { v3 } from "../../../dialects/v3";
import { config, named, specOf } from "./v3-sample";

describe("dialect 3: the gateway", () => {
    const kinds = (controlPlane: object) => v3.gatewayPieces(config(controlPlane)).map(({ kind }) => kind);
    const deployment = (controlPlane: object) => specOf(v3.gatewayPieces(config(controlPlane)), "Deployment");

    it("gets its proxy by injection, from a namespace of its own", () => {
        assert.deepEqual(deployment({ gateways: { ingress: { limits: { cpu: "1" } } } }), {
            replicas: 1,
            selector: { matchLabels: { istio: "ingressgateway" } },
            template: {
                metadata: {
                    labels: {
                        app: "istio-ingressgateway",
                        istio: "ingressgateway",
                        "sidecar.istio.io/inject": "true",
                    },
                    annotations: { "inject.istio.io/templates": "gateway", "openshift-mesh/revision": "default" },
                },
                spec: {
                    serviceAccountName: "istio-ingressgateway",
                    containers: [{ name: "istio-proxy", image: "auto", resources: { limits: { cpu: "1" } } }],
                },
            },
        });
        const pieces = v3.gatewayPieces(config({ gateways: { ingress: { namespace: "way-in" } } }));
        assert.ok(pieces.every(({ metadata }) => metadata.namespace === "way-in"));
    });

    it("is found by its Service, which names the ports that Routes lead to", () => {
        const { ports, selector } = specOf(v3.gatewayPieces(config()), "Service");
        const { service, ports: led, selector: selected, principal } = v3.gateway(config());
        assert.equal(service, "istio-ingressgateway");
        assert.deepEqual(selector, selected);
        assert.deepEqual(
            ports.map((p: any) => [p.name, p.port, p.targetPort]),
            [
                ["status-port", 15021, 15021],
                ["http2", 80, 8080],
                ["https", 443, 8443],
            ],
        );
        assert.ok(Object.values(led).every((name) => ports.some((p: any) => p.name === name)));
        assert.equal(principal, "cluster.local/ns/istio-system-ingress/sa/istio-ingressgateway");
    });

    it("grows and stays only where that is asked for", () => {
        assert.ok(!kinds({}).includes("HorizontalPodAutoscaler"));
        assert.ok(!kinds({}).includes("PodDisruptionBudget"));
        const ingress = { autoscale: true, replicas: { min: 2 }, minAvailable: 1 };
        const pieces = v3.gatewayPieces(config({ gateways: { ingress } }));
        assert.equal(specOf(pieces, "Deployment").replicas, undefined, "what is scaled is not counted here");
        const { minReplicas, maxReplicas } = specOf(pieces, "HorizontalPodAutoscaler");
        assert.deepEqual([minReplicas, maxReplicas], [2, 5]);
        assert.deepEqual(specOf(pieces, "PodDisruptionBudget"), {
            minAvailable: 1,
            selector: { matchLabels: { istio: "ingressgateway" } },
        });
    });

    it("keeps its pods apart as far as that is asked for", () => {
        const term = {
            labelSelector: { matchLabels: { istio: "ingressgateway" } },
            topologyKey: "kubernetes.io/hostname",
        };
        const affinity = (antiAffinity: string) =>
            specOf(v3.gatewayPieces(config({ gateways: { ingress: { antiAffinity } } })), "Deployment").template.spec
                .affinity?.podAntiAffinity;
        assert.equal(affinity("none"), undefined);
        assert.deepEqual(affinity("preferred"), {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }],
        });
        assert.deepEqual(affinity("required"), { requiredDuringSchedulingIgnoredDuringExecution: [term] });
    });

    it("is never asked to have more pods at least than at most", () => {
        const scaler = specOf(
            v3.gatewayPieces(config({ gateways: { ingress: { autoscale: true, replicas: { min: 7 } } } })),
            "HorizontalPodAutoscaler",
        );
        assert.deepEqual([scaler.minReplicas, scaler.maxReplicas], [7, 7]);
    });

    it("lets everybody in, and reads certificates in its own namespace", () => {
        const pieces = v3.gatewayPieces(config());
        const open = pieces.find(({ metadata, kind }) => kind === "NetworkPolicy" && /gateway/.test(metadata.name));
        assert.deepEqual((open?.body.spec as any).ingress, [{}]);
        const role = pieces.find(({ kind }) => kind === "Role");
        assert.deepEqual(role?.body.rules, [
            { apiGroups: [""], resources: ["secrets"], verbs: ["get", "watch", "list"] },
        ]);
    });
});

describe("dialect 3: members", () => {
    it("join by labels: one to be known, one for their pods' sidecars, one that keeps 2.6 away", () => {
        assert.deepEqual(v3.memberLabels(config()), {
            known: { "istio-discovery": "default" },
            injected: { "istio-injection": "enabled" },
            leaving: { "maistra.io/ignore-namespace": "true" },
        });
        assert.deepEqual(v3.memberLabels(config({ name: "shop" }))?.injected, { "istio.io/rev": "shop" });
    });

    it("are as closed as in earlier generations, and mean the same by an exception (trap 37)", () => {
        const pieces = v3.memberPieces(config(), { namespace: "shop", withoutSidecar: [] });
        assert.deepEqual(named(pieces), [
            "NetworkPolicy istio-mesh",
            "NetworkPolicy istio-expose-route",
            "NetworkPolicy istio-monitoring",
            "PodMonitor istio-proxies",
        ]);
        const [inMesh, exposed] = pieces.map(({ body }) => body.spec as any);
        assert.deepEqual(inMesh.podSelector, {});
        assert.deepEqual(inMesh.ingress, [
            { from: [{ namespaceSelector: { matchLabels: { "istio-discovery": "default" } } }] },
        ]);
        assert.deepEqual(exposed.podSelector, { matchLabels: { "maistra.io/expose-route": "true" } });
        assert.deepEqual(exposed.ingress, [
            { from: [{ namespaceSelector: { matchLabels: { "network.openshift.io/policy-group": "ingress" } } }] },
        ]);
    });

    it("are spoken to in plain text where there is no sidecar", () => {
        const pieces = v3.memberPieces(config(), { namespace: "shop", withoutSidecar: ["el-cart"] });
        assert.deepEqual(specOf(pieces, "DestinationRule"), {
            host: "el-cart.shop.svc.cluster.local",
            trafficPolicy: { tls: { mode: "DISABLE" } },
        });
    });

    it("ask for sidecars by label, which alone is read (trap 37)", () => {
        assert.deepEqual(v3.sidecar(config()).labels, { "sidecar.istio.io/inject": "true" });
    });

    it("get their pods made anew for another revision, whose sidecar they would not have otherwise", () => {
        const updateStrategy = { type: "RevisionBased" };
        const noted = (version: string) => v3.sidecar(config({ version, updateStrategy })).annotations;
        assert.notDeepEqual(noted("v1.27.9"), noted("v1.26.8"));
        assert.deepEqual(v3.sidecar(config({ version: "v1.27.9" })), v3.sidecar(config({ version: "v1.26.8" })));
    });
});
