import assert from "node:assert/strict";
import { caller, gateway, ingress, object, outbound, routesTo, service, to, translated, virtualService, workload } from "./objects";

const DOMAIN = "sample.shop.svc.cluster.local:8080";
const CLUSTER = "outbound|8080||sample.shop.svc.cluster.local";

/** The first route of a VirtualService with this one HTTP rule. */
function first(http: object): any {
    return routesTo(DOMAIN, { virtualServices: [virtualService("v", { http: [{ route: [to("sample")], ...http }] })] })![0];
}

describe("translator: routes of a VirtualService", () => {
    const matches: [title: string, match: object, expected: object][] = [
        ["an exact path", { uri: { exact: "/a" } }, { path: "/a" }],
        ["a prefix", { uri: { prefix: "/a" } }, { prefix: "/a" }],
        ["a regex", { uri: { regex: "/a/[0-9]+" } }, { safe_regex: { regex: "/a/[0-9]+" } }],
        ["a path in any case", { uri: { prefix: "/a" }, ignoreUriCase: true }, { prefix: "/a", case_sensitive: false }],
        [
            "a method",
            { method: { exact: "POST" } },
            { prefix: "/", headers: [{ name: ":method", string_match: { exact: "POST" } }] },
        ],
        [
            "an authority",
            { authority: { prefix: "a." } },
            { prefix: "/", headers: [{ name: ":authority", string_match: { prefix: "a." } }] },
        ],
        [
            "headers",
            { headers: { "x-user": { exact: "taro" }, "x-any": {}, "x-re": { regex: "a.*" } } },
            {
                prefix: "/",
                headers: [
                    { name: "x-user", string_match: { exact: "taro" } },
                    { name: "x-any", present_match: true },
                    { name: "x-re", string_match: { safe_regex: { regex: "a.*" } } },
                ],
            },
        ],
    ];
    for (const [title, match, expected] of matches) {
        it(`match: ${title}`, () => assert.deepEqual(first({ match: [match] }).match, expected));
    }

    it("without a match a rule takes everything, and what comes after it is never reached", () => {
        const http = [{ route: [to("sample")] }, { route: [to("caller")] }];
        const routes = routesTo(DOMAIN, { virtualServices: [virtualService("v", { http })] });
        assert.deepEqual(routes!.map(({ match, route }) => [match, route.cluster]), [[{ prefix: "/" }, CLUSTER]]);
    });

    it("several matches of a rule are several routes, in their order", () => {
        const http = [{ match: [{ uri: { exact: "/b" } }, { uri: { exact: "/a" } }], route: [to("sample")] }];
        const routes = routesTo(DOMAIN, { virtualServices: [virtualService("v", { http })] });
        assert.deepEqual(routes!.map(({ match }) => match), [{ path: "/b" }, { path: "/a" }]);
    });

    const actions: [title: string, http: object, expected: object][] = [
        ["no timeout unless one is said", {}, { timeout: "0s" }],
        ["timeout", { timeout: "1m1.5s" }, { timeout: "61.5s" }],
        ["timeout in milliseconds", { timeout: "250ms" }, { timeout: "0.25s" }],
        ["rewrite of the path", { rewrite: { uri: "/b" } }, { prefix_rewrite: "/b" }],
        ["rewrite of the authority", { rewrite: { authority: "b.example" } }, { host_rewrite_literal: "b.example" }],
        ["no retries", { retries: { attempts: 0 } }, { retry_policy: undefined }],
        ["a port", { route: [to("caller", 9090)] }, { cluster: "outbound|9090||caller.shop.svc.cluster.local" }],
        ["a service's only port", { route: [to("caller")] }, { cluster: "outbound|8080||caller.shop.svc.cluster.local" }],
        ["a service nobody knows", { route: [to("x.example")] }, { cluster: "outbound|8080||x.example" }],
        ["a single destination needs no weight", { route: [{ ...to("sample"), weight: 0 }] }, { cluster: CLUSTER }],
        [
            "of several destinations one without weight gets nothing",
            { route: [{ ...to("sample"), weight: 3 }, to("caller")] },
            { cluster: CLUSTER },
        ],
        [
            "weights",
            { route: [{ ...to("sample"), weight: 90 }, { ...to("caller"), weight: 10 }] },
            {
                weighted_clusters: {
                    clusters: [
                        { name: CLUSTER, weight: 90 },
                        { name: "outbound|8080||caller.shop.svc.cluster.local", weight: 10 },
                    ],
                },
            },
        ],
    ];
    for (const [title, http, expected] of actions) {
        it(title, () => {
            const { route } = first(http);
            assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, route[key]])), expected);
        });
    }

    it("retries", () => {
        const retries = { attempts: 3, perTryTimeout: "2s", retryOn: "gateway-error, 404" };
        const policy = first({ retries }).route.retry_policy;
        assert.equal(policy.num_retries, 3);
        assert.equal(policy.per_try_timeout, "2s");
        assert.equal(policy.retry_on, "gateway-error,retriable-status-codes");
        assert.deepEqual(policy.retriable_status_codes, [404]);
    });

    it("retries where nobody says anything are Istio's: two more, when nothing can have happened yet", () => {
        for (const policy of [first({}).route.retry_policy, routesTo(DOMAIN, {})![0].route.retry_policy]) {
            assert.equal(policy.num_retries, 2);
            assert.equal(policy.retry_on, "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes");
            assert.deepEqual(policy.retriable_status_codes, [503]);
        }
    });

    it("redirect", () => {
        const redirect = { uri: "/b", authority: "b.example", scheme: "https", redirectCode: 308 };
        const expected = {
            host_redirect: "b.example",
            path_redirect: "/b",
            scheme_redirect: "https",
            response_code: "PERMANENT_REDIRECT",
        };
        assert.deepEqual(first({ route: undefined, redirect }).redirect, expected);
        assert.deepEqual(first({ route: [], redirect: { uri: "/b" } }).redirect.response_code, "MOVED_PERMANENTLY");
    });
});

describe("translator: the calls of a sidecar's own program", () => {
    it("a service is known by every name that DNS gives it", () => {
        const domains = outbound({}).find(({ name }) => name.startsWith("sample.shop"))!.domains;
        const names = ["sample.shop.svc.cluster.local", "sample.shop.svc", "sample.shop", "sample"];
        assert.deepEqual(domains, [...names.map((name) => `${name}:8080`), ...names]);
    });

    it("from another namespace not by its short name", () => {
        const clerk = workload("office", "clerk");
        assert.equal(routesTo("sample:8080", {}, clerk), undefined);
        assert.ok(routesTo("sample.shop:8080", {}, clerk));
    });

    it("a name without port means port 80, else the only port, else nothing", () => {
        const ports = (...numbers: number[]) => numbers.map((port) => ({ name: `http-${port}`, port }));
        const clusterOf = (...numbers: number[]) =>
            routesTo("many.shop", { services: [service("shop", "many", ports(...numbers))] })?.[0].route.cluster;
        assert.equal(clusterOf(8080, 80), "outbound|80||many.shop.svc.cluster.local");
        assert.equal(clusterOf(9090), "outbound|9090||many.shop.svc.cluster.local");
        assert.equal(clusterOf(8080, 9090), undefined);
    });

    it("two services that claim the same name do not make Envoy refuse everything", () => {
        const services = [service("shop", "a"), service("a.shop", "a")];
        const domains = outbound({ services, members: ["shop", "a.shop"] }).flatMap((host) => host.domains);
        assert.equal(new Set(domains).size, domains.length);
    });

    it("the most specific VirtualService of the mesh holds, those for gateways do not", () => {
        const http = (host: string) => [{ route: [to(host, 1)] }];
        const virtualServices = [
            virtualService("gateway", { gateways: ["g"], http: http("a.example") }),
            virtualService("wide", { hosts: ["*.shop.svc.cluster.local"], http: http("b.example") }),
            virtualService("narrow", { gateways: ["mesh", "g"], http: http("c.example") }),
        ];
        const at = (domain: string) => routesTo(domain, { virtualServices })![0].route.cluster;
        assert.equal(at("sample.shop:8080"), "outbound|1||c.example");
        assert.equal(at("caller.shop:8080"), "outbound|1||b.example");
    });

    it("a match for a gateway is not for the mesh", () => {
        const match = [{ gateways: ["g"], uri: { prefix: "/a" } }];
        const virtualServices = [virtualService("v", { gateways: ["mesh", "g"], http: [{ match, route: [to("x.y")] }] })];
        assert.equal(routesTo(DOMAIN, { virtualServices })![0].route.cluster, CLUSTER);
    });

    it("what a VirtualService exports to", () => {
        const at = (exportTo: string[], from: string) => {
            const virtualServices = [virtualService("v", { exportTo, http: [{ route: [to("x.y", 1)] }] })];
            return routesTo(DOMAIN, { virtualServices }, workload(from, "any"))![0].route.cluster === "outbound|1||x.y";
        };
        assert.deepEqual([at(["."], "shop"), at(["."], "office")], [true, false]);
        assert.deepEqual([at(["office"], "shop"), at(["office"], "office")], [false, true]);
        assert.deepEqual([at(["*"], "shop"), at([], "office")], [true, true]);
    });

    it("a host that is no service, too", () => {
        const virtualServices = [virtualService("v", { hosts: ["api.example"], http: [{ route: [to("sample")] }] })];
        assert.equal(routesTo("api.example", { virtualServices })![0].route.cluster, CLUSTER);
    });
});

describe("translator: gateways", () => {
    const http = (host: string) => [{ match: [{ uri: { prefix: "/" } }], route: [to(host, 8080)] }];
    const bound = (name: string, hosts: string[], more: object = {}, namespace = "shop") =>
        virtualService(name, { hosts, gateways: ["g"], http: http(name), ...more }, namespace);
    const hosts = (patch: object): Record<string, string[]> =>
        Object.fromEntries(
            ((translated(patch, ingress).routes["http.80"] as any)?.virtual_hosts ?? []).map((host: any) => [
                host.domains.join(),
                host.routes.map(({ route }: any) => route.cluster.split("||")[1].split(".")[0]),
            ]),
        );

    it("the scenario's: one Gateway, a VirtualService a host, behind a service that maps 80 to 8080", () => {
        const gateways = [gateway("g", ["sample.apps.example.com", "caller.apps.example.com"])];
        const virtualServices = ["sample", "caller"].map((name) => bound(name, [`${name}.apps.example.com`]));
        assert.deepEqual(hosts({ gateways, virtualServices }), {
            "sample.apps.example.com": ["sample"],
            "caller.apps.example.com": ["caller"],
        });
        const { listeners } = translated({ gateways, virtualServices }, ingress);
        assert.deepEqual(
            listeners.map((each: any) => each.address.socket_address),
            [{ address: "127.20.0.3", port_value: 8080 }],
        );
    });

    it("a gateway that no Gateway selects opens no port", () => {
        const gateways = [gateway("g", ["a.example.com"])];
        assert.deepEqual(translated({ gateways }, { ...ingress, labels: { istio: "egressgateway" } }).listeners, []);
    });

    const claims: [title: string, server: string[], virtual: string[], expected: string[]][] = [
        ["the same host", ["a.example.com"], ["a.example.com"], ["a.example.com"]],
        ["a wildcard that takes in a host", ["*.example.com"], ["a.example.com"], ["a.example.com"]],
        ["a host that a wildcard asks for", ["a.example.com"], ["*.example.com"], ["a.example.com"]],
        ["everything", ["*"], ["*.example.com"], ["*.example.com"]],
        ["another host", ["b.example.com"], ["a.example.com"], []],
        ["a wildcard is not for its own domain", ["*.example.com"], ["example.com"], []],
        ["for VirtualServices of the Gateway's own namespace", ["./a.example.com"], ["a.example.com"], ["a.example.com"]],
        ["for those of another one", ["office/a.example.com"], ["a.example.com"], []],
        ["for all", ["*/a.example.com"], ["A.example.com"], ["a.example.com"]],
    ];
    for (const [title, server, virtual, expected] of claims) {
        it(`hosts: ${title}`, () => {
            const patch = { gateways: [gateway("g", server)], virtualServices: [bound("sample", virtual)] };
            assert.deepEqual(Object.keys(hosts(patch)), expected);
        });
    }

    it("several Gateways at one port, also of several namespaces", () => {
        const gateways = [gateway("g", ["a.example.com"]), gateway("h", ["b.example.com"], {}, "office")];
        const virtualServices = [
            bound("sample", ["a.example.com", "b.example.com"]),
            bound("caller", ["b.example.com", "a.example.com"], { gateways: ["office/h"] }),
        ];
        assert.deepEqual(hosts({ gateways, virtualServices }), {
            "a.example.com": ["sample"],
            "b.example.com": ["caller"],
        });
    });

    it("two VirtualServices for a host: the older one's routes first, but what takes everything comes last", () => {
        const match = [{ uri: { prefix: "/narrow" } }];
        const virtualServices = [
            bound("sample", ["a.example.com"]),
            bound("caller", ["a.example.com"], { http: [{ match, route: [to("caller")] }] }),
        ];
        const gateways = [gateway("g", ["a.example.com"])];
        assert.deepEqual(hosts({ gateways, virtualServices }), { "a.example.com": ["caller", "sample"] });
    });

    it("a Gateway named with its namespace, a VirtualService of somewhere else", () => {
        const gateways = [gateway("g", ["a.example.com"])];
        const virtualServices = [bound("sample", ["a.example.com"], { gateways: ["shop/g"] }, "office")];
        assert.deepEqual(hosts({ gateways, virtualServices }), { "a.example.com": ["sample"] });
        assert.deepEqual(hosts({ gateways, virtualServices: [bound("sample", ["a.example.com"], {}, "office")] }), {});
    });

    it("two ports that end up at one of the pod's are one listener", () => {
        const gateways = [gateway("g", ["a.example.com"])];
        gateways[0].spec.servers.push({ port: { number: 8080, protocol: "HTTP" }, hosts: ["b.example.com"] });
        const virtualServices = [bound("sample", ["*"])];
        assert.equal(translated({ gateways, virtualServices }, ingress).listeners.length, 1);
        assert.deepEqual(Object.keys(hosts({ gateways, virtualServices })), ["a.example.com", "b.example.com"]);
    });
});

describe("translator: services and their pods", () => {
    const endpointsOf = (name: string, patch: object): string[] =>
        (translated(patch, caller).clusters.find((each: any) => each.name === name) as any).load_assignment.endpoints
            .flatMap((each: any) => each.lb_endpoints)
            .map(({ endpoint }: any) => `${endpoint.address.socket_address.address}:${endpoint.address.socket_address.port_value}`);

    it("the pods that the selector means, at the target port", () => {
        const pods = [
            workload("shop", "one", { labels: { app: "web", v: "1" }, address: "127.20.1.1" }),
            workload("shop", "two", { labels: { app: "web" }, address: "127.20.1.2" }),
            workload("office", "three", { labels: { app: "web" }, address: "127.20.1.3" }),
        ];
        const services = [service("shop", "web", [{ name: "http", port: 80, targetPort: 8080 }])];
        assert.deepEqual(endpointsOf("outbound|80||web.shop.svc.cluster.local", { services, workloads: pods }), [
            "127.20.1.1:8080",
            "127.20.1.2:8080",
        ]);
    });

    it("a target port by name, where the pod has it", () => {
        const pods = [
            workload("shop", "one", { labels: { app: "web" }, address: "127.20.1.1", portNames: { web: 9090 } }),
            workload("shop", "two", { labels: { app: "web" }, address: "127.20.1.2" }),
        ];
        const services = [service("shop", "web", [{ name: "http", port: 80, targetPort: "web" }])];
        assert.deepEqual(endpointsOf("outbound|80||web.shop.svc.cluster.local", { services, workloads: pods }), [
            "127.20.1.1:9090",
        ]);
    });

    it("no selector, no pods; no pods, no endpoints", () => {
        const services = [object("Service", "shop", "web", { ports: [{ port: 80 }] }), service("shop", "gone")];
        assert.deepEqual(endpointsOf("outbound|80||web.shop.svc.cluster.local", { services }), []);
        assert.deepEqual(endpointsOf("outbound|8080||gone.shop.svc.cluster.local", { services }), []);
    });

    it("a sidecar opens its containers' ports and those that services send to, but none that is not HTTP", () => {
        const self = workload("shop", "web", { ports: [8080, 9000] });
        const ports = [
            { name: "http", port: 80, targetPort: 8081 },
            { name: "tcp-x", port: 9000 },
        ];
        const { listeners } = translated({ services: [service("shop", "web", ports)] }, self);
        assert.deepEqual(
            listeners.map(({ name }: any) => name),
            ["inbound|8080", "inbound|8081", "outbound"],
        );
    });

    it("a pod without proxy gets no configuration", () => {
        const { listeners, clusters, routes, filters } = translated({}, workload("shop", "bare", { sidecar: false }));
        assert.deepEqual([listeners, clusters, routes, filters], [[], [], {}, {}]);
    });
});
