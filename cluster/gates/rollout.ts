import type { Gate } from "../gate";
import { need } from "../need";
import type { WatchSpec } from "../verdict";
import { judgeRollout, ROLLOUT_NAMES, type RolloutReady, type RolloutWant, selectorOf } from "../verdicts/rollout";
import type { Timed } from "./timed";

const NAMESPACE = { apiVersion: "v1", kind: "Namespace" };
const POD = { apiVersion: "v1", kind: "Pod" };
const REPLICA_SET = { apiVersion: "apps/v1", kind: "ReplicaSet" };

/** A workload is rolled out, and every pod has its sidecar. */
export function rolloutGate(want: RolloutWant & Timed): Gate<RolloutReady, (typeof ROLLOUT_NAMES)[number]> {
    const { kind, namespace, name } = want;
    type Watch = WatchSpec<(typeof ROLLOUT_NAMES)[number]>;
    const apiVersion = kind === "Deployment" ? "apps/v1" : "apps.openshift.io/v1";
    const fixed: Watch[] = [
        { as: "workloads", kind: { apiVersion, kind }, namespace, name },
        { as: "namespaces", kind: NAMESPACE, name: namespace },
    ];
    return {
        title: `service ${namespace}/${name}`,
        failure: `${kind} ${namespace}/${name} did not roll out`,
        names: ROLLOUT_NAMES,
        // Its selector says which pods are its own.
        watches: (seen) => {
            const labelSelector = seen.workloads.map(selectorOf)[0];
            if (!labelSelector) {
                return fixed;
            }
            const pods: Watch[] = [{ as: "pods", kind: POD, namespace, labelSelector }];
            if (kind === "Deployment") {
                pods.push({ as: "replicaSets", kind: REPLICA_SET, namespace, labelSelector });
            }
            return [...fixed, ...pods];
        },
        verdict: (seen) => judgeRollout(seen, want),
        timeoutSeconds: want.timeoutSeconds,
        needs: [POD, ...(kind === "Deployment" ? [REPLICA_SET] : [])].map((pods) =>
            need(pods, ["list", "watch"], `waiting: service ${namespace}/${name}`, { namespace }),
        ),
    };
}
