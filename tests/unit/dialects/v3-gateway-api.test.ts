import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { loadConfig } from "../../../config/load";
import type { MeshConfig } from "../../../config/schema";
import type { Piece } from "../../../dialects";
import { v3 } from "../../../dialects/v3";
import { renderConfig } from "../../../render/render";
import { problemsOf, sample } from "../config/sample";
import { config, named, specOf } from "./v3-sample";
import { asked, type Wish, wishes } from "./wishes";

const api = "gateway-api";
const NS = "istio-system-ingress";

/** The pieces of a gateway by the Gateway API. */
function pieces(ingress: object = {}, more: object = {}): Piece[] {
    return v3.gatewayPieces(config({ ...more, gateways: { ingress: { api, ...ingress } } }));
}

const one = (all: Piece[], kind: string): Piece => {
    const found = all.filter((piece) => piece.kind === kind);
    assert.equal(found.length, 1, named(all).join(", "));
    return found[0];
};

describe("dialect 3: the gateway by the Gateway API", () => {
    it("is one Gateway, which the control plane makes the rest of", () => {
        assert.deepEqual(named(pieces()), [
            "NetworkPolicy istio-mesh",
            "NetworkPolicy istio-expose-route",
            "NetworkPolicy istio-monitoring",
            "NetworkPolicy istio-ingressgateway-istio",
            "Gateway istio-ingressgateway",
            "PodMonitor istio-proxies",
        ]);
        const { metadata, body } = one(pieces(), "Gateway");
        assert.deepEqual(metadata, {
            name: "istio-ingressgateway",
            namespace: NS,
            labels: { app: "istio-ingressgateway" },
            annotations: { "networking.istio.io/service-type": "ClusterIP" },
        });
        const spec = body.spec as any;
        assert.equal(spec.gatewayClassName, "istio");
        assert.deepEqual(spec.infrastructure, {
            labels: { app: "istio-ingressgateway" },
            annotations: { "openshift-mesh/revision": "default" },
        });
        assert.deepEqual(spec.listeners[0].allowedRoutes.namespaces.selector.matchLabels, {
            "istio-discovery": "default",
        });
    });

    it("is known by what istiod calls things: Service, identity, pods", () => {
        const entry = v3.gateway(config({ gateways: { ingress: { api } } }));
        assert.deepEqual(
            [entry.namespace, entry.service, entry.principal],
            [NS, "istio-ingressgateway-istio", `cluster.local/ns/${NS}/sa/istio-ingressgateway-istio`],
        );
        assert.equal(entry.successorOf, v3.gateway(config()).principal, "whoever asks while it changes is let in");
        assert.deepEqual(entry.ports, { plain: 80, tls: 443 });
        const open = pieces().find(({ metadata }) => metadata.name === entry.service && metadata.namespace === NS);
        assert.deepEqual((open?.body.spec as any).podSelector.matchLabels, entry.selector);
        assert.deepEqual((open?.body.spec as any).ingress, [{}]);
    });

    it("asks for its control plane by the label that namespaces are labelled with, where that is one of revisions", () => {
        const rev = (controlPlane: object) =>
            one(pieces({}, controlPlane), "Gateway").metadata.labels?.["istio.io/rev"];
        assert.equal(rev({}), undefined, "nobody else is called default");
        assert.equal(rev({ name: "shop" }), "shop");
        const updateStrategy = { type: "RevisionBased" };
        assert.equal(rev({ version: "v1.27.9", updateStrategy }), "default-tag");
        const noted = (version: string) =>
            (one(pieces({}, { version, updateStrategy }), "Gateway").body.spec as any).infrastructure.annotations;
        assert.notDeepEqual(noted("v1.27.9"), noted("v1.26.8"));
    });

    it("has the size that is asked for, of which the Gateway's own text tells", () => {
        const sized = pieces({ limits: { cpu: "1" }, replicas: { min: 2 }, minAvailable: 1 });
        const parameters = one(sized, "ConfigMap");
        assert.deepEqual(parse((parameters.body.data as any).deployment), {
            spec: {
                replicas: 2,
                template: { spec: { containers: [{ name: "istio-proxy", resources: { limits: { cpu: "1" } } }] } },
            },
        });
        const gateway = one(sized, "Gateway");
        assert.deepEqual(gateway.after, [parameters.name], "istiod makes nothing while they are missing");
        const { infrastructure } = gateway.body.spec as any;
        assert.deepEqual(infrastructure.parametersRef, {
            group: "",
            kind: "ConfigMap",
            name: parameters.metadata.name,
        });
        const digestOf = (ingress: object) =>
            (one(pieces(ingress), "Gateway").body.spec as any).infrastructure.annotations["openshift-mesh/parameters"];
        assert.notEqual(digestOf({ limits: { cpu: "1" } }), digestOf({ limits: { cpu: "2" } }));
        assert.deepEqual(specOf(sized, "PodDisruptionBudget").selector.matchLabels, {
            "gateway.networking.k8s.io/gateway-name": "istio-ingressgateway",
        });
    });

    it("what is scaled by its load is not counted in its parameters", () => {
        const scaled = pieces({ autoscale: true, replicas: { min: 2, max: 4 } });
        assert.ok(!named(scaled).some((name) => name.startsWith("ConfigMap")));
        const { scaleTargetRef, minReplicas, maxReplicas } = specOf(scaled, "HorizontalPodAutoscaler");
        assert.deepEqual([scaleTargetRef.name, minReplicas, maxReplicas], ["istio-ingressgateway-istio", 2, 4]);
    });

    it("shares no object with a gateway by injection that has to be another one: both stand while one takes over", () => {
        const all = { autoscale: true, replicas: { min: 2 }, minAvailable: 1 };
        const text = (list: Piece[]) =>
            new Map(list.map((piece) => [`${piece.kind} ${piece.metadata.name}`, JSON.stringify(piece.body)]));
        const [injected, ofApi] = [v3.gatewayPieces(config({ gateways: { ingress: all } })), pieces(all)].map(text);
        for (const [name, body] of ofApi) {
            assert.ok(!injected.has(name) || injected.get(name) === body, name);
        }
    });
});

describe("dialect 3: what istiod before 1.26 cannot be told of a gateway by the Gateway API", () => {
    const refused = (ingress: object, more: Record<string, unknown> = {}) =>
        problemsOf(
            sample({ generation: "3", controlPlane: { gateways: { ingress: { api, ...ingress } } }, ...more }),
        ).map(({ key }) => key.replace("mesh:controlPlane.", ""));
    const old = { "controlPlane.version": "v1.24.6" };
    const at = "gateways.ingress";

    it("its resources and a number of pods, by name", () => {
        assert.deepEqual(refused({ limits: { cpu: "1" }, replicas: { min: 2 } }, old), [
            `${at}.limits`,
            `${at}.replicas.min`,
        ]);
    });

    it("also where only the operator's release says which Istio it is", () => {
        const operator = (given: object) => ({ "operators.servicemesh": given });
        const ingress = { requests: { cpu: "1" } };
        assert.deepEqual(refused(ingress, operator({ channel: "stable-3.0" })), [`${at}.requests`]);
        const startingCSV = "servicemeshoperator3.v3.0.4";
        assert.deepEqual(refused(ingress, operator({ startingCSV })), [`${at}.requests`]);
        assert.deepEqual(refused(ingress, operator({ channel: "stable-3.1" })), []);
        assert.deepEqual(refused(ingress), [], "the newest is taken");
    });

    it("keeps its pods apart by parameters", () => {
        const parameters = one(pieces({ antiAffinity: "required" }), "ConfigMap").body.data as any;
        const [term] = parse(parameters.deployment).spec.template.spec.affinity.podAntiAffinity
            .requiredDuringSchedulingIgnoredDuringExecution;
        assert.deepEqual(term.labelSelector.matchLabels, {
            "gateway.networking.k8s.io/gateway-name": "istio-ingressgateway",
        });
        assert.deepEqual(refused({ antiAffinity: "preferred" }, old), [`${at}.antiAffinity`]);
    });

    it("what needs no parameters is taken", () => {
        assert.deepEqual(refused({ autoscale: true, replicas: { min: 2 }, minAvailable: 1 }, old), []);
    });
});

describe("the same wish, by Istio's kinds and by the Gateway API", () => {
    const both = (wish: Wish): MeshConfig[] => {
        const { gateways, ...controlPlane } = wish.controlPlane as { gateways?: { ingress: object } };
        return ["istio", api].map((how) =>
            loadConfig(
                asked(wish, "3", {
                    controlPlane: { ...controlPlane, gateways: { ingress: { ...gateways?.ingress, api: how } } },
                }),
            ),
        );
    };
    /** What of a rendering must not differ; the gateway by what it is. */
    const meant = async (config: MeshConfig) => {
        const { resources, outputs } = await renderConfig("prod", config);
        const { principal, successorOf, service, ports } = v3.gateway(config);
        const objects = resources.filter((r) => r.type.startsWith("kubernetes:")).map((r) => r.inputs as any);
        const of = (...kinds: string[]) => objects.filter((o) => kinds.includes(o.kind));
        const routing = [
            ...of("VirtualService").flatMap(({ metadata, spec }) =>
                spec.hosts.map((host: string) => {
                    const [{ destination }] = spec.http[0].route;
                    return [host, destination.host, destination.port.number, metadata.namespace];
                }),
            ),
            ...of("HTTPRoute").flatMap(({ metadata, spec }) =>
                spec.hostnames.map((host: string) => {
                    const [{ name, port }] = spec.rules[0].backendRefs;
                    return [host, `${name}.${metadata.namespace}.svc.cluster.local`, port, metadata.namespace];
                }),
            ),
        ];
        const policies = of("AuthorizationPolicy").map(({ metadata, spec }) => {
            const text = JSON.stringify(spec).replaceAll(`"${successorOf ?? principal}"`, '"the gateway"');
            return [metadata.name, JSON.parse(text.replaceAll(`"${principal}",`, ""))];
        });
        const routes = of("Route").map(({ metadata, spec: { to, port, ...spec } }) => {
            assert.equal(to.name, service);
            return [metadata, spec, Object.entries(ports).find(([, name]) => name === port.targetPort)?.[0]];
        });
        const workloads = of("Deployment", "Service", "ServiceAccount").filter(
            ({ metadata }) => metadata.namespace !== v3.gateway(config).namespace,
        );
        return { outputs, policies, routes, routing: routing.sort(), workloads };
    };

    it("the same services, hosts, policies, Routes and outputs", async function () {
        this.timeout(60_000);
        const run = async (wish: Wish) => {
            const [istio, ofApi] = both(wish);
            assert.deepEqual(await meant(ofApi), await meant(istio));
        };
        await fc.assert(fc.asyncProperty(wishes(true), run), { numRuns: 5, seed: 7, endOnFailure: true });
    });
});
