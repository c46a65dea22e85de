import assert from "node:assert/strict";
import { object, picture, told } from "./objects";
import { table } from "./table";

const smcp = (spec: object) => object("ServiceMeshControlPlane", "istio-system/basic", spec);
const strict = { security: { dataPlane: { mtls: true, automtls: true } } };
const permissive = { security: { dataPlane: { mtls: false, automtls: true } } };
const off = { security: { dataPlane: { mtls: false, automtls: false } } };

describe("a review: control planes", () => {
    const subscription = (spec: object, name = "servicemeshoperator") =>
        object("Subscription", `openshift-operators/${name}`, { name, ...spec });
    table([
        ["one that restarts", [smcp({ a: 1 })], [smcp({ a: 2 })], [/^!controlPlane: .*`spec.a`.*restarts/]],
        [
            "another version",
            [smcp({ version: "v2.5" })],
            [smcp({ version: "v2.6" })],
            [/^!controlPlane: .*another version, `v2.5` → `v2.6`/],
        ],
        [
            "one with another label goes on",
            [smcp({})],
            [{ ...smcp({}), metadata: { name: "basic", namespace: "istio-system", labels: { a: "1" } } }],
            [/^rest: .* goes on as it is, with other `metadata.labels`/],
        ],
        ["one that goes", [smcp({})], [], [/^!controlPlane: .* goes/]],
        ["one that comes", [], [smcp({})], [/^controlPlane: .* is made/]],
        [
            "an Istio in another namespace is the same object, which restarts",
            [object("Istio", "v3", { namespace: "a" })],
            [object("Istio", "v3", { namespace: "b" })],
            [/^!controlPlane: Istio v3 changes/],
        ],
        [
            "the operator's channel",
            [subscription({ channel: "stable-3.1" })],
            [subscription({ channel: "stable-3.2" })],
            [/^!controlPlane: operator `servicemeshoperator` .*channel `stable-3.1` → `stable-3.2`.*control planes/],
        ],
        [
            "the channel of an operator beside it",
            [subscription({ channel: "1" }, "kiali-ossm")],
            [subscription({ channel: "2" }, "kiali-ossm")],
            [/^!operator: operator `kiali-ossm` may become another version/],
        ],
        [
            "upgrades that nobody approves any more",
            [subscription({ installPlanApproval: "Manual" })],
            [subscription({ installPlanApproval: "Automatic" })],
            [/^!controlPlane: upgrades of .*`Manual` → `Automatic`/],
        ],
    ]);
});

describe("a review: mutual TLS", () => {
    const root = { controlPlane: { namespace: "istio-system" } };
    const peers = (mode: string, place = "istio-system/mesh-wide", more: object = {}) =>
        object("PeerAuthentication", place, { mtls: { mode }, ...more });
    const ofPlane = "^!controlPlane";
    table([
        [
            "strict to permissive",
            [smcp(strict)],
            [smcp(permissive)],
            [ofPlane, /^!mtlsLoosened: .*whole mesh.*plain text/],
        ],
        ["permissive to off", [smcp(permissive)], [smcp(off)], [ofPlane, /^!mtlsLoosened: .*`permissive` → `off`/]],
        ["off to strict", [smcp(off)], [smcp(strict)], [ofPlane, /^!mtlsTightened: .*refused/]],
        [
            "generation 1.1's Helm values",
            [smcp({ istio: { global: { mtls: { enabled: true } } } })],
            [smcp({ istio: { global: { mtls: { enabled: false, auto: true } } } })],
            [ofPlane, /^!mtlsLoosened: .*`strict` → `permissive`/],
        ],
    ]);
    table(
        [
            ["generation 3's mesh", [peers("STRICT")], [peers("PERMISSIVE")], [/^!mtlsLoosened: .*whole mesh/]],
            [
                "a namespace that makes an exception",
                [peers("STRICT")],
                [peers("STRICT"), peers("DISABLE", "shop/plain")],
                [/^!mtlsLoosened: mTLS of namespace `shop`: `strict` → `off`/],
            ],
            [
                "one port of some pods",
                [peers("STRICT")],
                [
                    peers("STRICT"),
                    object("PeerAuthentication", "shop/cart", {
                        selector: { matchLabels: { app: "cart" } },
                        portLevelMtls: { 8080: { mode: "PERMISSIVE" } },
                    }),
                ],
                [/^!mtlsLoosened: mTLS of PeerAuthentication shop\/cart, port 8080/],
            ],
            [
                "an exception that ends",
                [peers("STRICT"), peers("DISABLE", "shop/plain")],
                [peers("STRICT")],
                [/^!mtlsTightened: mTLS of namespace `shop`/, /^lost: PeerAuthentication shop\/plain is deleted/],
            ],
            [
                "callers that are told to speak plain text",
                [peers("STRICT")],
                [
                    peers("STRICT"),
                    object("DestinationRule", "shop/x", { host: "x", trafficPolicy: { tls: { mode: "DISABLE" } } }),
                ],
                [/^!mtlsLoosened: calls to `x` go in plain text/],
            ],
        ],
        [],
        [root, root],
    );
    it("is told once, by the stack's own word, when the generation changes", () => {
        const plane = (generation: string, mode: string) => ({
            controlPlane: { generation, mtls: mode, namespace: "n" },
        });
        const lines = told(
            picture([smcp(strict)], plane("2.6", "strict")),
            picture([peers("PERMISSIVE", "n/mesh-wide")], plane("3", "permissive")),
        );
        assert.deepEqual(
            lines.map((line) => line.split(":")[0]),
            ["!controlPlane", "!controlPlane", "!mtlsLoosened"],
        );
    });
});

describe("a review: hosts", () => {
    const route = (host: string, tls?: object) =>
        object("Route", "shop/cart", { host, to: {}, ...(tls ? { tls } : {}) });
    const virtual = (host: string, service = "cart") =>
        object("VirtualService", "shop/cart", {
            hosts: [host],
            gateways: ["g"],
            http: [{ route: [{ destination: { host: `${service}.shop.svc.cluster.local` } }] }],
        });
    const httpRoute = (host: string, service = "cart") =>
        object("HTTPRoute", "shop/cart", { hostnames: [host], rules: [{ backendRefs: [{ name: service }] }] });
    const tls = (insecure: string, termination = "edge") => ({ termination, insecureEdgeTerminationPolicy: insecure });
    table([
        ["the Gateway API's way instead of Istio's", [virtual("a.x")], [httpRoute("a.x")], []],
        [
            "one of the Gateway API that goes",
            [httpRoute("a.x")],
            [],
            [/^!hostLost: `shop\/cart` is no longer .* `a.x`/],
        ],
        [
            "one of the Gateway API to another service",
            [httpRoute("a.x")],
            [httpRoute("a.x", "till")],
            [/^!hostMoved: .*`shop\/cart` → `shop\/till`/],
        ],
        ["one that goes", [virtual("a.x")], [], [/^!hostLost: `shop\/cart` is no longer reached as `a.x`/]],
        ["one that comes", [], [virtual("a.x")], [/^hostAdded: `a.x` leads to `shop\/cart`/]],
        ["another one", [virtual("a.x")], [virtual("b.x")], [/^!hostChanged: .*`a.x` → `b.x`; the old one is cut off/]],
        [
            "to another service",
            [virtual("a.x")],
            [virtual("a.x", "till")],
            [/^!hostMoved: .*`shop\/cart` → `shop\/till`/],
        ],
        ["a Route that goes", [route("a.x")], [], [/^!hostLost/]],
        [
            "plain HTTP too",
            [route("a.x", tls("Redirect"))],
            [route("a.x", tls("Allow"))],
            [/^!policyLoosened: .*plain HTTP/],
        ],
        ["no TLS any more", [route("a.x", tls("None"))], [route("a.x")], [/^!policyLoosened: .*plain HTTP/]],
        [
            "TLS that ends elsewhere",
            [route("a.x", tls("None"))],
            [route("a.x", tls("None", "passthrough"))],
            [/^!hostMoved: .*other TLS/],
        ],
    ]);
    table(
        [["a console", [], [], [/^!hostLost: `kiali` is no longer reached as `k.x`/]]],
        [],
        [{ routeHosts: { kiali: "k.x" } }, { routeHosts: {} }],
    );
});

describe("a review: members, and all the rest", () => {
    table(
        [
            [
                "namespaces that leave and join",
                [],
                [],
                [/^!membership: namespace `b` leaves/, /^!rest: namespace `c` joins/],
            ],
        ],
        [],
        [{ members: ["a", "b"] }, { members: ["a", "c"] }],
    );
    const deployment = (image: string, replicas = 2) =>
        object("Deployment", "shop/cart", {
            replicas,
            selector: { matchLabels: { app: "cart" } },
            template: { spec: { containers: [{ name: "cart", image }] } },
        });
    const apiGateway = (infrastructure: object) =>
        object("Gateway", "in/gate", { infrastructure }, "gateway.networking.k8s.io/v1");
    const other = object("Deployment", "shop/cart", { selector: { matchLabels: { app: "other" } } });
    const map = (data: object) => ({ ...object("ConfigMap", "shop/c"), data });
    table([
        [
            "a namespace that goes",
            [object("Namespace", "shop")],
            [],
            [/^!lost: Namespace shop is deleted, and everything/],
        ],
        [
            "a gateway of the Gateway API that is to have other pods",
            [apiGateway({ annotations: { a: "1" } })],
            [apiGateway({ annotations: { a: "2" } })],
            [/^rollout: pods of `in\/gate` .*`annotations.a`/],
        ],
        ["a gateway of the Gateway API that goes", [apiGateway({})], [], [/^!lost: Gateway in\/gate .* its pods/]],
        ["another image", [deployment("a")], [deployment("b")], [/^rollout: pods of `shop\/cart` .*image `a` → `b`/]],
        ["fewer pods", [deployment("a")], [deployment("a", 1)], [/^!rest: replicas of `shop\/cart`: `2` → `1`/]],
        ["more pods", [deployment("a")], [deployment("a", 3)], [/^rest: replicas/]],
        [
            "a Deployment with another selector is made anew",
            [object("Deployment", "shop/cart", { selector: { matchLabels: { app: "cart" } } })],
            [other],
            [/^!lost: Deployment shop\/cart is made anew: `spec.selector.matchLabels.app`/],
        ],
        [
            "a ConfigMap's content",
            [map({ a: "1" })],
            [map({ a: "2" })],
            [/^lost: ConfigMap shop\/c is made anew: `data.a`/],
        ],
        ["nothing", [deployment("a")], [deployment("a")], []],
    ]);
});
