import type { Kube, KubeObject } from "../../../../kube";
import { COMPONENT, OWNER } from "../common/names";

/**
 * Which components are ready, of those that have a Deployment of the control plane's own (maistra/istio-operator,
 * controlplane/readiness.go). `stuck` never is.
 */
export async function componentReadiness(kube: Kube, namespace: string, stuck: string): Promise<Map<string, boolean>> {
    const labelSelector = `${OWNER}=${namespace}`;
    const deployments = await kube.list({ apiVersion: "apps/v1", kind: "Deployment" }, { namespace, labelSelector });
    const readiness = new Map<string, boolean>();
    for (const deployment of deployments) {
        const component = deployment.metadata.labels?.[COMPONENT];
        if (component !== undefined) {
            const ready = isReady(deployment) && component !== stuck;
            readiness.set(component, ready && (readiness.get(component) ?? true));
        }
    }
    return readiness;
}

/** As the operator sees it: observed, every pod that there is ready, and Available. */
function isReady({ metadata, status = {} }: KubeObject): boolean {
    const { readyReplicas = 0, replicas = 0, observedGeneration = 0 } = status;
    const conditions: { type: string; status: string }[] = status.conditions ?? [];
    return (
        readyReplicas >= replicas &&
        observedGeneration >= (metadata.generation ?? 0) &&
        conditions.some((condition) => condition.type === "Available" && condition.status === "True")
    );
}
