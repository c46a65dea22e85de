import type { Kube, KubeObject } from "../../../../kube";
import { COMPONENT, OPERATOR_NAMESPACE, OWNER } from "../common/names";

/**
 * Which components are ready: all that have a Deployment of the control plane's own, and "cni". Kiali and tracing have
 * none and so do not count (maistra/istio-operator, controlplane/readiness.go): 7 with no console, 9 with Grafana and
 * Prometheus.
 */
export async function componentReadiness(kube: Kube, namespace: string, stuck: string): Promise<Map<string, boolean>> {
    const labelSelector = `${OWNER}=${namespace}`;
    const [deployments, daemonSets] = await Promise.all([
        kube.list({ apiVersion: "apps/v1", kind: "Deployment" }, { namespace, labelSelector }),
        kube.list(
            { apiVersion: "apps/v1", kind: "DaemonSet" },
            { namespace: OPERATOR_NAMESPACE, labelSelector: "istio=cni" },
        ),
    ]);
    const readiness = new Map<string, boolean>();
    for (const deployment of deployments) {
        const component = deployment.metadata.labels?.[COMPONENT];
        if (component !== undefined) {
            const ready = isAvailable(deployment) && component !== stuck;
            readiness.set(component, ready && (readiness.get(component) ?? true));
        }
    }
    readiness.set(
        "cni",
        daemonSets.every((set) => (set.status?.numberUnavailable ?? 0) === 0),
    );
    return readiness;
}

/** As the operator sees it: a Deployment that has just been changed is as available as it was before. */
function isAvailable(deployment: KubeObject): boolean {
    const conditions: { type: string; status: string }[] = deployment.status?.conditions ?? [];
    return conditions.some((condition) => condition.type === "Available" && condition.status === "True");
}
