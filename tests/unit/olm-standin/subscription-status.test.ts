import assert from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import {
    planCondition,
    withCatalogHealth,
    withCsvState,
    withoutResolutionFailed,
    withPlan,
    withPlanCondition,
    withResolutionFailed,
} from "../../../lab/standins/olm/subscription-status";
import { subscription } from "./builders";

const NOW = "2020-10-01T00:00:00Z";
const LATER = "2020-10-01T00:01:00Z";
const PLAN = {
    apiVersion: "operators.coreos.com/v1alpha1",
    kind: "InstallPlan",
    metadata: { name: "install-abcde", namespace: "openshift-operators", uid: "u" },
    spec: { generation: 2 },
} as KubeObject;
const inPhase = (phase: string, conditions?: object[]) => ({ ...PLAN, status: { phase, conditions } });

describe("OLM stand-in: status of a Subscription", () => {
    it("AtLatestKnown follows from the CSV's existence alone (trap 1)", () => {
        const pending = withPlan({}, PLAN, "kiali-operator.v1.12.15", NOW);
        assert.equal(pending.state, "UpgradePending");
        assert.equal(pending.installedCSV, undefined);
        const latest = withCsvState(pending, true, NOW);
        assert.deepEqual([latest.state, latest.installedCSV], ["AtLatestKnown", "kiali-operator.v1.12.15"]);
        assert.equal(withCsvState(latest, true, LATER), latest);
    });

    it("a deleted CSV leaves UpgradePending with the old name as installed (trap 8; recorded: olm h4)", () => {
        const before = { state: "AtLatestKnown", currentCSV: "a", installedCSV: "a" };
        const after = withCsvState(before, false, NOW);
        assert.deepEqual([after.state, after.currentCSV, after.installedCSV], ["UpgradePending", "a", "a"]);
    });

    it("an upgrade keeps the older version as installed (trap 2)", () => {
        const before = { state: "AtLatestKnown", currentCSV: "v1.1.6", installedCSV: "v1.1.6" };
        const after = withPlan(before, PLAN, "v1.1.7", NOW);
        assert.deepEqual([after.state, after.currentCSV, after.installedCSV], ["UpgradePending", "v1.1.7", "v1.1.6"]);
        assert.deepEqual([after.installPlanGeneration, after.installPlanRef.name], [2, "install-abcde"]);
    });

    it("knows nothing of a Subscription that has no CSV yet", () => {
        assert.equal(withCsvState(undefined, true, NOW), undefined);
    });

    it("the plan's phase becomes a condition, and none when it is Complete", () => {
        const reason = (phase: string) => planCondition(inPhase(phase))?.reason;
        assert.deepEqual(["RequiresApproval", "Installing", "Complete"].map(reason), [
            "RequiresApproval",
            "Installing",
            undefined,
        ]);
        assert.equal(planCondition(undefined)?.type, "InstallPlanMissing");
        const failed = inPhase("Failed", [{ type: "Installed", reason: "InstallComponentFailed", message: "no" }]);
        assert.deepEqual(planCondition(failed), {
            type: "InstallPlanFailed",
            status: "True",
            reason: "InstallComponentFailed",
            message: "no",
        });
        const pending = withPlanCondition({}, planCondition(inPhase("Installing")), NOW);
        assert.deepEqual(
            pending.conditions.map((c: any) => c.lastTransitionTime),
            [NOW],
        );
        assert.deepEqual(withPlanCondition(pending, undefined, LATER).conditions, []);
    });

    it("ResolutionFailed has no transition time, and a change of words replaces it (recorded: olm f2, h1)", () => {
        const one = withResolutionFailed({}, "ConstraintsNotSatisfiable", "one", NOW);
        assert.deepEqual(one.conditions, [
            { type: "ResolutionFailed", status: "True", reason: "ConstraintsNotSatisfiable", message: "one" },
        ]);
        assert.equal(withResolutionFailed(one, "ConstraintsNotSatisfiable", "one", LATER), one);
        const two = withResolutionFailed(one, "ConstraintsNotSatisfiable", "two", LATER);
        assert.deepEqual(
            two.conditions.map((c: any) => c.message),
            ["two"],
        );
        assert.deepEqual(withoutResolutionFailed(two, LATER).conditions, []);
    });

    it("catalogue health speaks of missing sources, not of servers that are down (trap 11; recorded: olm g2)", () => {
        const source = {
            apiVersion: "v",
            kind: "CatalogSource",
            metadata: { name: "redhat-operators", namespace: "openshift-marketplace" },
        };
        const say = (sub: KubeObject, first: boolean) => {
            const [condition] = withCatalogHealth({}, sub, [source], first, NOW).conditions;
            return `${condition.status} ${condition.reason}: ${condition.message}`;
        };
        const healthy = "all available catalogsources are healthy";
        assert.equal(say(subscription("kiali-ossm"), true), `False CatalogSourcesAdded: ${healthy}`);
        assert.equal(say(subscription("kiali-ossm"), false), `False AllCatalogSourcesHealthy: ${healthy}`);
        const lost = subscription("kiali-ossm", { spec: { source: "nocatalog" } });
        const missing = "targeted catalogsource openshift-marketplace/nocatalog missing";
        assert.equal(say(lost, true), `True CatalogSourcesAdded: ${missing}`);
        assert.equal(say(lost, false), `True UnhealthyCatalogSourceFound: ${missing}`);
    });
});
