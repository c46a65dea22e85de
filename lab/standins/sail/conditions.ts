/** A condition as the operator writes it: a True one has neither reason nor message. */
export interface Condition {
    type: string;
    status: "True" | "False" | "Unknown";
    reason?: string;
    message?: string;
    lastTransitionTime?: string;
}

export function yes(type: string): Condition {
    return { type, status: "True" };
}

export function no(type: string, reason: string, message: string): Condition {
    return { type, status: "False", reason, message };
}

export function unknown(type: string, reason?: string, message?: string): Condition {
    return { type, status: "Unknown", ...(reason === undefined ? {} : { reason, message }) };
}

export function conditionOf(conditions: Condition[] | undefined, type: string): Condition {
    return conditions?.find((condition) => condition.type === type) ?? unknown(type);
}

/** In the place of the one of its type, or at the end; the time moves with the status only. */
export function withConditions(conditions: Condition[] | undefined, next: Condition[]): Condition[] {
    const all = [...(conditions ?? [])];
    for (const condition of next) {
        const at = all.findIndex(({ type }) => type === condition.type);
        const before = all[at];
        const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : now();
        const { type, status, reason, message } = condition;
        const dated = { type, status, ...(reason === undefined ? {} : { reason, message }), lastTransitionTime };
        all.splice(at < 0 ? all.length : at, at < 0 ? 0 : 1, dated);
    }
    return all;
}

/** "Healthy", or the reason of the first that is not True. */
export function stateOf(conditions: Condition[]): string | undefined {
    const unhappy = conditions.find(({ status }) => status !== "True");
    return unhappy ? unhappy.reason : "Healthy";
}

/** Kubernetes writes times to the second. */
function now(): string {
    return `${new Date().toISOString().slice(0, 19)}Z`;
}
