import type { KubeObject } from "../../kube";

interface Condition {
    type: string;
    status: string;
    reason?: string;
    message?: string;
}

export function conditionOf(object: KubeObject | undefined, type: string): Condition | undefined {
    return object?.status?.conditions?.find((c: Condition) => c.type === type);
}

/** A Deployment. */
export function isAvailable(object: KubeObject): boolean {
    return conditionOf(object, "Available")?.status === "True";
}

/** A Route. */
export function isAdmitted(route: KubeObject): boolean {
    const conditions: Condition[] = (route.status?.ingress ?? []).flatMap((i: any) => i.conditions ?? []);
    return conditions.some((c) => c.type === "Admitted" && c.status === "True");
}

/** The names of a Pod's containers. */
export function containersOf(pod: KubeObject): string[] {
    return pod.spec.containers.map((c: { name: string }) => c.name);
}
