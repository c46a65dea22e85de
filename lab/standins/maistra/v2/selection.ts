import type { KubeObject } from "../../../../kube";

interface LabelSelector {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** System namespaces are never selected (maistra/istio-operator@maistra-2.5, apis/maistra/v1: IsMember). */
const EXCLUDED = /^(openshift|openshift-.*|kube|kube-.*|ibm-.*)$/;

/** Whether a roll names or selects this namespace; its own it never does. */
export function isMember(roll: KubeObject, { metadata }: KubeObject): boolean {
    const { name, labels = {} } = metadata;
    const members: string[] = roll.spec?.members ?? [];
    const selectors: LabelSelector[] = roll.spec?.memberSelectors ?? [];
    if (name === roll.metadata.namespace) {
        return false;
    }
    return (
        members.includes(name) ||
        (!EXCLUDED.test(name) && (members.includes("*") || selectors.some((selector) => selects(selector, labels))))
    );
}

/** As Kubernetes selects; an empty selector takes everything. */
export function selects(selector: LabelSelector, labels: Record<string, string>): boolean {
    const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
    return equal && (selector.matchExpressions ?? []).every((expression) => meets(expression, labels));
}

function meets(
    { key, operator, values = [] }: { key: string; operator: string; values?: string[] },
    labels: Record<string, string>,
): boolean {
    switch (operator) {
        case "In":
            return key in labels && values.includes(labels[key]);
        case "NotIn":
            return !(key in labels) || !values.includes(labels[key]);
        case "Exists":
            return key in labels;
        case "DoesNotExist":
            return !(key in labels);
        default:
            return false;
    }
}
