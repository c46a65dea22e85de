import assert from "node:assert/strict";
import fc from "fast-check";
import { accessSpec, denySpec } from "../../../specs/access";
import type { KubeObject } from "../../../kube";
import { decide, type Decision, describe as inWords, policiesFor, type PolicyRequest } from "../../../verify/policy";
import { isAllowed, type PolicySpec } from "../../lab/translator/oracle";
import { MEMBER, OWN, policy, TO_SAMPLE } from "./scenario";

const gateway = { namespace: OWN, serviceAccount: "istio-ingressgateway-service-account" };
const caller = { namespace: MEMBER, serviceAccount: "caller" };
const asked: PolicyRequest = {
    source: caller,
    method: "POST",
    path: "/api/sample/apply",
    host: "sample",
    port: 8080,
};
const allowing = (...rules: object[]): KubeObject => policy("p", { rules });
const denying = (...rules: object[]): KubeObject => policy("d", { action: "DENY", rules });
const from = (source: object) => ({ from: [{ source }] });
const to = (operation: object) => ({ to: [{ operation }] });

describe("verify: a plain reading of policies", () => {
    const table: [what: string, policies: KubeObject[], request: Partial<PolicyRequest>, is: Decision["is"]][] = [
        ["none: anyone may", [], {}, "allowed"],
        ["step 10: a caller from inside", [TO_SAMPLE], {}, "allowed"],
        ["step 10: the gateway, which is of another namespace", [TO_SAMPLE], { source: gateway }, "denied"],
        ["a caller without certificate is of no namespace", [TO_SAMPLE], { source: undefined }, "denied"],
        ["without rules: nobody", [policy("p", {})], {}, "denied"],
        ["an empty rule: anyone", [allowing({})], { source: undefined }, "allowed"],
        [
            "one rule of several is enough",
            [allowing(to({ methods: ["GET"] }), from({ namespaces: [MEMBER] }))],
            {},
            "allowed",
        ],
        ["one policy of several is enough", [policy("p", {}), TO_SAMPLE], {}, "allowed"],
        [
            "all parts of a rule must hold",
            [allowing({ ...from({ namespaces: [MEMBER] }), ...to({ methods: ["GET"] }) })],
            {},
            "denied",
        ],
        [
            "a principal",
            [allowing(from({ principals: ["cluster.local/ns/microsvc-sample/sa/caller"] }))],
            {},
            "allowed",
        ],
        [
            "a principal by its beginning",
            [allowing(from({ principals: ["cluster.local/ns/microsvc-sample/*"] }))],
            {},
            "allowed",
        ],
        ["a principal by its end", [allowing(from({ principals: ["*/sa/caller"] }))], {}, "allowed"],
        ["any principal at all", [allowing(from({ principals: ["*"] }))], {}, "allowed"],
        ["any principal, and there is none", [allowing(from({ principals: ["*"] }))], { source: undefined }, "denied"],
        ["not these namespaces", [allowing(from({ notNamespaces: [OWN] }))], { source: gateway }, "denied"],
        [
            "not these namespaces, and none",
            [allowing(from({ notNamespaces: [OWN] }))],
            { source: undefined },
            "allowed",
        ],
        ["a path by its beginning", [allowing(to({ paths: ["/api/*"] }))], {}, "allowed"],
        ["a path that differs", [allowing(to({ paths: ["/api"] }))], {}, "denied"],
        ["a host in other letters", [allowing(to({ hosts: ["SAMPLE"] }))], {}, "allowed"],
        ["a port", [allowing(to({ ports: ["8080"] }))], {}, "allowed"],
        ["DENY goes before ALLOW", [allowing({}), denying(to({ methods: ["POST"] }))], {}, "denied"],
        ["DENY of something else", [denying(to({ methods: ["GET"] }))], {}, "allowed"],
        ["DENY without rules", [policy("d", { action: "DENY" })], {}, "allowed"],
        ["AUDIT stops nothing", [policy("a", { action: "AUDIT", rules: [{}] })], {}, "allowed"],
        ["CUSTOM asks somebody else", [policy("c", { action: "CUSTOM", rules: [{}] })], {}, "unknown"],
        ["a condition", [allowing({ when: [{ key: "request.headers[x]", values: ["y"] }] })], {}, "unknown"],
        ["an address", [allowing(from({ ipBlocks: ["10.0.0.0/8"] }))], {}, "unknown"],
        [
            "a condition beside what does not hold",
            [allowing({ ...to({ methods: ["GET"] }), when: [{}] })],
            {},
            "denied",
        ],
        ["a condition that another rule makes idle", [allowing({ when: [{}] }, {})], {}, "allowed"],
        ["a DENY that may hold", [denying({ when: [{}] })], {}, "unknown"],
        [
            "a DENY that may hold, where nobody is let in anyway",
            [denying({ when: [{}] }), policy("p", {})],
            {},
            "denied",
        ],
    ];
    for (const [what, policies, request, is] of table) {
        it(`${is}: ${what}`, () => assert.equal(decide(policies, { ...asked, ...request }).is, is));
    }

    it("knows which policies are a workload's: its namespace's by label, and the mesh's own", () => {
        const everywhere = policy("everywhere", {}, OWN);
        const elsewhere = policy("elsewhere", {}, "shop");
        const all = [TO_SAMPLE, everywhere, elsewhere];
        const of = (app: string) =>
            policiesFor(all, { namespace: MEMBER, labels: { app } }, OWN).map((p) => p.metadata.name);
        assert.deepEqual(of("sample"), ["to-sample", "everywhere"]);
        assert.deepEqual(of("caller"), ["everywhere"]);
    });

    it("says in words who may", () => {
        assert.equal(inWords(TO_SAMPLE.spec), "only namespaces microsvc-sample");
        assert.equal(inWords({}), "nobody");
        assert.equal(inWords({ rules: [{}] }), "anyone");
        const rules = [{ services: ["caller"], methods: ["POST" as const] }, { namespaces: ["shop"] }];
        const spec = accessSpec("sample", MEMBER, rules, []);
        const one = "only principals cluster.local/ns/microsvc-sample/sa/caller with methods POST";
        assert.equal(inWords(spec as KubeObject["spec"]), `${one}, or only namespaces shop`);
        const outside = accessSpec("sample", MEMBER, [{ gateway: true }], ["cluster.local/ns/ingress/sa/gateway"]);
        assert.equal(inWords(outside as KubeObject["spec"]), "only principals cluster.local/ns/ingress/sa/gateway");
        const refused = denySpec("sample", MEMBER, [{ namespaces: ["shop"] }, { methods: ["PUT"] }], []);
        assert.equal(inWords(refused as KubeObject["spec"]), "not namespaces shop, nor anyone with methods PUT");
    });

    const word = (...words: string[]) => fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: 3 });
    const part = (fields: Record<string, fc.Arbitrary<string[]>>) =>
        fc.record(fields, { requiredKeys: [] }).filter((lists) => Object.keys(lists).length > 0);
    const namespaces = word(MEMBER, OWN, "shop", "sh*", "*");
    const principals = word("*", "*/sa/caller", `cluster.local/ns/${MEMBER}/*`, "cluster.local/ns/shop/sa/cart");
    const paths = word("/", "/a", "/a/*", "*b", "*");
    const methods = word("GET", "POST", "P*");
    const rule = fc.record({
        from: fc.array(
            part({ namespaces, notNamespaces: namespaces, principals, notPrincipals: principals }).map((source) => ({
                source,
            })),
            { maxLength: 2 },
        ),
        to: fc.array(
            part({ paths, notPaths: paths, methods, notMethods: methods }).map((operation) => ({ operation })),
            { maxLength: 2 },
        ),
    });
    const spec = fc.record({
        action: fc.constantFrom("ALLOW", "DENY"),
        selector: fc.constantFrom(undefined, { matchLabels: { app: "sample" } }, { matchLabels: { app: "x" } }),
        rules: fc.array(rule, { maxLength: 3 }),
    });
    const specs = fc.array(fc.record({ namespace: fc.constantFrom(MEMBER, OWN, "shop"), spec }), { maxLength: 4 });
    const client = fc.constantFrom(undefined, caller, gateway, { namespace: "shop", serviceAccount: "cart" });
    const request = fc.record({
        client,
        method: fc.constantFrom("GET", "POST"),
        path: fc.constantFrom("/", "/a", "/a/b"),
    });

    it("is the reading by which the lab's Envoys are tested, for whatever policies", () => {
        fc.assert(
            fc.property(specs, request, (given, { client: source, method, path }) => {
                const objects = given.map((g, i) => policy(`p${i}`, g.spec, g.namespace));
                const target = { namespace: MEMBER, labels: { app: "sample" } };
                const host = "sample.apps.example.com";
                const own = policiesFor(objects, target, OWN);
                const decision = decide(own, { source, method, path, host, port: 8080 });
                const who = source ? `${source.namespace}/${source.serviceAccount}` : "";
                const plain: PolicySpec[] = given.map((g) => ({ namespace: g.namespace, ...g.spec }));
                const expected = isAllowed(plain, { client: who, method, path, host, port: 8080 }, target);
                assert.equal(decision.is, expected ? "allowed" : "denied");
            }),
            { numRuns: 500 },
        );
    });
});
