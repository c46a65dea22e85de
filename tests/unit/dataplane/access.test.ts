import assert from "node:assert/strict";
import { parsePattern } from "../../../lab/dataplane/translate/match";
import { ingress, object, sample, translated, workload } from "./objects";

function policy(spec: object | undefined, namespace = "shop", name = "p") {
    return object("AuthorizationPolicy", namespace, name, spec);
}

function rules(filter: "rbac-allow" | "rbac-deny", ...policies: ReturnType<typeof policy>[]): any {
    return (translated({ authorizationPolicies: policies }).filters[filter] as any).rules;
}

const ANY = [{ any: true }];

describe("translator: who may ask what", () => {
    it("no policy, no limit", () => {
        assert.equal(rules("rbac-allow"), undefined);
        assert.equal(rules("rbac-deny"), undefined);
    });

    it("the scenario's policy: from its own namespace, to: [] is no limit (step 10)", () => {
        const toSample = policy(
            {
                selector: { matchLabels: { app: "sample" } },
                rules: [{ from: [{ source: { namespaces: ["microsvc-sample"] } }], to: [] }],
            },
            "shop",
            "to-sample",
        );
        const regex = "spiffe://[^/]+/ns/microsvc-sample/sa/[^/]+";
        assert.deepEqual(rules("rbac-allow", toSample), {
            action: "ALLOW",
            policies: {
                "ns[shop]-policy[to-sample]-rule[0]": {
                    principals: [
                        {
                            and_ids: {
                                ids: [
                                    {
                                        or_ids: {
                                            ids: [{ authenticated: { principal_name: { safe_regex: { regex } } } }],
                                        },
                                    },
                                ],
                            },
                        },
                    ],
                    permissions: ANY,
                },
            },
        });
    });

    it("rules absent, empty or in an empty spec: nobody", () => {
        for (const spec of [undefined, {}, { rules: [] }, { action: "ALLOW" }]) {
            assert.deepEqual(rules("rbac-allow", policy(spec)), { action: "ALLOW", policies: {} });
        }
    });

    it("one empty rule: everybody", () => {
        const expected = { "ns[shop]-policy[p]-rule[0]": { permissions: ANY, principals: ANY } };
        assert.deepEqual(rules("rbac-allow", policy({ rules: [{}] })).policies, expected);
        assert.deepEqual(rules("rbac-allow", policy({ rules: [{ from: [], to: [] }] })).policies, expected);
    });

    it("DENY without rules denies nothing", () => {
        assert.equal(rules("rbac-deny", policy({ action: "DENY" })), undefined);
        assert.equal(rules("rbac-allow", policy({ action: "DENY" })), undefined);
    });

    const whom: [title: string, namespace: string, labels: object | undefined, sample: boolean, ingress: boolean][] = [
        ["a namespace", "shop", undefined, true, false],
        ["an empty selector", "shop", {}, true, false],
        ["its workloads", "shop", { app: "sample" }, true, false],
        ["other workloads", "shop", { app: "other" }, false, false],
        ["several labels", "shop", { app: "sample", v: "1" }, false, false],
        ["another namespace", "office", undefined, false, false],
        ["the root namespace", "istio-system", undefined, true, true],
        ["workloads by the root namespace", "istio-system", { app: "sample" }, true, false],
        ["a gateway", "istio-system", { istio: "ingressgateway" }, false, true],
    ];
    for (const [title, namespace, matchLabels, expectSample, expectIngress] of whom) {
        it(`selects: ${title}`, () => {
            const selector = matchLabels === undefined ? {} : { selector: { matchLabels } };
            const authorizationPolicies = [policy(selector, namespace)];
            const hit = (self: ReturnType<typeof workload>) =>
                (translated({ authorizationPolicies }, self).filters["rbac-allow"] as any).rules !== undefined;
            assert.deepEqual([hit(sample), hit(ingress)], [expectSample, expectIngress]);
        });
    }

    const principal = (source: object): any =>
        Object.values<any>(rules("rbac-deny", policy({ action: "DENY", rules: [{ from: [{ source }] }] })).policies)[0]
            .principals[0].and_ids.ids;
    const name = (matcher: object) => ({ authenticated: { principal_name: matcher } });
    const sources: [title: string, source: object, ids: object[]][] = [
        [
            "a principal",
            { principals: ["cluster.local/ns/a/sa/b"] },
            [{ or_ids: { ids: [name({ exact: "spiffe://cluster.local/ns/a/sa/b" })] } }],
        ],
        [
            "principals by their beginning, end, and any",
            { principals: ["cluster.local/ns/a/*", "*/sa/b.c", "*"] },
            [
                {
                    or_ids: {
                        ids: [
                            name({ prefix: "spiffe://cluster.local/ns/a/" }),
                            name({ safe_regex: { regex: "spiffe://.*/sa/b\\.c" } }),
                            name({ safe_regex: { regex: ".+" } }),
                        ],
                    },
                },
            ],
        ],
        [
            "namespaces by their beginning, end, and any",
            { namespaces: ["a*", "*b", "*"] },
            [
                {
                    or_ids: {
                        ids: ["a[^/]*", "[^/]*b", "[^/]+"].map((part) =>
                            name({ safe_regex: { regex: `spiffe://[^/]+/ns/${part}/sa/[^/]+` } }),
                        ),
                    },
                },
            ],
        ],
        [
            "but not",
            { notNamespaces: ["a"], notPrincipals: ["x"] },
            [
                { not_id: { or_ids: { ids: [name({ safe_regex: { regex: "spiffe://[^/]+/ns/a/sa/[^/]+" } })] } } },
                { not_id: { or_ids: { ids: [name({ exact: "spiffe://x" })] } } },
            ],
        ],
    ];
    for (const [title, source, expected] of sources) {
        it(`from: ${title}`, () => assert.deepEqual(principal(source), expected));
    }

    const permission = (operation: object): any =>
        Object.values<any>(rules("rbac-allow", policy({ rules: [{ to: [{ operation }] }] })).policies)[0].permissions[0]
            .and_rules.rules;
    const any = (...rules: object[]) => ({ or_rules: { rules } });
    const operations: [title: string, operation: object, expected: object[]][] = [
        [
            "methods",
            { methods: ["GET", "P*", "*"] },
            [
                any(
                    { header: { name: ":method", string_match: { exact: "GET" } } },
                    { header: { name: ":method", string_match: { prefix: "P" } } },
                    { header: { name: ":method", present_match: true } },
                ),
            ],
        ],
        [
            "paths",
            { paths: ["/a", "/a*", "*a", "*"] },
            [
                any(
                    ...[{ exact: "/a" }, { prefix: "/a" }, { suffix: "a" }, { safe_regex: { regex: ".+" } }].map(
                        (path) => ({
                            url_path: { path },
                        }),
                    ),
                ),
            ],
        ],
        [
            "hosts, in any case",
            { hosts: ["A.example"] },
            [any({ header: { name: ":authority", string_match: { exact: "A.example", ignore_case: true } } })],
        ],
        ["ports", { ports: ["8080", "9090"] }, [any({ destination_port: 8080 }, { destination_port: 9090 })]],
        [
            "but not",
            { notMethods: ["GET"], notPorts: ["1"] },
            [
                { not_rule: any({ header: { name: ":method", string_match: { exact: "GET" } } }) },
                { not_rule: any({ destination_port: 1 }) },
            ],
        ],
    ];
    for (const [title, operation, expected] of operations) {
        it(`to: ${title}`, () => assert.deepEqual(permission(operation), expected));
    }

    it("several rules of several policies have names of their own", () => {
        const two = { rules: [{}, {}] };
        assert.deepEqual(Object.keys(rules("rbac-allow", policy(two), policy(two, "shop", "q")).policies), [
            "ns[shop]-policy[p]-rule[0]",
            "ns[shop]-policy[p]-rule[1]",
            "ns[shop]-policy[q]-rule[0]",
            "ns[shop]-policy[q]-rule[1]",
        ]);
    });

    it("stars", () => {
        assert.deepEqual(parsePattern("a"), { is: "exact", text: "a" });
        assert.deepEqual(parsePattern("a*"), { is: "prefix", text: "a" });
        assert.deepEqual(parsePattern("*a"), { is: "suffix", text: "a" });
        assert.deepEqual(parsePattern("*"), { is: "any" });
        assert.deepEqual(["**", "a*b", "*a*", "", "a**"].map(parsePattern), Array(5).fill(undefined));
    });
});
