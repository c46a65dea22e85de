/** A condition as Maistra writes it: reason and message are left out where there is nothing to say. */
export interface Condition {
    type: string;
    status: "True" | "False" | "Unknown";
    reason?: string;
    message?: string;
    lastTransitionTime?: string;
}

export function conditionOf(conditions: Condition[] | undefined, type: string): Condition {
    return conditions?.find((condition) => condition.type === type) ?? { type, status: "Unknown" };
}

/** In its place if there is one of its type, else at the end; the time moves with the status only. */
export function withCondition(conditions: Condition[] | undefined, next: Condition): Condition[] {
    const before = conditions?.find((condition) => condition.type === next.type);
    const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : now();
    const dated = { lastTransitionTime, ...next };
    return before
        ? conditions!.map((condition) => (condition === before ? dated : condition))
        : [...(conditions ?? []), dated];
}

function now(): string {
    return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}
