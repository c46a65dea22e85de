/** The only name that the operator takes for a roll, and for a member (maistra/istio-operator, webhooks/validation). */
export const COMPULSORY_NAME = "default";

export function rollSpec(namespaces: string[]): object {
    return { members: [...namespaces].sort() };
}

export function memberSpec(controlPlane: { name: string; namespace: string }): object {
    return { controlPlaneRef: { name: controlPlane.name, namespace: controlPlane.namespace } };
}

/** A roll that takes every namespace with these labels (maistra/istio-operator, servicemeshmemberroll_types.go). */
export function selectorRollSpec(labels: Record<string, string>): object {
    return { memberSelectors: [{ matchLabels: labels }] };
}
