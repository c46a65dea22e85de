/** A label selector (meta/v1, LabelSelector). */
export interface LabelSelector {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** Whether a selector takes these labels; an empty or absent one takes all. */
export function selects(selector: LabelSelector | undefined, labels: Record<string, string> = {}): boolean {
    const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
    return equal && (selector?.matchExpressions ?? []).every((expression) => holds(expression, labels));
}

function holds(
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
        default:
            return !(key in labels);
    }
}
