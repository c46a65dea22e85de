/** A condition as Kubernetes' own types have it. */
export interface Condition {
    type: string;
    status: "True" | "False";
    reason: string;
    message: string;
    lastTransitionTime?: string;
}

/** With the time of the last change of its status, which is now unless an earlier one has the same. */
export function dated(before: Condition[] | undefined, conditions: Condition[]): Condition[] {
    return conditions.map((condition) => {
        const last = before?.find(({ type, status }) => type === condition.type && status === condition.status);
        return { ...condition, lastTransitionTime: last?.lastTransitionTime ?? now() };
    });
}

function now(): string {
    return `${new Date().toISOString().slice(0, 19)}Z`;
}
