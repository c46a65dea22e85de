import { UNKNOWN } from "../../../../policy/values";
import { object, patch, route, service, workload } from "../objects";
import type { Case } from "./case";

const GATEWAY = "networking.istio.io/v1:Gateway";
const API_GATEWAY = "gateway.networking.k8s.io/v1:Gateway";
const HTTP_ROUTE = "gateway.networking.k8s.io/v1:HTTPRoute";
const listener = (one: object) => ({ spec: { listeners: [one] } });
const cart = workload("shop/cart");
const gatewayPods = workload("in/gate", { annotations: { "inject.istio.io/templates": "gateway" } });
const asked = ["spec", "template", "metadata", "annotations", "sidecar.istio.io/inject"];
const server = (host: unknown, more: object = {}) => ({ spec: { servers: [{ hosts: [host], ...more }] } });
const EXPOSED = { "maistra.io/expose-route": "true" };

export const hosts: Record<string, Case[]> = {
    "no-route-past-mesh": [
        {
            it: "to the gateway, and to what is outside of the mesh",
            given: [
                gatewayPods,
                service("in/gate", { app: "gate" }),
                route("in/a", "gate"),
                cart,
                service("shop/cart", { app: "cart" }),
                route("shop/b", "el-cart"),
                route("other/c", "cart"),
            ],
        },
        {
            it: "to a service in the mesh",
            given: [cart, service("shop/front", { app: "cart" }), route("shop/a", "front")],
            wrong: [/^Route shop\/a leads to Service front, whose pods are in the mesh: let it/],
        },
        {
            it: "with a part of the requests",
            given: [
                cart,
                service("shop/front", { app: "cart" }),
                route("shop/a", "plain", { alternateBackends: [{ kind: "Service", name: "front" }] }),
            ],
            wrong: [/Service front/],
        },
        {
            it: "a Service without a selector",
            given: [cart, service("shop/front", {}), route("shop/a", "front")],
        },
        {
            it: "what is decided later, and Services of others",
            given: [
                cart,
                service("shop/front", UNKNOWN),
                route("shop/a", "front"),
                route("shop/b", UNKNOWN),
                patch("Deployment", "till", asked),
                route("shop/c", "till"),
            ],
            unknown: [/Route shop\/a leads/, /Route shop\/b leads/, /Route shop\/c leads/],
        },
    ],
    "no-wildcard-host": [
        {
            it: "named hosts",
            given: [
                object(GATEWAY, "a/b", server("a.example.com")),
                object("networking.istio.io/v1:VirtualService", "a/b", { spec: { hosts: ["a.example.com"] } }),
                route("a/b", "x", { wildcardPolicy: "None" }),
            ],
        },
        {
            it: "what the router reaches in TLS",
            given: [object(GATEWAY, "a/b", server("*", { tls: { mode: "SIMPLE" } }))],
        },
        {
            it: "the same, where the config does not want it",
            given: [object(GATEWAY, "a/b", server("*", { tls: { mode: "SIMPLE" } }))],
            settings: { tlsServersBehindRouter: false },
            wrong: [/answers for \*/],
        },
        {
            it: "wildcards",
            given: [
                object(GATEWAY, "a/b", server("*")),
                object(GATEWAY, "a/b", server("shop/*.example.com")),
                object(GATEWAY, "a/b", server("*", { tls: { mode: "PASSTHROUGH" } })),
                object("networking.istio.io/v1alpha3:VirtualService", "a/b", { spec: { hosts: ["x.com", "*.x.com"] } }),
                route("a/b", "x", { wildcardPolicy: "Subdomain" }),
            ],
            wrong: [
                /^Gateway a\/b answers for \* \(spec.servers\[0\].hosts\[0\]\): name each host/,
                /shop\/\*\.example\.com/,
                /hosts\[0\]/,
                /\*\.x\.com \(spec.hosts\[1\]\)/,
                /^Route a\/b takes all hosts below its own/,
            ],
        },
        {
            it: "the Gateway API: listeners for what HTTPRoutes name",
            given: [
                object(API_GATEWAY, "in/gate", listener({ name: "http" })),
                object(API_GATEWAY, "in/gate", listener({ name: "https", tls: { mode: "Terminate" } })),
                object(API_GATEWAY, "in/gate", listener({ name: "https-a", hostname: "a.example.com" })),
                object(HTTP_ROUTE, "shop/cart", { spec: { hostnames: ["a.example.com"] } }),
            ],
        },
        {
            it: "the Gateway API: wildcards, and HTTPRoutes for every host",
            given: [
                object(API_GATEWAY, "in/gate", listener({ hostname: "*.example.com" })),
                object(HTTP_ROUTE, "shop/cart", { spec: { hostnames: ["*.example.com"] } }),
                object(HTTP_ROUTE, "shop/till", { spec: { rules: [] } }),
            ],
            wrong: [
                /^Gateway in\/gate answers for \*\.example\.com \(spec\.listeners\[0\]\.hostname\): name each host/,
                /^HTTPRoute shop\/cart answers for \*\.example\.com/,
                /^HTTPRoute shop\/till answers for every host \(it has no hostnames\)/,
            ],
        },
        {
            it: "the Gateway API: every host in TLS, where the config does not want it",
            given: [object(API_GATEWAY, "in/gate", listener({ tls: { mode: "Terminate" } }))],
            settings: { tlsServersBehindRouter: false },
            wrong: [/^Gateway in\/gate answers for every host in TLS \(spec\.listeners\[0\]\)/],
        },
        {
            it: "the Gateway API: what is decided later",
            given: [
                object(API_GATEWAY, "in/gate", listener({ hostname: UNKNOWN })),
                object(HTTP_ROUTE, "shop/cart", { spec: { hostnames: UNKNOWN } }),
            ],
            unknown: [/hostname/, /hostnames/],
        },
        {
            it: "what is decided later, beside what is wrong already",
            given: [
                object(GATEWAY, "a/b", { spec: { servers: [{ hosts: [UNKNOWN, "*"] }, UNKNOWN] } }),
                route("a/b", "x", { host: UNKNOWN, wildcardPolicy: UNKNOWN }),
            ],
            wrong: [/hosts\[1\]/],
            unknown: [/hosts\[0\]/, /servers\[1\]/, /spec.host/, /wildcardPolicy/],
        },
    ],
    "exceptions-only-listeners": [
        {
            it: "an EventListener, by itself or patched",
            given: [
                patch("EventListener", "hooks", ["metadata", "labels", "maistra.io/expose-route"]),
                object("triggers.tekton.dev/v1beta1:EventListener", "a/b", { metadata: { labels: EXPOSED } }),
                cart,
            ],
        },
        {
            it: "pods of a service, made or patched",
            given: [
                workload("shop/cart", { labels: EXPOSED }),
                patch("Deployment", "till", ["spec", "template", "metadata", "labels", "maistra.io/expose-route"]),
            ],
            wrong: [
                /^Deployment shop\/cart is let through to past the mesh .*: take it away/,
                /^Deployment shop\/till is let/,
            ],
        },
        {
            it: "what is decided later",
            given: [
                workload("shop/cart", { labels: { "maistra.io/expose-route": UNKNOWN } }),
                object("apps/v1:Deployment", "shop/till", { spec: UNKNOWN }),
                {
                    ...patch("x", "y", ["maistra.io/expose-route"]),
                    props: { kind: UNKNOWN, path: ["maistra.io/expose-route"] },
                },
            ],
            unknown: [/expose-route/, /^spec is/, /^kind is/],
        },
    ],
};
