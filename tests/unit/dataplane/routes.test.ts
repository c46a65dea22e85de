import assert from "node:assert/strict";
import { routesTo, to, virtualService } from "./objects";

const DOMAIN = "sample.shop.svc.cluster.local:8080";
const CLUSTER = "outbound|8080||sample.shop.svc.cluster.local";

/** The first route of a VirtualService with this one HTTP rule. */
function first(http: object): any {
    return routesTo(DOMAIN, {
        virtualServices: [virtualService("v", { http: [{ route: [to("sample")], ...http }] })],
    })![0];
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
        assert.deepEqual(
            routes!.map(({ match, route }) => [match, route.cluster]),
            [[{ prefix: "/" }, CLUSTER]],
        );
    });

    it("several matches of a rule are several routes, in their order", () => {
        const http = [{ match: [{ uri: { exact: "/b" } }, { uri: { exact: "/a" } }], route: [to("sample")] }];
        const routes = routesTo(DOMAIN, { virtualServices: [virtualService("v", { http })] });
        assert.deepEqual(
            routes!.map(({ match }) => match),
            [{ path: "/b" }, { path: "/a" }],
        );
    });

    const actions: [title: string, http: object, expected: object][] = [
        ["no timeout unless one is said", {}, { timeout: "0s" }],
        ["timeout", { timeout: "1m1.5s" }, { timeout: "61.5s" }],
        ["timeout in milliseconds", { timeout: "250ms" }, { timeout: "0.25s" }],
        ["rewrite of the path", { rewrite: { uri: "/b" } }, { prefix_rewrite: "/b" }],
        ["rewrite of the authority", { rewrite: { authority: "b.example" } }, { host_rewrite_literal: "b.example" }],
        ["no retries", { retries: { attempts: 0 } }, { retry_policy: undefined }],
        ["a port", { route: [to("caller", 9090)] }, { cluster: "outbound|9090||caller.shop.svc.cluster.local" }],
        [
            "a service's only port",
            { route: [to("caller")] },
            { cluster: "outbound|8080||caller.shop.svc.cluster.local" },
        ],
        ["a service nobody knows", { route: [to("x.example")] }, { cluster: "outbound|8080||x.example" }],
        ["a single destination needs no weight", { route: [{ ...to("sample"), weight: 0 }] }, { cluster: CLUSTER }],
        [
            "of several destinations one without weight gets nothing",
            { route: [{ ...to("sample"), weight: 3 }, to("caller")] },
            { cluster: CLUSTER },
        ],
        [
            "weights",
            {
                route: [
                    { ...to("sample"), weight: 90 },
                    { ...to("caller"), weight: 10 },
                ],
            },
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
            assert.equal(
                policy.retry_on,
                "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes",
            );
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
