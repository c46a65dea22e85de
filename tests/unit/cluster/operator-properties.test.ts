import assert from "node:assert/strict";
import fc from "fast-check";
import type { KubeObject } from "../../../kube";
import { isOurs } from "../../../cluster/verdicts/install-plan";
import { judgeOperator, type OperatorSnapshot, type OperatorWant } from "../../../cluster/verdicts/operator";
import { recordings, replayOlm } from "./replay";

const KINDS = {
    subscriptions: "Subscription",
    plans: "InstallPlan",
    csvs: "ClusterServiceVersion",
    groups: "OperatorGroup",
    crds: "CustomResourceDefinition",
} as const;

/** Moments of all recordings, every 3rd: clusters as they really are. */
function moments(): { seen: OperatorSnapshot; subscription: KubeObject }[] {
    const all: { seen: OperatorSnapshot; subscription: KubeObject }[] = [];
    for (const file of recordings("olm")) {
        let i = 0;
        for (const moment of replayOlm(file)) {
            const [subscription] = moment.list("Subscription");
            if (i++ % 3 === 0 && subscription) {
                const { namespace } = subscription.metadata;
                const lists = Object.entries(KINDS).map(([as, kind]) => [
                    as,
                    moment.list(kind, as === "crds" ? undefined : namespace),
                ]);
                all.push({ seen: { ...Object.fromEntries(lists), webhooks: [] } as OperatorSnapshot, subscription });
            }
        }
    }
    return all;
}

const MINE = ["kiali-operator.", "jaeger-operator.", "servicemeshoperator.", "servicemeshoperator.v1.1.6"];

describe("operator verdict, whatever is missing and in whatever order", () => {
    const all = moments();
    const anyMoment = fc.nat({ max: all.length - 1 }).map((i) => all[i]);
    const drop = fc.array(fc.boolean(), { minLength: 5, maxLength: 25 });
    const ours = fc.subarray(MINE);

    const wantOf = ({ metadata, spec }: KubeObject, mine: string[]): OperatorWant => ({
        package: spec.name,
        key: spec.name,
        namespace: metadata.namespace ?? "",
        subscription: metadata.name,
        startingCSV: spec.startingCSV,
        approval: spec.installPlanApproval,
        csvPrefix:
            { "jaeger-product": "jaeger-operator.", "kiali-ossm": "kiali-operator." }[spec.name as string] ??
            `${spec.name}.`,
        ours: mine,
    });

    it("is ready only by a CSV that has Succeeded and stays; approves only what is ours; never throws", () => {
        fc.assert(
            fc.property(anyMoment, drop, ours, ({ seen, subscription }, dropped, mine) => {
                let n = 0;
                const keep = (list: KubeObject[]): KubeObject[] => list.filter(() => !dropped[n++ % dropped.length]);
                const less = Object.fromEntries(
                    Object.entries(seen).map(([as, list]) => [as, keep(list)]),
                ) as OperatorSnapshot;
                const verdict = judgeOperator(less, wantOf(subscription, mine));
                if (verdict.is === "ready") {
                    const csv = less.csvs.find((c) => c.metadata.name === verdict.value.csv);
                    assert.equal(csv?.status.phase, "Succeeded");
                    assert.equal(csv?.metadata.deletionTimestamp, undefined);
                } else if (verdict.is === "act") {
                    assert.ok(verdict.act.csvs.length > 0 && verdict.act.csvs.every((c) => isOurs(c, mine)));
                } else if (verdict.is === "failed") {
                    assert.ok(verdict.problem.todo.length > 0 && verdict.problem.object && verdict.problem.expected);
                }
            }),
            { numRuns: 2_000 },
        );
    });

    it("is tried on every kind of verdict", () => {
        const kinds = all.map(({ seen, subscription }) => judgeOperator(seen, wantOf(subscription, MINE)).is);
        assert.deepEqual([...new Set(kinds)].sort(), ["act", "failed", "ready", "waiting"]);
    });

    it("does not depend on the order in which objects are seen", () => {
        fc.assert(
            fc.property(anyMoment, ours, fc.infiniteStream(fc.nat()), ({ seen, subscription }, mine, numbers) => {
                const shuffle = (list: KubeObject[]): KubeObject[] =>
                    list
                        .map((object) => ({ object, at: numbers.next().value as number }))
                        .sort((a, b) => a.at - b.at)
                        .map(({ object }) => object);
                const other = Object.fromEntries(
                    Object.entries(seen).map(([as, list]) => [as, shuffle(list)]),
                ) as OperatorSnapshot;
                const want = wantOf(subscription, mine);
                assert.equal(judgeOperator(other, want).is, judgeOperator(seen, want).is);
            }),
            { numRuns: 500 },
        );
    });
});
