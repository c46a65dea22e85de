import { deepEqual, equal } from "node:assert/strict";
import { render } from "../../../lab/standins/maistra/v1/components";
import {
    begun,
    componentWritten,
    type ControlPlaneStatus,
    deleting,
    failed,
    finished,
    isReconciled,
    paused,
    rendered,
    withReadiness,
} from "../../../lab/standins/maistra/v1/control-plane-status";
import { comparable, recording, statuses } from "./recording";

const KIND = "ServiceMeshControlPlane";

/** The recorded control plane, and its status as the stand-in would write it, step by step. */
function install(): { shown: ControlPlaneStatus[]; last: ControlPlaneStatus } {
    const { spec } = recording("02-N1").find((line) => line.kind === KIND && line.ev === "ADDED")!.o;
    const metadata = { name: "basic", namespace: "istio-system", generation: 1 };
    const names = render({ apiVersion: "maistra.io/v1", kind: KIND, metadata, spec }).map((r) => r.component);
    const shown: ControlPlaneStatus[] = [];
    let status = begun({}, 1).status;
    shown.push(status);
    status = rendered(status, names, {});
    for (const name of names) {
        status = componentWritten(status, name);
        if (name !== "istio") {
            status = paused(status, name);
            shown.push(status);
        }
    }
    const ready = new Map([...names.filter((name) => name !== "istio"), "cni"].map((name) => [name, true]));
    status = withReadiness(finished(status, 1).status, ready).status;
    shown.push(status);
    return { shown, last: status };
}

describe("Maistra stand-in: what a control plane says of itself", () => {
    it("goes through the recorded statuses of an install, word for word (N1)", () => {
        deepEqual(install().shown.map(comparable), statuses("02-N1", KIND).map(comparable));
    });

    it("says SpecUpdated, keeps observedGeneration, then UpdateSuccessful (N3, trap 19)", () => {
        const { last } = install();
        const start = begun(last, 2).status;
        const names = (last.components ?? []).map((component) => component.resource);
        const written = names.reduce(componentWritten, rendered(start, names, {}));
        const ready = new Map([...names.slice(1), "cni"].map((name) => [name, true]));
        const end = withReadiness(finished(written, 2).status, ready).status;
        deepEqual([start, end].map(comparable), statuses("07-N3", KIND).map(comparable));
        equal(isReconciled(last, 1), true);
        equal(isReconciled(last, 2), false);
        equal(isReconciled(start, 2), false);
        equal(isReconciled(end, 2), true);
    });

    it("says Deleting of Reconciled and Ready, not of Installed (N6a)", () => {
        const [said] = statuses("10-N6a", KIND);
        const updated = statuses("07-N3", KIND).at(-1);
        deepEqual(comparable(deleting(updated)), comparable(said));
    });

    it("pauses an update as PausingUpdate, with Ready still SpecUpdated", () => {
        const { conditions } = paused(begun(install().last, 2).status, "pilot");
        deepEqual(
            conditions?.map(({ type, reason, message }) => [type, reason, message]),
            [
                ["Installed", "InstallSuccessful", "Successfully installed all mesh components"],
                ["Reconciled", "PausingUpdate", "Paused until pilot becomes ready"],
                ["Ready", "SpecUpdated", "Updating mesh from generation 1 to generation 2"],
            ],
        );
    });

    it("keeps the time of a condition whose status stays", () => {
        const before = { type: "Reconciled", status: "False" as const, lastTransitionTime: "2020-01-01T00:00:00Z" };
        const { conditions } = failed({ conditions: [before] }, "Error rendering helm charts", "why");
        deepEqual(conditions, [
            { ...before, reason: "ReconcileError", message: "Error rendering helm charts: error: why" },
        ]);
    });

    it("loses and regains readiness with its components", () => {
        const ready = install().last;
        const lost = withReadiness(
            ready,
            new Map([
                ["pilot", false],
                ["cni", true],
            ]),
        );
        equal(lost.event?.message, "The following components are not fully available: [pilot]");
        deepEqual(
            lost.status.conditions?.find(({ type }) => type === "Ready")?.message,
            "Some components are not fully available",
        );
        equal(lost.status.annotations?.readyComponentCount, "1/2");
        equal(withReadiness(lost.status, new Map([["pilot", false]])).event, undefined);
        equal(withReadiness(lost.status, new Map([["pilot", true]])).event?.reason, "Ready");
    });
});
