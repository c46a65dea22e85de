import assert from "node:assert/strict";
import { type ClusterFacts, emptyFacts } from "../../../cluster/facts";
import { loadConfig } from "../../../config/load";
import { effective } from "../../../config/next";
import { describeProblem } from "../../../config/problems";
import { checkMove } from "../../../stacks/moving";

const STACK = "organization/mesh/shop";
const OLD = { apiVersion: "maistra.io/v1", name: "basic", namespace: "istio-system", version: "v1.1", mark: STACK };
const TWO = { ...OLD, apiVersion: "maistra.io/v2", version: "v2.6" };
const THREE = { apiVersion: "sailoperator.io/v1", name: "v3", namespace: "istio-system", mark: STACK };
const image = "registry.example.com/shop/cart:1";

/** What is wrong with going to this config, on a cluster with these control planes and members that have gone over. */
function wrong(
    generation: string,
    next: string[] | undefined,
    controlPlanes: ClusterFacts["controlPlanes"],
    goneOver: string[] = [],
): string[] {
    const config = loadConfig({
        "mesh:generation": generation,
        "mesh:controlPlane": JSON.stringify({ name: generation === "3" ? "v3" : "basic", tracing: { enabled: false } }),
        "mesh:namespaces": JSON.stringify({
            front: { services: { cart: { image } } },
            back: { services: { stock: { image } } },
        }),
        ...(next === undefined
            ? {}
            : {
                  "mesh:next": JSON.stringify({
                      generation: "3",
                      controlPlane: { name: "v3", consoles: ["kiali"] },
                      namespaces: next,
                  }),
              }),
    });
    const facts = emptyFacts({
        controlPlanes,
        namespaces: Object.fromEntries(
            ["front", "back"].map((name) => [
                name,
                {
                    exists: true,
                    terminating: false,
                    labels: goneOver.includes(name) ? { "istio.io/rev": "v3" } : ({} as Record<string, string>),
                    annotations: {},
                },
            ]),
        ),
    });
    return checkMove(effective(config), facts, STACK, (name) => name).map((p) => `${p.key}: ${describeProblem(p)}`);
}

describe("a stack that becomes of another generation", () => {
    it("begins wherever it likes", () => {
        for (const generation of ["1.1", "2.6", "3"]) {
            assert.deepEqual(wrong(generation, undefined, []), []);
        }
    });

    it("other stacks' control planes are none of its business", () => {
        assert.deepEqual(wrong("3", undefined, [{ ...TWO, mark: "organization/mesh/other" }]), []);
    });

    for (const [from, to] of [
        [OLD, "2.6"],
        [OLD, "3"],
        [TWO, "1.1"],
    ] as const) {
        it(`not in one cluster: from ${from.version} to ${to}`, () => {
            const [problem, ...more] = wrong(to, undefined, [from]);
            assert.match(problem, /^mesh:generation: .*no cluster has beside.*on another cluster/);
            assert.deepEqual(more, []);
        });
    }

    it("2.6 to 3: not in one leap", () => {
        assert.match(
            wrong("3", undefined, [TWO])[0],
            /^mesh:generation: .*not every namespace has gone over.*mesh:next/,
        );
    });

    it("2.6 to 3: beside each other, with nobody moved", () => {
        assert.deepEqual(wrong("2.6", [], [TWO]), []);
        assert.deepEqual(wrong("2.6", [], [TWO, THREE]), []);
    });

    it("nobody moves to a control plane that is not there", () => {
        assert.match(wrong("2.6", ["front"], [TWO])[0], /^mesh:next\.namespaces: front: \[\] until/);
        assert.deepEqual(wrong("2.6", ["front"], [TWO, THREE]), []);
    });

    it("the old one goes when everybody has gone over, and not before", () => {
        const all = ["front", "back"];
        assert.match(wrong("3", all, [TWO, THREE], ["front"])[0], /not every namespace has gone over/);
        assert.deepEqual(wrong("3", all, [TWO, THREE], all), []);
        // Once it is gone, what was written for the move may be folded.
        assert.deepEqual(wrong("3", undefined, [THREE], all), []);
    });

    it("giving the move up takes those back first who have gone over", () => {
        assert.match(wrong("2.6", undefined, [TWO, THREE], ["back"])[0], /^mesh:next: .*back is in the next mesh/);
        assert.deepEqual(wrong("2.6", undefined, [TWO, THREE]), []);
    });
});
