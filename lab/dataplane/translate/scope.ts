import type { KubeObject } from "../../../kube";
import { type MeshService, selectsService } from "./services";
import type { Workload } from "./view";

/** Whom an object means. Workloads without a namespace are those of the whole mesh. */
export type Scope =
    | { of: "mesh" }
    | { of: "namespace"; namespace: string }
    | { of: "workloads"; namespace?: string; labels: Record<string, string> }
    | { of: "services"; namespace: string; names: string[] };

/** What a selector says within one namespace. */
export function selectorScope(namespace: string, labels: Record<string, string> = {}): Scope {
    return Object.keys(labels).length === 0 ? { of: "namespace", namespace } : { of: "workloads", namespace, labels };
}

/** What a policy's selector says: in the root namespace it reaches into all others. */
export function policyScope(namespace: string, labels: Record<string, string> | undefined, root: string): Scope {
    const scope = selectorScope(namespace, labels);
    if (namespace !== root) {
        return scope;
    }
    return scope.of === "workloads" ? { of: "workloads", labels: scope.labels } : { of: "mesh" };
}

/** The selector of an object that could not be read, if that much can be: without one it means everybody. */
export function labelsOfUnread(object: KubeObject): Record<string, string> {
    const labels: unknown = object.spec?.selector?.matchLabels;
    const readable =
        typeof labels === "object" && labels !== null && Object.values(labels).every((v) => typeof v === "string");
    return readable ? (labels as Record<string, string>) : {};
}

export function hasLabels(workload: Workload, labels: Record<string, string>): boolean {
    return Object.entries(labels).every(([key, value]) => workload.labels[key] === value);
}

export function inScope(scope: Scope, workload: Workload, services: MeshService[]): boolean {
    switch (scope.of) {
        case "mesh":
            return true;
        case "namespace":
            return scope.namespace === workload.namespace;
        case "workloads":
            return (scope.namespace ?? workload.namespace) === workload.namespace && hasLabels(workload, scope.labels);
        case "services":
            return services.some(
                (service) =>
                    service.namespace === scope.namespace &&
                    scope.names.includes(service.name) &&
                    selectsService(service, workload),
            );
    }
}
