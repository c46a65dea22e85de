import { UNKNOWN } from "../../../../policy/values";
import { object, route, workload } from "../objects";
import type { Case } from "./case";

const V1 = "maistra.io/v1:ServiceMeshControlPlane";
const V2 = "maistra.io/v2:ServiceMeshControlPlane";
const ISTIO = "sailoperator.io/v1:Istio";
const SUBSCRIPTION = "operators.coreos.com/v1alpha1:Subscription";
const PEER = "security.istio.io/v1:PeerAuthentication";
const GATEWAY = "networking.istio.io/v1:Gateway";
const METADATA_UNKNOWN = { metadata: UNKNOWN };

const istio = object(ISTIO, "default", { spec: { namespace: "istio-system" } });
const subscription = (spec: object) => object(SUBSCRIPTION, "openshift-operators/kiali-ossm", { spec });
const strict = { spec: { mtls: { mode: "STRICT" } } };
const cart = workload("shop/cart");
const server = (host: unknown, more: object = {}) => ({ spec: { servers: [{ hosts: [host], ...more }] } });

export const mesh: Record<string, Case[]> = {
    "operator-catalogue": [
        {
            it: "the allowed source",
            given: [subscription({ source: "redhat-operators", sourceNamespace: "openshift-marketplace" })],
        },
        {
            it: "another source",
            given: [subscription({ source: "community-operators", sourceNamespace: "openshift-marketplace" })],
            wrong: [
                /^Subscription openshift-operators\/kiali-ossm takes its operator from .*community-operators: set /,
            ],
        },
        {
            it: "a source of the same name elsewhere",
            given: [subscription({ source: "redhat-operators", sourceNamespace: "mine" })],
            wrong: [/from mine\/redhat-operators/],
        },
        {
            it: "a source that the config allows",
            given: [subscription({ source: "mirror", sourceNamespace: "mine" })],
            settings: { sources: ["mine/mirror"] },
        },
        {
            it: "a catalogue of one's own",
            given: [object("operators.coreos.com/v1alpha1:CatalogSource", "a/b")],
            wrong: [/^CatalogSource a\/b/],
        },
        {
            it: "a source that is decided later",
            given: [
                subscription({ source: UNKNOWN, sourceNamespace: "openshift-marketplace" }),
                subscription({ source: "x", sourceNamespace: UNKNOWN }),
                subscription(UNKNOWN as never),
            ],
            unknown: [/^spec.source is/, /^spec.sourceNamespace is/, /./],
        },
    ],
    "mtls-strict": [
        {
            it: "strict in each generation",
            given: [
                object(V1, "i/a", { spec: { istio: { global: { mtls: { enabled: true } } } } }),
                object(V2, "i/a", { spec: { security: { dataPlane: { mtls: true } } } }),
                object(PEER, "i/a", strict),
                object(PEER, "i/a", { spec: { mtls: { mode: "UNSET" } } }),
            ],
        },
        {
            it: "off, permissive, or nothing said",
            given: [
                object(V1, "i/a", { spec: { istio: { global: { mtls: { enabled: false, auto: true } } } } }),
                object(V2, "i/b", { spec: { security: { dataPlane: { mtls: false, automtls: true } } } }),
                object(V2, "i/c", { spec: {} }),
                object(PEER, "i/d", { spec: { mtls: { mode: "PERMISSIVE" } } }),
            ],
            wrong: [/i\/a takes plain text .*mtls.enabled is false/, /i\/b/, /i\/c .*not set/, /i\/d .* is PERMISSIVE/],
        },
        {
            it: "one port of one service",
            given: [object(PEER, "i/a", { spec: { ...strict.spec, portLevelMtls: { "8080": { mode: "DISABLE" } } } })],
            wrong: [/spec.portLevelMtls.8080.mode is DISABLE/],
        },
        {
            it: "what is decided later",
            given: [
                object(V1, "i/a", { spec: { istio: { global: UNKNOWN } } }),
                object(V2, "i/a", { spec: UNKNOWN }),
                object(PEER, "i/a", { spec: { mtls: { mode: UNKNOWN }, portLevelMtls: UNKNOWN } }),
            ],
            unknown: [/mtls.enabled/, /dataPlane.mtls/, /spec.mtls.mode/, /portLevelMtls/],
        },
    ],
    "mtls-mesh-wide": [
        { it: "one for all", given: [istio, object(PEER, "istio-system/mesh-wide", strict)] },
        { it: "none needed before generation 3", given: [object(V2, "i/a")] },
        { it: "none", given: [istio], wrong: [/^Istio default has no PeerAuthentication .* all of istio-system/] },
        {
            it: "one that is not strict, one for some pods, one elsewhere",
            given: [
                istio,
                object(PEER, "istio-system/a", { spec: { mtls: { mode: "PERMISSIVE" } } }),
                object(PEER, "istio-system/b", { spec: { ...strict.spec, selector: { matchLabels: { app: "x" } } } }),
                object(PEER, "shop/c", strict),
            ],
            wrong: [/^Istio default/],
        },
        {
            it: "one whose place is decided later",
            given: [istio, object(PEER, "x/y", { ...strict, ...METADATA_UNKNOWN })],
            unknown: [/PeerAuthentication/],
        },
    ],
    "sampling-ceiling": [
        {
            it: "at most the ceiling, in each generation's unit, and what is not said",
            given: [
                object(V1, "i/a", { spec: { istio: { pilot: { traceSampling: 10 } } } }),
                object(V2, "i/a", { spec: { tracing: { sampling: 1000 } } }),
                object("telemetry.istio.io/v1:Telemetry", "i/a", {
                    spec: { tracing: [{ randomSamplingPercentage: 10 }] },
                }),
                object(V2, "i/a", { spec: {} }),
            ],
        },
        {
            it: "more than that",
            given: [
                object(V1, "i/a", { spec: { istio: { pilot: { traceSampling: 100 } } } }),
                object(V2, "i/b", { spec: { tracing: { sampling: 10_000 } } }),
                object("telemetry.istio.io/v1:Telemetry", "i/c", {
                    spec: { tracing: [{ randomSamplingPercentage: 11 }] },
                }),
                object(ISTIO, "d", { spec: { values: { pilot: { traceSampling: 50 } } } }),
            ],
            wrong: [
                /^ServiceMeshControlPlane i\/a traces 100 % of requests .*, more than 10 %: set mesh:controlPlane/,
                /i\/b traces 100 %/,
                /^Telemetry i\/c traces 11 %/,
                /^Istio d traces 50 %/,
            ],
        },
        {
            it: "the config's ceiling",
            given: [object(V2, "i/b", { spec: { tracing: { sampling: 150 } } })],
            settings: { maximum: 1 },
            wrong: [/traces 1.5 % .* more than 1 %/],
        },
        {
            it: "what is decided later",
            given: [
                object(V1, "i/a", { spec: UNKNOWN }),
                object("telemetry.istio.io/v1:Telemetry", "i/c", { spec: { tracing: [UNKNOWN] } }),
            ],
            unknown: [/^spec is/, /tracing\[0\]/],
        },
    ],
    protected: [
        {
            it: "protected, and what needs no protection",
            given: [
                object(V1, "istio-system/a", {}, true),
                object("core/v1:Namespace", "istio-system", {}, true),
                object("core/v1:Namespace", "shop"),
            ],
        },
        {
            it: "control planes, their namespaces and those of operators",
            given: [
                object(V2, "mesh/a"),
                istio,
                object(SUBSCRIPTION, "openshift-operators-redhat/elasticsearch"),
                ...["mesh", "istio-system", "openshift-operators-redhat", "shop"].map((name) =>
                    object("core/v1:Namespace", name),
                ),
            ],
            wrong: [
                /^ServiceMeshControlPlane mesh\/a is not protected: set mesh:protect: true. Whoever/,
                /^Istio default/,
                /^Namespace mesh/,
                /^Namespace istio-system/,
                /^Namespace openshift-operators-redhat/,
            ],
        },
        {
            it: "namespaces whose names are decided later",
            given: [object(V1, "istio-system/a", {}, true), object("core/v1:Namespace", "x", METADATA_UNKNOWN)],
            unknown: [/control plane is in it/],
        },
    ],
    "names-in-environment": [
        { it: "everything, where nothing is said", given: [cart, route("a/b", "c")] },
        {
            it: "what is allowed",
            given: [
                cart,
                object("core/v1:Namespace", "shop"),
                object(ISTIO, "default/shop-mesh"),
                route("shop/b", "c"),
            ],
            settings: { namespaces: ["shop", "shop-*"], names: ["shop-*"], hosts: ["*.example.com"] },
        },
        {
            it: "what is not",
            given: [cart, object("core/v1:Namespace", "shop2"), object(ISTIO, "default/default"), route("mine/b", "c")],
            settings: { namespaces: ["mine"], names: ["mine-*"], hosts: ["*.mine.example.com"] },
            wrong: [
                /^Deployment shop\/cart has the namespace shop, which is not this environment's: use one of mine/,
                /^Namespace shop2 has the namespace shop2/,
                /^Istio default has the name default/,
                /^Route mine\/b has the host a.example.com/,
            ],
        },
        {
            it: "hosts by the Gateway API",
            given: [
                object("gateway.networking.k8s.io/v1:HTTPRoute", "mine/a", { spec: { hostnames: ["a.x"] } }),
                object("gateway.networking.k8s.io/v1:Gateway", "mine/a", {
                    spec: { listeners: [{ hostname: "b.x" }] },
                }),
            ],
            settings: { hosts: ["*.mine.example.com"] },
            wrong: [/^HTTPRoute mine\/a has the host a\.x/, /^Gateway mine\/a has the host b\.x/],
        },
        {
            it: "what is decided later",
            given: [object("core/v1:Namespace", "a", METADATA_UNKNOWN), object(GATEWAY, "mine/a", server(UNKNOWN))],
            settings: { namespaces: ["mine"], hosts: ["mine"] },
            unknown: [/^metadata is/, /hosts\[0\]/],
        },
    ],
};
