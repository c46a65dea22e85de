import assert from "node:assert/strict";
import fc from "fast-check";
import { decide, differences, diffWith, NO_DIFF, pruneLike } from "../../../lab/engine/plan/diff";
import { mustGoBefore, removeInOrder } from "../../../lab/engine/plan/order";
import { expand, keepIgnored, parsePath, valueAt, withValueAt, writePath } from "../../../lab/engine/plan/paths";
import { aliasUrn, partsOf, STACK_TYPE, urnOf } from "../../../lab/engine/plan/urn";
import { secret, UNKNOWN, type Value } from "../../../lab/engine/values";

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Value>;

describe("property paths", () => {
    it("reads what it writes", () => {
        const part = fc.oneof(
            fc.string({ minLength: 1 }).filter((s) => s !== "*"),
            fc.nat(20),
        );
        fc.assert(
            fc.property(fc.array(part, { minLength: 1 }), (path) => {
                // A number is an index only in brackets; written as a first key it would be a name.
                assert.deepEqual(parsePath(writePath(path)), path);
            }),
        );
    });

    it("finds values by index, by quoted key and by wildcard", () => {
        const value = { spec: { members: ["a", "b"] }, metadata: { annotations: { "a.b/c": "x" } } };
        assert.equal(valueAt(value, parsePath("spec.members[1]")), "b");
        assert.equal(valueAt(value, parsePath('metadata.annotations["a.b/c"]')), "x");
        assert.deepEqual(expand(value, parsePath("spec.members[*]")).map(writePath), [
            "spec.members[0]",
            "spec.members[1]",
        ]);
    });

    it("takes a property away and never invents the way to one", () => {
        assert.deepEqual(withValueAt({ a: { b: 1, c: 2 } }, ["a", "b"], undefined), { a: { c: 2 } });
        assert.deepEqual(withValueAt({ a: 1 }, ["x", "y"], 2), { a: 1 });
    });

    it("ignoreChanges keeps the old value, also where there was none", () => {
        const old = { spec: { members: ["theirs"], size: 1 } };
        const wanted = { spec: { members: ["ours"], size: 2, more: true } };
        assert.deepEqual(keepIgnored(old, wanted, ["spec.members", "spec.more"]), {
            spec: { members: ["theirs"], size: 2 },
        });
    });

    it("says where a path is wrong", () => {
        assert.throws(() => parsePath("a[b"), /"a\[b" is not a property path/);
    });
});

describe("differences", () => {
    it("are none between a value and itself", () => {
        fc.assert(fc.property(json, (value) => assert.deepEqual(differences(value, value), [])));
    });

    it("name the leaves, secrets by their value, unknowns always", () => {
        const found = differences({ a: 1, b: secret("x"), c: [1, 2] }, { a: 2, b: secret("x"), c: [1], d: UNKNOWN });
        assert.deepEqual(
            found.map((d) => `${d.kind} ${writePath(d.path)}`),
            ["change a", "remove c[1]", "add d"],
        );
        assert.equal(differences(UNKNOWN, UNKNOWN).length, 1);
    });

    it("force a replacement when they touch what cannot be changed in place", () => {
        const found = differences({ metadata: { name: "a" }, spec: {} }, { metadata: { name: "b" }, spec: { x: 1 } });
        const diff = diffWith(found, ["metadata.name", "spec.selector.app"]);
        assert.deepEqual(diff.replaces, ["metadata.name"]);
        assert.deepEqual(diffWith(differences({ spec: 1 }, {}), ["spec.selector"]).replaces, ["spec"]);
    });

    it("decide between same, update and replace", () => {
        assert.equal(decide(false, false, NO_DIFF), "create");
        assert.equal(decide(true, false, NO_DIFF), "same");
        assert.equal(decide(true, true, NO_DIFF), "update", "what did not become ready is awaited again");
        assert.equal(decide(true, false, { ...NO_DIFF, keys: ["a"] }), "update");
        assert.equal(decide(true, false, { ...NO_DIFF, keys: ["a"], changes: false }), "same");
        assert.equal(decide(true, false, { ...NO_DIFF, replaces: ["a"] }), "replace");
    });

    it("a live object reduced to the shape of its inputs has nothing that the API server added", () => {
        const live = {
            spec: {
                a: 1,
                defaulted: 2,
                list: [
                    { x: 1, y: 2 },
                    { x: 3, y: 4 },
                ],
            },
            status: {},
        };
        assert.deepEqual(pruneLike(live, { spec: { a: 9, list: [{ x: 0 }] } }), { spec: { a: 1, list: [{ x: 1 }] } });
    });
});

describe("the order of removal", () => {
    const leaning = (urn: string, dependencies: string[] = [], parent?: string) => ({ urn, dependencies, parent });

    it("takes nothing away before what leans on it (any graph without circles)", async () => {
        const graph = fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { maxLength: 30 });
        await fc.assert(
            fc.asyncProperty(graph, fc.infiniteStream(fc.nat(3)), async (edges, delays) => {
                const set = edges.map((to, i) =>
                    leaning(
                        `u${i}`,
                        to.filter((t) => t < i).map((t) => `u${t}`),
                    ),
                );
                const gone: string[] = [];
                await removeInOrder(set, async (r) => {
                    for (let n = delays.next().value; n > 0; n--) {
                        await Promise.resolve();
                    }
                    gone.push(r.urn);
                });
                assert.equal(gone.length, set.length);
                for (const r of set) {
                    for (const support of r.dependencies) {
                        assert.ok(gone.indexOf(r.urn) < gone.indexOf(support));
                    }
                }
            }),
        );
    });

    it("children go before their parent, and what goes with another before that other", () => {
        const set = [leaning("p"), leaning("c", [], "p"), { ...leaning("w"), deletedWith: "p" }];
        assert.deepEqual(
            mustGoBefore(set)
                .get(set[0])!
                .map((r) => r.urn),
            ["c", "w"],
        );
    });

    it("after a failure begins nothing more, and ends what is under way", async () => {
        const gone: string[] = [];
        const set = [leaning("base"), leaning("bad", ["base"]), leaning("slow")];
        const removal = removeInOrder(set, async ({ urn }) => {
            if (urn === "bad") {
                throw new Error("it does not go");
            }
            await new Promise((resolve) => setTimeout(resolve, 5));
            gone.push(urn);
        });
        await assert.rejects(removal, /it does not go/);
        assert.deepEqual(gone, ["slow"]);
    });

    it("says so when there is a circle", async () => {
        const set = [leaning("a", ["b"]), leaning("b", ["a"])];
        await assert.rejects(
            removeInOrder(set, async () => undefined),
            /circular dependency: a -> b -> a|b -> a -> b/,
        );
    });
});

describe("URNs", () => {
    const stack = urnOf("dev", "mesh", undefined, STACK_TYPE, "mesh-dev");
    const component = urnOf("dev", "mesh", stack, "mesh:index:ControlPlane", "basic");

    it("carry the types of all components around, but not the stack's", () => {
        const child = urnOf("dev", "mesh", component, "kubernetes:core/v1:Namespace", "a::b");
        assert.equal(child, "urn:pulumi:dev::mesh::mesh:index:ControlPlane$kubernetes:core/v1:Namespace::a::b");
        assert.deepEqual(partsOf(child).types, ["mesh:index:ControlPlane", "kubernetes:core/v1:Namespace"]);
        assert.equal(partsOf(child).name, "a::b");
    });

    it("of aliases take what is not said from the resource itself", () => {
        const own = urnOf("dev", "mesh", component, "random:index:X", "new");
        assert.equal(
            aliasUrn({ name: "old" }, own, component),
            urnOf("dev", "mesh", component, "random:index:X", "old"),
        );
        assert.equal(aliasUrn({ noParent: true }, own, component), "urn:pulumi:dev::mesh::random:index:X::new");
    });
});
