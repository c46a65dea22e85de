import assert from "node:assert/strict";
import fc from "fast-check";
import { type Need, resourceOf, type Verb } from "../../../cluster/need";
import { rulesFor } from "../../../rights/role";

const pods = (verbs: Verb[], name?: string, why = "a test"): Need => ({
    group: "",
    resource: "pods",
    verbs,
    ...(name === undefined ? {} : { name }),
    why,
});

describe("rules of a role", () => {
    it("what is given for any name is not given again by name", () => {
        assert.deepEqual(rulesFor([pods(["list"]), pods(["list", "get"], "a")]), [
            { apiGroups: [""], resources: ["pods"], verbs: ["list"], why: ["a test"] },
            { apiGroups: [""], resources: ["pods"], resourceNames: ["a"], verbs: ["get"], why: ["a test"] },
        ]);
    });

    it("a create is never by name, which the API server does not know when it is asked", () => {
        const rules = rulesFor([pods(["create", "patch"], "a")]);
        assert.deepEqual(
            rules.map((r) => [r.resourceNames, r.verbs]),
            [
                [undefined, ["create"]],
                [["a"], ["patch"]],
            ],
        );
    });

    it("names with the same verbs share a rule, and so do resources; each reason is told once", () => {
        const services = { ...pods(["get"], "a", "another"), resource: "services" };
        const all = [pods(["get"], "b"), pods(["get"], "a"), services, { ...services, name: "b" }];
        assert.deepEqual(rulesFor(all), [
            {
                apiGroups: [""],
                resources: ["pods", "services"],
                resourceNames: ["a", "b"],
                verbs: ["get"],
                why: ["a test", "another"],
            },
        ]);
    });

    it("what the account has in the whole cluster is not given again in a namespace", () => {
        const given = [pods(["list"]), pods(["get"], "a")];
        assert.deepEqual(rulesFor([pods(["list", "get"], "a")], given), []);
        assert.deepEqual(rulesFor([pods(["get"], "b")], given)[0].resourceNames, ["b"]);
    });

    it("rules give just what is needed, in whatever order it is said (property)", () => {
        const verb = fc.constantFrom<Verb>("get", "list", "watch", "create", "patch", "delete");
        const needs = fc.array(
            fc.record({
                group: fc.constantFrom("", "apps"),
                resource: fc.constantFrom("pods", "services", "deployments"),
                name: fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined }),
                verbs: fc.uniqueArray(verb, { minLength: 1 }),
                why: fc.constantFrom("one", "other"),
            }),
            { maxLength: 20 },
        );
        const each = (all: { group: string; resource: string; name?: string; verbs: readonly Verb[] }[]): string[] =>
            all.flatMap(({ group, resource, name, verbs }) =>
                verbs.map((v) => [group, resource, v, v === "create" ? "" : (name ?? "")].join(" ")),
            );
        fc.assert(
            fc.property(needs, fc.nat(), (all, seed) => {
                const rules = rulesFor(all);
                const given = new Set(
                    rules.flatMap((r) =>
                        r.resources.flatMap((resource) =>
                            (r.resourceNames ?? [""]).flatMap((name) =>
                                each([{ group: r.apiGroups[0], resource, name, verbs: r.verbs }]),
                            ),
                        ),
                    ),
                );
                const wanted = new Set(each(all));
                assert.ok(
                    [...given].every((right) => wanted.has(right)),
                    "nothing that nobody needs",
                );
                for (const right of wanted) {
                    const [group, resource, v] = right.split(" ");
                    assert.ok(given.has(right) || given.has([group, resource, v, ""].join(" ")), right);
                }
                const turned = all.map((_, i) => all[(i + seed) % all.length]);
                assert.deepEqual(rulesFor(turned), rules);
            }),
        );
    });
});

describe("the plural of a kind", () => {
    for (const [kind, plural] of [
        ["Deployment", "deployments"],
        ["NetworkPolicy", "networkpolicies"],
        ["Gateway", "gateways"],
        ["Ingress", "ingresses"],
        ["Telemetry", "telemetries"],
        ["TempoMonolithic", "tempomonolithics"],
        ["IstioCNI", "istiocnis"],
    ]) {
        it(`${kind}: ${plural}`, () => assert.equal(resourceOf(kind), plural));
    }
});
