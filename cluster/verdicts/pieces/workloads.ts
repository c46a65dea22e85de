import { selectorOf, asksForSidecar, judgeRollout } from "../rollout";
import { ready } from "../../verdict";
import { DEPLOYMENT, type PieceJudge } from "./piece";

/**
 * A Deployment of a mesh's own, such as the gateway: rolled out as it is written now, and when its pods ask for injection,
 * injected. A gateway's template has a container istio-proxy with the image `auto`, for which only the injector knows
 * another; a pod that was made without it never starts.
 */
export const deployment: PieceJudge = {
    title: "Deployment",
    watches: ({ metadata: { namespace } }, seen) => {
        const labelSelector = seen.pieces.map(selectorOf)[0];
        const fixed = [{ as: "namespaces" as const, kind: { apiVersion: "v1", kind: "Namespace" }, name: namespace }];
        return labelSelector
            ? [
                  ...fixed,
                  { as: "pods", kind: { apiVersion: "v1", kind: "Pod" }, namespace, labelSelector },
                  { as: "replicaSets", kind: { ...DEPLOYMENT, kind: "ReplicaSet" }, namespace, labelSelector },
              ]
            : fixed;
    },
    later: ({ metadata: { name, namespace } }) => [
        { kind: DEPLOYMENT, namespace, name },
        { kind: { ...DEPLOYMENT, kind: "ReplicaSet" }, namespace },
        { kind: { apiVersion: "v1", kind: "Pod" }, namespace },
        { kind: { apiVersion: "v1", kind: "Namespace" }, name: namespace },
    ],
    judge(object, seen) {
        const { name, namespace = "" } = object.metadata;
        const sidecar = asksForSidecar(object.spec?.template?.metadata);
        const want = { kind: "Deployment" as const, name, namespace, sidecar };
        const verdict = judgeRollout({ ...seen, workloads: seen.pieces }, want);
        return verdict.is === "ready" ? ready({ say: verdict.say }, verdict.say) : verdict;
    },
    late: ({ metadata: { name, namespace } }) => [`  oc describe deployment ${name} -n ${namespace}`],
};
