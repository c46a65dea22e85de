import type { KubeObject } from "../../../../kube";

/** What istiod decides of a pod that its webhook is shown (istio/istio, pkg/kube/inject/inject.go, injectRequired). */

export const INJECT = "sidecar.istio.io/inject";
export const STATUS = "sidecar.istio.io/status";
const TEMPLATES = "inject.istio.io/templates";
const IGNORED = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

/** The templates that there are; the last two and "waypoint" are Istio's own business. */
const KNOWN = ["sidecar", "gateway", "grpc-simple", "grpc-agent", "waypoint", "kube-gateway"];

/**
 * Whether a pod gets a proxy. The webhook's selectors have been met; then its label decides, or its old annotation,
 * or else the policy: values.global.proxy.autoInject, "enabled" or "disabled".
 */
export function wantsProxy(pod: KubeObject, namespace: string, policy: string): boolean {
    if (pod.spec?.hostNetwork || IGNORED.includes(namespace) || pod.metadata.annotations?.[STATUS] !== undefined) {
        return false;
    }
    const wish = pod.metadata.labels?.[INJECT] ?? pod.metadata.annotations?.[INJECT] ?? "";
    const byPolicy = policy !== "disabled";
    return wish === "true" || (wish === "" && byPolicy);
}

/** "sidecar" unless the pod names another. Errors: there is no such template. */
export function templateOf(pod: KubeObject): "sidecar" | "gateway" {
    const named = (pod.metadata.annotations?.[TEMPLATES] ?? "sidecar").split(",").map((name) => name.trim());
    const missing = named.find((name) => !KNOWN.includes(name));
    if (missing !== undefined) {
        throw new Error(`requested template "${missing}" not found; have ${[...KNOWN].sort().join(",")}`);
    }
    return named.includes("gateway") ? "gateway" : "sidecar";
}

/** The workload that a pod is of: its Deployment, where its owner is a ReplicaSet. */
export function workloadName(pod: KubeObject): string {
    const { name = "", labels, ownerReferences } = pod.metadata as any;
    const owner = ownerReferences?.find(({ controller }: { controller?: boolean }) => controller);
    const hash = labels?.["pod-template-hash"];
    if (owner?.kind === "ReplicaSet" && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
        return owner.name.slice(0, -hash.length - 1);
    }
    return owner?.name ?? name;
}
