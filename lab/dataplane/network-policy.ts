import type { KubeObject } from "../../kube";
import { selects } from "./selector";

/**
 * Whether pods of a namespace with these labels may connect to a pod (networking.k8s.io/v1): one that no policy selects
 * is open, another one is reached as any of its policies allows. The router is no pod that a podSelector or an address
 * range names, and ports are not looked at.
 */
export function mayConnect(fromLabels: Record<string, string>, to: KubeObject, policies: KubeObject[]): boolean {
    const selecting = policies.filter(
        ({ metadata, spec }) =>
            metadata.namespace === to.metadata.namespace &&
            (spec?.policyTypes ?? ["Ingress"]).includes("Ingress") &&
            selects(spec?.podSelector, to.metadata.labels ?? {}),
    );
    const rules: { from?: any[] }[] = selecting.flatMap(({ spec }) => spec.ingress ?? []);
    return selecting.length === 0 || rules.some(({ from }) => takesFrom(from, fromLabels));
}

function takesFrom(from: any[] | undefined, labels: Record<string, string>): boolean {
    if (from === undefined || from.length === 0) {
        return true;
    }
    return from.some(
        ({ namespaceSelector, podSelector, ipBlock }) =>
            namespaceSelector !== undefined &&
            ipBlock === undefined &&
            (podSelector === undefined || selects(podSelector, {})) &&
            selects(namespaceSelector, labels),
    );
}
