import assert from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import { type CsvPicture, nextPhase } from "../../../lab/standins/olm/csv-phases";
import { rolloutOf } from "../../../lab/standins/olm/deployment-status";
import { requirementsOf, unsupported } from "../../../lab/standins/olm/requirements";
import { csv, deployment, group } from "./builders";

const NAME = "servicemeshoperator.v1.1.7";
const UNAVAILABLE = {
    observedGeneration: 1,
    replicas: 1,
    updatedReplicas: 1,
    conditions: [{ type: "Available", status: "False", message: "Deployment does not have minimum availability." }],
};
const AVAILABLE = {
    observedGeneration: 1,
    replicas: 1,
    updatedReplicas: 1,
    conditions: [{ type: "Available", status: "True" }],
};
const LATE = { ...UNAVAILABLE, conditions: [{ type: "Progressing", reason: "ProgressDeadlineExceeded" }] };
const PRESENT = [{ status: "Present" }] as CsvPicture["requirements"];
const ABSENT = [{ status: "NotPresent" }] as CsvPicture["requirements"];
const WAITING =
    'installing: waiting for deployment istio-operator to become ready: deployment "istio-operator" not available: ' +
    "Deployment does not have minimum availability.";

function next(status: object | undefined, more: Partial<CsvPicture> = {}): string | undefined {
    const picture = { csv: csv(NAME, status), groups: [group([""])], requirements: [], timedOut: false, ...more };
    const phase = nextPhase(picture);
    return phase && `${phase.phase}/${phase.reason}: ${phase.message}`;
}

describe("OLM stand-in: phases of a CSV", () => {
    it("go from requirements to Succeeded in OLM's words (recorded: olm a)", () => {
        assert.equal(next(undefined), "Pending/RequirementsUnknown: requirements not yet checked");
        const pending = { phase: "Pending", reason: "RequirementsUnknown" };
        const unmet = "Pending/RequirementsNotMet: one or more requirements couldn't be found";
        assert.equal(next(pending, { requirements: ABSENT }), unmet);
        const ready = "InstallReady/AllRequirementsMet: all requirements found, attempting install";
        assert.equal(next(pending, { requirements: PRESENT }), ready);
        assert.equal(
            next({ phase: "InstallReady" }),
            "Installing/InstallSucceeded: waiting for install components to report healthy",
        );
        const installing = { phase: "Installing" };
        assert.equal(
            next(installing, { deployment: deployment(UNAVAILABLE) }),
            `Installing/InstallWaiting: ${WAITING}`,
        );
        assert.equal(
            next(installing, { deployment: deployment(AVAILABLE) }),
            "Succeeded/InstallSucceeded: install strategy completed with no errors",
        );
    });

    it("stay as they are when nothing changed", () => {
        const message = "one or more requirements couldn't be found";
        const unmet = { phase: "Pending", reason: "RequirementsNotMet", message };
        assert.equal(next(unmet, { requirements: ABSENT }), undefined);
        assert.equal(next({ phase: "Succeeded" }, { deployment: deployment(AVAILABLE) }), undefined);
    });

    it("Failed is not always the end (trap 12; recorded: olm i)", () => {
        const waiting = { deployment: deployment(UNAVAILABLE) };
        assert.equal(
            next({ phase: "Installing" }, { ...waiting, timedOut: true }),
            "Failed/InstallCheckFailed: install timeout",
        );
        const failed = { phase: "Failed", reason: "InstallCheckFailed", message: "install timeout" };
        assert.equal(next(failed, waiting), `Pending/NeedsReinstall: ${WAITING}`);
        assert.equal(
            next({ phase: "Installing" }, { deployment: deployment(LATE) }),
            "Failed/InstallCheckFailed: install failed: deployment istio-operator not ready before timeout: " +
                'deployment "istio-operator" exceeded its progress deadline',
        );
        assert.equal(next(failed, { deployment: deployment(LATE) }), undefined);
        assert.match(next(failed, { deployment: deployment(AVAILABLE) })!, /^Succeeded/);
    });

    it("a Deployment that goes is made again (recorded: olm l)", () => {
        const missing = "installing: missing deployment with name=istio-operator";
        assert.equal(next({ phase: "Succeeded" }), `Failed/ComponentUnhealthy: ${missing}`);
        const failed = { phase: "Failed", reason: "ComponentUnhealthy", message: missing };
        assert.equal(next(failed), `Pending/NeedsReinstall: ${missing}`);
        const again = { phase: "Pending", reason: "NeedsReinstall", message: missing };
        assert.match(next(again, { requirements: PRESENT })!, /^InstallReady/);
    });

    it("an older version gives way once the newer one is there and done (recorded: olm c)", () => {
        const newer = (phase: string): KubeObject => csv(NAME, { phase });
        const old = (phase: string, replacer: KubeObject) =>
            next({ phase }, { replacer, deployment: deployment(AVAILABLE) });
        assert.equal(old("Succeeded", newer("Pending")), `Replacing/BeingReplaced: being replaced by csv: ${NAME}`);
        assert.equal(old("Replacing", newer("Installing")), undefined);
        assert.match(old("Replacing", newer("Succeeded"))!, /^Deleting\/Replaced: has been replaced by a newer/);
    });

    it("an OperatorGroup that does not fit fails it for as long as it does not (recorded: olm e3)", () => {
        const why = "OwnNamespace InstallModeType not supported, cannot configure to watch own namespace";
        const own = [group(["openshift-operators"])];
        assert.equal(next(undefined, { groups: own }), `Failed/UnsupportedOperatorGroup: ${why}`);
        assert.equal(
            next({ phase: "Failed", reason: "UnsupportedOperatorGroup", message: why }, { groups: own }),
            undefined,
        );
        assert.equal(
            next({ phase: "Failed", reason: "UnsupportedOperatorGroup", message: why }),
            "Pending/RequirementsUnknown: requirements not yet checked",
        );
        assert.match(next({ phase: "Succeeded" }, { groups: [] })!, /^Failed\/NoOperatorGroup/);
    });
});

describe("OLM stand-in: requirements", () => {
    it("name what is missing (recorded: olm a, c, c2, i)", () => {
        const words = (found: Parameters<typeof requirementsOf>[1]) =>
            requirementsOf(csv("hidden-operator.v1.0.0"), found).map(
                (r) => `${r.kind} ${r.name}: ${r.status} (${r.message})`,
            );
        const established = {
            status: { conditions: [{ type: "Established", status: "True" }] },
        } as unknown as KubeObject;
        const account = (uid: string) => ({ metadata: { ownerReferences: [{ uid }] } }) as unknown as KubeObject;
        assert.deepEqual(
            words({ crd: (name) => (name.startsWith("hiddens") ? established : undefined), permitted: false }),
            [
                "CustomResourceDefinition absentthings.absent.example.com: NotPresent (CRD is not present)",
                "CustomResourceDefinition hiddens.fake.example.com: Present " +
                    "(CRD is present and Established condition is true)",
                "ServiceAccount hidden-operator: NotPresent (Service account does not exist)",
            ],
        );
        const [, , foreign] = words({ crd: () => established, serviceAccount: account("other"), permitted: true });
        assert.match(foreign, /PresentNotSatisfied \(Service account is owned by another ClusterServiceVersion\)/);
        const own = account("uid-hidden-operator.v1.0.0");
        const [, , unbound] = words({ crd: () => established, serviceAccount: own, permitted: false });
        assert.match(unbound, /PresentNotSatisfied \(Policy rule not satisfied for service account\)/);
        const [, , fine] = words({ crd: () => established, serviceAccount: own, permitted: true });
        assert.equal(fine, "ServiceAccount hidden-operator: Present ()");
    });

    it("install modes: what an operator can watch", () => {
        assert.equal(unsupported(csv(NAME), [""]), undefined);
        assert.match(unsupported(csv(NAME), ["elsewhere"])!, /^SingleNamespace .* one namespace$/);
        assert.match(unsupported(csv(NAME), ["a", "b"])!, /^MultiNamespace .* 2 namespaces$/);
        const elasticsearch = csv("elasticsearch-operator.4.5.0-202008100413.p0");
        assert.equal(unsupported(elasticsearch, ["openshift-operators"]), undefined);
    });
});

describe("OLM stand-in: a Deployment in OLM's words", () => {
    const cases: [string, object, number, string][] = [
        [
            "not observed yet",
            { ...AVAILABLE },
            2,
            'waiting for spec update of deployment "istio-operator" to be observed...',
        ],
        [
            "no condition yet",
            { observedGeneration: 1 },
            1,
            'deployment "istio-operator" not available: missing condition "Available"',
        ],
        [
            "old pods still there",
            { ...AVAILABLE, replicas: 2 },
            1,
            'deployment "istio-operator" waiting for 1 outdated replica(s) to be terminated',
        ],
    ];
    for (const [title, status, generation, message] of cases) {
        it(title, () => assert.deepEqual(rolloutOf(deployment(status, generation)), { is: "waiting", message }));
    }
});
