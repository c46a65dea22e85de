import { deepEqual, equal } from "node:assert/strict";
import { withCondition } from "../../../lab/standins/maistra/common/conditions";
import { rollReadiness, type RollStatus, type RollWork, rollWork } from "../../../lab/standins/maistra/v1/member-roll";
import { comparable, statuses } from "./recording";

describe("Maistra stand-in: when a roll has something to do", () => {
    const settled: RollStatus = { configuredMembers: ["a"], meshReconciledVersion: "1.1.7-1", observedGeneration: 1 };
    interface Case {
        members?: string[];
        generation?: number;
        mesh?: string;
        all?: string[];
    }
    const cases: [what: string, RollWork, Case][] = [
        ["all is as it should be", "nothing", {}],
        ["the mesh was updated", "mesh changed", { mesh: "1.1.7-2" }],
        ["the roll was changed", "roll changed", { generation: 2, members: ["a", "b"] }],
        ["a missing namespace appeared (trap 22)", "namespace appeared", { members: ["a", "b"], all: ["a", "b"] }],
        ["a missing namespace is still missing", "nothing", { members: ["a", "b"], all: ["a"] }],
        ["a configured namespace went", "namespace went", { all: [] }],
        ["the mesh's own namespace is never configured", "nothing", { members: ["a", "mesh"], all: ["a", "mesh"] }],
    ];
    for (const [what, expected, { members = ["a"], generation = 1, mesh = "1.1.7-1", all = ["a"] }] of cases) {
        it(what, () => {
            const roll = { generation, members, namespace: "mesh", status: settled };
            equal(rollWork(roll, mesh, new Set(all)), expected);
        });
    }
});

describe("Maistra stand-in: what a roll says", () => {
    it("the recorded words, from missing to healed (N2a, N2b, trap 22)", () => {
        const [missing] = statuses("03-N2a", "ServiceMeshMemberRoll");
        const [healed] = statuses("04-N2b", "ServiceMeshMemberRoll");
        const first = withCondition(undefined, rollReadiness(["bookinfo", "later"], ["bookinfo"]));
        const second = withCondition(first, rollReadiness(["bookinfo", "later"], ["bookinfo", "later"]));
        deepEqual(comparable(first), missing.conditions);
        deepEqual(comparable(second), healed.conditions);
    });
});
