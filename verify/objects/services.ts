import { judgeRollout } from "../../cluster/verdicts/rollout";
import { type Check, fromVerdict } from "../check";
import type { Environment } from "../environment";
import type { View } from "../reads";

/** Step 6: every service is rolled out, and every pod of it is ready with its sidecar. */
export function checkServices({ services }: Environment, view: View): Check[] {
    const { replicaSets, pods, namespaces } = view;
    const workloads = [...view.deployments, ...view.deploymentConfigs];
    return services.map(({ kind, namespace, name }) => {
        const verdict = judgeRollout(
            {
                workloads: workloads.filter((w) => w.kind === kind),
                replicaSets: replicaSets.filter((r) => r.metadata.namespace === namespace),
                pods: pods.filter((p) => p.metadata.namespace === namespace),
                namespaces,
            },
            { kind, namespace, name, sidecar: true },
        );
        const expected = "every pod ready, with istio-proxy";
        return fromVerdict({ group: "services", subject: `${namespace}/${name}`, expected }, verdict);
    });
}
