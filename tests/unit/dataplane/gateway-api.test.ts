import assert from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import { GATEWAY_NAME } from "../../../lab/gateway-api/names";
import type { MeshView } from "../../../lab/dataplane/translate";
import { caller, object, sample, service, to, translated, virtualService, workload } from "./objects";

const way = workload("ingress", "way-istio", {
    labels: { [GATEWAY_NAME]: "way" },
    address: "127.20.0.7",
    ports: [],
    sidecar: false,
    gateway: true,
});
const stranger = { ...way, namespace: "office", address: "127.20.0.8" };

const LABELS = { ingress: { in: "mesh" }, shop: { in: "mesh" }, office: {} };
const FROM_MESH = { namespaces: { from: "Selector", selector: { matchLabels: { in: "mesh" } } } };
const HOST = "sample.apps.example.com";

function listener(more: object = {}): object {
    return { name: "http", port: 80, protocol: "HTTP", allowedRoutes: FROM_MESH, ...more };
}

function gateway(listeners: object[] = [listener()], spec: object = {}): KubeObject {
    return object("Gateway", "ingress", "way", { gatewayClassName: "istio", listeners, ...spec });
}

function route(rules: object[], spec: object = {}, namespace = "shop", name = "route"): KubeObject {
    const parentRefs = [{ kind: "Gateway", name: "way", namespace: "ingress" }];
    return object("HTTPRoute", namespace, name, { parentRefs, hostnames: [HOST], rules, ...spec });
}

const backend = (name: string, more: object = {}): object => ({ name, port: 8080, ...more });
const toSample = { backendRefs: [backend("sample")] };
const at = (value: string, type = "PathPrefix"): object => ({ path: { type, value } });

function patch(gateways: KubeObject[], routes: KubeObject[], more: Partial<MeshView> = {}): Partial<MeshView> {
    return {
        namespaces: ["istio-system", "shop", "office", "ingress"],
        network: { policies: [], namespaceLabels: LABELS },
        workloads: [sample, caller, way, stranger],
        gatewayApi: { classes: [], gateways, routes },
        ...more,
    };
}

function refusals(view: Partial<MeshView>): string[] {
    return translated(view, way).refused.map(({ field, why }) => `${field} ${why}`);
}

/** By virtual host: of each route what it matches and where it leads. */
function routed(view: Partial<MeshView>, name = "http.80"): Record<string, [string, string][]> {
    const { virtual_hosts = [] } = (translated(view, way).routes[name] as any) ?? {};
    return Object.fromEntries(
        virtual_hosts.map(({ domains, routes }: any) => [
            domains.join(),
            routes.map(({ match, route: action, redirect }: any) => [
                match.path ?? match.path_separated_prefix ?? match.prefix ?? match.safe_regex.regex,
                redirect ? "redirect" : (action.cluster ?? "several").split("||").pop().split(".")[0],
            ]),
        ]),
    );
}

describe("translator: Gateways and HTTPRoutes of the Gateway API", () => {
    it("one Gateway and a route: its port is on this machine at one that anybody may open", () => {
        const { listeners, refused } = translated(patch([gateway()], [route([toSample])]), way);
        assert.deepEqual(
            listeners.map((each: any) => each.address.socket_address),
            [{ address: "127.20.0.7", port_value: 20_080 }],
        );
        assert.deepEqual(refused, []);
        assert.deepEqual(routed(patch([gateway()], [route([toSample])])), { [HOST]: [["/", "sample"]] });
    });

    it("only pods of its own namespace are a Gateway's, whatever their labels", () => {
        assert.deepEqual(translated(patch([gateway()], [route([toSample])]), stranger).listeners, []);
    });

    it("the class says whose it is, by its controller", () => {
        const theirs = gateway([listener()], { gatewayClassName: "theirs" });
        const ports = (classes: KubeObject[]) =>
            translated(patch([theirs], [], { gatewayApi: { classes, gateways: [theirs], routes: [] } }), way).listeners
                .length;
        const named = (controllerName: string) => [object("GatewayClass", "", "theirs", { controllerName })];
        assert.deepEqual([[], named("a.example/b"), named("istio.io/gateway-controller")].map(ports), [0, 0, 1]);
    });

    it("routes are taken from namespaces that the listener selects; without a selection from its own", () => {
        const routes = [route([toSample]), route([toSample], { hostnames: ["b.example.com"] }, "office", "other")];
        const hosts = (allowedRoutes: unknown) =>
            Object.keys(routed(patch([gateway([listener({ allowedRoutes })])], routes)));
        assert.deepEqual(hosts(FROM_MESH), [HOST]);
        assert.deepEqual(hosts({ namespaces: { from: "All" } }), [HOST, "b.example.com"]);
        assert.deepEqual(hosts(undefined), []);
    });

    it("a host that a more exact listener of the same port serves is not the wider one's", () => {
        const listeners = [listener({ hostname: "*.apps.example.com" }), listener({ name: "exact", hostname: HOST })];
        const rules = (sectionName: string) => ({
            parentRefs: [{ name: "way", namespace: "ingress", sectionName }],
        });
        const byWide = patch([gateway(listeners)], [route([toSample], rules("http"))]);
        assert.deepEqual(routed(byWide), {});
        const byExact = patch([gateway(listeners)], [route([toSample], rules("exact"))]);
        assert.deepEqual(Object.keys(routed(byExact)), [HOST]);
    });

    it("the most exact match goes first, of all routes for a host together", () => {
        const first = route([
            { matches: [at("/b/.*", "RegularExpression")], ...toSample },
            { matches: [at("/b")], ...toSample },
        ]);
        const second = route(
            [{ matches: [at("/a"), at("/a/b"), at("/a", "Exact")], backendRefs: [backend("caller")] }],
            {},
            "shop",
            "second",
        );
        assert.deepEqual(routed(patch([gateway()], [first, second]))[HOST], [
            ["/a", "caller"],
            ["/a/b", "caller"],
            ["/b", "sample"],
            ["/a", "caller"],
            ["/b/.*", "sample"],
        ]);
    });

    it("an expression comes after every prefix, so that one for all paths leaves it nothing", () => {
        const rules = [
            { matches: [at("/b/.*", "RegularExpression")], backendRefs: [backend("caller")] },
            { matches: [at("/")], ...toSample },
        ];
        assert.deepEqual(routed(patch([gateway()], [route(rules)]))[HOST], [["/", "sample"]]);
    });

    it("prefixes are whole segments here, and any text in a VirtualService", () => {
        const view = patch([gateway()], [route([{ matches: [at("/api/")], ...toSample }])]);
        const [{ match, route: action }] = (translated(view, way).routes["http.80"] as any).virtual_hosts[0].routes;
        assert.deepEqual(match, { path_separated_prefix: "/api" });
        assert.equal(action.cluster_not_found_response_code, "INTERNAL_SERVER_ERROR");
        const old = virtualService("v", {
            http: [{ match: [{ uri: { prefix: "/api" } }], route: [to("sample", 8080)] }],
        });
        const { virtual_hosts } = translated({ virtualServices: [old] }, caller).routes.outbound as any;
        const [found] = virtual_hosts.flatMap((host: any) => host.routes).filter((r: any) => r.match.prefix === "/api");
        assert.equal(found.route.cluster_not_found_response_code, undefined);
    });

    it("weights, headers, methods, time limits, redirects and other host names", () => {
        const rules = [
            {
                matches: [{ ...at("/one"), method: "GET", headers: [{ name: "x-a", value: "1" }] }],
                backendRefs: [backend("sample", { weight: 3 }), backend("caller", { weight: 1 })],
                timeouts: { request: "5s" },
            },
            {
                matches: [at("/two")],
                filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https" } }],
            },
            {
                matches: [at("/a")],
                filters: [{ type: "URLRewrite", urlRewrite: { hostname: "inside.example.com" } }],
                ...toSample,
            },
        ];
        const view = patch([gateway()], [route(rules)]);
        assert.deepEqual(refusals(view), []);
        const [one, two, three] = (translated(view, way).routes["http.80"] as any).virtual_hosts[0].routes;
        assert.deepEqual(
            one.route.weighted_clusters.clusters.map(({ weight }: any) => weight),
            [3, 1],
        );
        assert.equal(one.route.timeout, "5s");
        assert.deepEqual(
            one.match.headers.map(({ name, string_match }: any) => [name, string_match.exact]),
            [
                ["x-a", "1"],
                [":method", "GET"],
            ],
        );
        assert.deepEqual(two.redirect, { scheme_redirect: "https", response_code: "FOUND" });
        assert.equal(three.route.host_rewrite_literal, "inside.example.com");
    });

    it("a backend of another namespace is nobody, as nothing grants it", () => {
        const far = route([{ backendRefs: [backend("sample", { namespace: "office" })] }]);
        const view = patch([gateway()], [far], { services: [service("office", "sample")] });
        const [{ route: action }] = (translated(view, way).routes["http.80"] as any).virtual_hosts[0].routes;
        assert.equal(action.cluster, "UnknownService");
    });

    const left: [what: string, gateway: KubeObject, route: KubeObject, field: RegExp][] = [
        [
            "a filter that is not modelled",
            gateway(),
            route([{ filters: [{ type: "RequestMirror", requestMirror: {} }], ...toSample }]),
            /^spec\.rules\[0\]\.filters\[0\]/,
        ],
        [
            "query parameters",
            gateway(),
            route([{ matches: [{ queryParams: [{ name: "a", value: "b" }] }], ...toSample }]),
            /matches\[0\]\.queryParams is not modelled/,
        ],
        ["a rule that leads nowhere", gateway(), route([{}]), /^spec\.rules\[0\]\.backendRefs leads nowhere/],
        [
            "an expression that is none",
            gateway(),
            route([{ matches: [at("(", "RegularExpression")], ...toSample }]),
            /path\.value is no regular expression/,
        ],
        [
            "a Service for a parent",
            gateway(),
            route([toSample], { parentRefs: [{ group: "", kind: "Service", name: "sample" }] }),
            /^spec\.parentRefs\[0\]\.kind only Gateways/,
        ],
        [
            "addresses of somebody else's gateway",
            gateway([listener()], { addresses: [{ type: "Hostname", value: "x" }] }),
            route([toSample]),
            /^spec\.addresses is not modelled/,
        ],
        [
            "a listener for TCP",
            gateway([listener({ protocol: "TCP" })]),
            route([toSample]),
            /^spec\.listeners\[0\]\.protocol only HTTP and HTTPS/,
        ],
        [
            "a certificate of another namespace",
            gateway([listener({ protocol: "HTTPS", tls: { certificateRefs: [{ name: "a", namespace: "shop" }] } })]),
            route([toSample]),
            /certificateRefs\[0\] is in another namespace/,
        ],
        [
            "a certificate that is not there",
            gateway([listener({ protocol: "HTTPS", tls: { certificateRefs: [{ name: "a" }] } })]),
            route([toSample]),
            /certificateRefs\[0\] there is no Secret ingress\/a/,
        ],
    ];
    for (const [what, gatewayOf, routeOf, field] of left) {
        it(`refused aloud: ${what}`, () => {
            const view = patch([gatewayOf], [routeOf]);
            const said = refusals(view);
            assert.ok(
                said.some((line) => field.test(line)),
                said.join("\n"),
            );
            assert.deepEqual(routed(view), {});
        });
    }

    it("routes to others' Gateways are not looked into", () => {
        const theirs = route([{ filters: [{ type: "Unheard" }] }], {
            parentRefs: [{ name: "way", namespace: "shop" }],
        });
        assert.deepEqual(refusals(patch([gateway()], [theirs])), []);
    });
});
