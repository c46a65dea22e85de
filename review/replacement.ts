import type { Declared } from "./picture";

/** Fields that Kubernetes does not let change, so that the provider makes the object anew. */
const FIXED: Record<string, string[]> = {
    ConfigMap: ["data", "binaryData"],
    Secret: ["data", "stringData", "type"],
    Deployment: ["spec.selector"],
    DaemonSet: ["spec.selector"],
    StatefulSet: ["spec.selector", "spec.serviceName", "spec.volumeClaimTemplates", "spec.podManagementPolicy"],
    Job: ["spec.selector", "spec.template", "spec.completions", "spec.parallelism"],
    Service: ["spec.clusterIP"],
    RoleBinding: ["roleRef"],
    ClusterRoleBinding: ["roleRef"],
};

/**
 * The fields among those changed for which an object is made anew instead of being changed
 * (pulumi/pulumi-kubernetes, provider/pkg/provider/diff.go). Another version of the same API is the same object where the
 * SDK or the program say so to the engine: Kubernetes' own kinds and Istio's.
 */
export function replacedFor({ kind, patch, apiVersion }: Declared, paths: readonly string[]): string[] {
    if (patch) {
        return paths.filter((path) => /^(apiVersion|kind|metadata\.name(space)?)$/.test(path));
    }
    const [group, version] = apiVersion.split("/");
    const renamed = version === undefined || /(^[a-z]+|\.k8s\.io|\.istio\.io)$/.test(group);
    const fixed = ["metadata.name", "metadata.namespace", ...(renamed ? [] : ["apiVersion"]), ...(FIXED[kind] ?? [])];
    return paths.filter((path) => fixed.some((field) => path === field || isBelow(path, field)));
}

function isBelow(path: string, field: string): boolean {
    return path.startsWith(field) && [".", "["].includes(path[field.length]);
}
