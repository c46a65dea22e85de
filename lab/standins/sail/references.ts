import type { KubeObject } from "../../../kube";
import { DEFAULT, REV } from "./names";

/**
 * Who uses a revision or a tag, by its name (openshift-service-mesh/sail-operator, pkg/revision/references.go and
 * controllers/istiorevision). Pure.
 */

type Labels = Record<string, string> | undefined;

/** The revision or tag that a namespace names; istio-injection=enabled, which means "default", goes first. */
export function namedByNamespace(labels: Labels): string {
    return labels?.["istio-injection"] === "enabled" ? DEFAULT : (labels?.[REV] ?? "");
}

export function namedByPod(labels: Labels): string {
    const inject = labels?.["sidecar.istio.io/inject"];
    if (inject === "false") {
        return "";
    }
    return labels?.[REV] || (inject === "true" ? DEFAULT : "");
}

/** The revision whose proxy a pod has. */
export function injectedInto(pod: KubeObject): string {
    return pod.metadata.annotations?.[REV] ?? "";
}

/** Whether anything but tags refers to a revision. */
export function revisionInUse(name: string, namespaces: KubeObject[], pods: KubeObject[]): boolean {
    return inUse(name, namespaces, pods, (pod) => injectedInto(pod) === name);
}

export function tagInUse(name: string, namespaces: KubeObject[], pods: KubeObject[]): boolean {
    return inUse(name, namespaces, pods, () => false);
}

function inUse(
    name: string,
    namespaces: KubeObject[],
    pods: KubeObject[],
    runsWith: (pod: KubeObject) => boolean,
): boolean {
    const named = new Map(namespaces.map(({ metadata }) => [metadata.name, namedByNamespace(metadata.labels)]));
    return (
        [...named.values()].includes(name) ||
        pods
            .filter((pod) => pod.status?.phase !== "Succeeded" && named.has(pod.metadata.namespace ?? ""))
            .some((pod) => {
                const byPod =
                    named.get(pod.metadata.namespace ?? "") === "" && namedByPod(pod.metadata.labels) === name;
                return runsWith(pod) || byPod;
            })
    );
}
