import { type KubeObject, type Ref, refOf } from "../../../../kube";
import type { StandInContext } from "../../types";
import { conditionOf } from "../common/conditions";
import type { EventRecorder } from "../common/events";
import { MEMBER_OF } from "../common/names";
import { prune } from "../common/prune";
import { hasFinalizer, postStatus, removeFinalizer, update } from "../common/write";
import { type ControlPlaneStatus, deleting } from "./control-plane-status";
import { PRUNE_STEPS } from "./prune-steps";

/** The operator's client's throttle makes it slow (recorded: M6d; others took a second). */
const REMOVAL_MS = 4_000;

/**
 * Takes down a control plane that is marked for deletion: first says so and leaves, then removes what it consists of,
 * the label of its namespace and the finalizer (maistra/istio-operator@maistra-2.5, controlplane/deleter.go). Members
 * are not asked (trap 30).
 */
export async function removeControlPlane(
    context: StandInContext,
    events: EventRecorder,
    smcp: KubeObject,
): Promise<void> {
    const { kube } = context;
    const status: ControlPlaneStatus = smcp.status ?? {};
    if (!hasFinalizer(smcp)) {
        return;
    }
    if (conditionOf(status.conditions, "Reconciled").reason !== "Deleting") {
        await postStatus(kube, refOf(smcp), deleting(status));
        return;
    }
    const { namespace = "" } = smcp.metadata;
    await events.record(smcp, "Normal", "Deleting", "Deleting service mesh");
    await prune(kube, namespace, undefined, PRUNE_STEPS, REMOVAL_MS, (ms) => context.delay(ms));
    await events.record(smcp, "Normal", "Deleted", "Successfully deleted service mesh resources");
    const home: Ref = { apiVersion: "v1", kind: "Namespace", name: namespace };
    await update(kube, home, (object) => {
        if (object.metadata.labels?.[MEMBER_OF] === undefined) {
            return false;
        }
        delete object.metadata.labels[MEMBER_OF];
    });
    await removeFinalizer(kube, smcp);
}
