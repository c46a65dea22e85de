import assert from "node:assert/strict";
import { accessSpec, denySpec } from "../../../specs/access";

describe("specs: who may call a service", () => {
    const selector = { matchLabels: { app: "sample" } };
    const cases: [string, Parameters<typeof accessSpec>[2], object | undefined][] = [
        ["anyone: no policy, as in the mesh itself", "anyone", undefined],
        ["nobody: a policy without rules", [], { selector }],
        [
            "step 10: callers of one namespace, whatever they ask for",
            [{ namespaces: ["microsvc-sample"] }],
            { selector, rules: [{ from: [{ source: { namespaces: ["microsvc-sample"] } }], to: [] }] },
        ],
        [
            "a service by its identity; its namespace is this one unless it says otherwise",
            [{ services: ["caller", "shop/cart"] }],
            {
                selector,
                rules: [
                    {
                        from: [
                            {
                                source: {
                                    principals: [
                                        "cluster.local/ns/microsvc-sample/sa/caller",
                                        "cluster.local/ns/shop/sa/cart",
                                    ],
                                },
                            },
                        ],
                        to: [],
                    },
                ],
            },
        ],
        [
            "finer: methods and paths, of anyone",
            [{ methods: ["POST"], paths: ["/api/sample/*"] }],
            { selector, rules: [{ to: [{ operation: { methods: ["POST"], paths: ["/api/sample/*"] } }] }] },
        ],
        [
            "each entry is a rule of its own: one of them must hold",
            [{ principals: ["cluster.local/ns/a/sa/b"] }, { namespaces: ["c"], methods: ["GET"] }],
            {
                selector,
                rules: [
                    { from: [{ source: { principals: ["cluster.local/ns/a/sa/b"] } }], to: [] },
                    { from: [{ source: { namespaces: ["c"] } }], to: [{ operation: { methods: ["GET"] } }] },
                ],
            },
        ],
    ];
    for (const [title, allow, expected] of cases) {
        it(title, () => assert.deepEqual(accessSpec("sample", "microsvc-sample", allow, []), expected));
    }

    const gateways = ["cluster.local/ns/istio-system-ingress/sa/istio-ingressgateway"];

    it("callers from outside are known by the identity of the gateway that they come through", () => {
        const rules = [{ from: [{ source: { principals: gateways } }], to: [] }];
        assert.deepEqual(accessSpec("sample", "shop", [{ gateway: true }], gateways), { selector, rules });
        const all = accessSpec("sample", "shop", [{ gateway: true, services: ["cart"] }], gateways) as any;
        assert.deepEqual(all.rules[0].from[0].source.principals, ["cluster.local/ns/shop/sa/cart", ...gateways]);
    });

    it("while there are two gateways, both are meant", () => {
        const both = [...gateways, "cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account"];
        const spec = accessSpec("sample", "shop", [{ gateway: true }], both) as any;
        assert.deepEqual(spec.rules[0].from[0].source.principals, both);
    });

    it("who is denied is denied by the same rules, and nobody without any", () => {
        assert.equal(denySpec("sample", "shop", [], gateways), undefined);
        assert.deepEqual(denySpec("sample", "shop", [{ gateway: true, paths: ["/internal/*"] }], gateways), {
            selector,
            action: "DENY",
            rules: [{ from: [{ source: { principals: gateways } }], to: [{ operation: { paths: ["/internal/*"] } }] }],
        });
    });
});
