import type { KubeObject } from "../../../kube";

export type Rollout = { is: "ready" } | { is: "waiting"; message: string } | { is: "exceeded"; message: string };

/** OLM's view of an operator's Deployment, in its words (OLM: pkg/controller/install/status_viewer.go; recorded: c). */
export function rolloutOf(deployment: KubeObject): Rollout {
    const { name, generation = 0 } = deployment.metadata;
    const status = deployment.status ?? {};
    if (generation > (status.observedGeneration ?? 0)) {
        return { is: "waiting", message: `waiting for spec update of deployment "${name}" to be observed...` };
    }
    if (conditionOf(status, "Progressing")?.reason === "ProgressDeadlineExceeded") {
        return { is: "exceeded", message: `deployment "${name}" exceeded its progress deadline` };
    }
    const outdated = (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
    if (outdated > 0) {
        const message = `deployment "${name}" waiting for ${outdated} outdated replica(s) to be terminated`;
        return { is: "waiting", message };
    }
    const available = conditionOf(status, "Available");
    if (available?.status !== "True") {
        const why = available?.message ?? 'missing condition "Available"';
        return { is: "waiting", message: `deployment "${name}" not available: ${why}` };
    }
    return { is: "ready" };
}

function conditionOf(status: any, type: string): { status: string; reason?: string; message?: string } | undefined {
    return status.conditions?.find((c: { type: string }) => c.type === type);
}
