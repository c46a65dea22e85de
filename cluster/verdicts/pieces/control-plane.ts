import { ready } from "../../verdict";
import { judgeControlPlane } from "../control-plane";
import { DEPLOYMENT, type PieceJudge } from "./piece";

/** ServiceMeshControlPlane, of maistra.io/v1 and v2. */
export const serviceMeshControlPlane: PieceJudge = {
    title: "control plane",
    watches: ({ metadata: { namespace } }) => [
        { as: "workloads", kind: DEPLOYMENT, namespace, labelSelector: `maistra.io/owner=${namespace}` },
    ],
    later: ({ metadata: { namespace } }) => [{ kind: DEPLOYMENT, namespace }],
    judge(object, seen) {
        const { name, namespace = "" } = object.metadata;
        const verdict = judgeControlPlane(
            { controlPlanes: seen.pieces, deployments: seen.workloads },
            { name, namespace },
        );
        return verdict.is === "ready"
            ? ready({ say: verdict.say, version: verdict.value.reconciled }, verdict.say)
            : verdict;
    },
    // What its verdict says while it waits is advice enough.
    late: () => [],
};
