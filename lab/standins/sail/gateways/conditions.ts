/** A condition as the Gateway API has it (meta/v1, Condition). */
export interface Condition {
    type: string;
    status: "True" | "False" | "Unknown";
    observedGeneration?: number;
    lastTransitionTime?: string;
    reason: string;
    message: string;
}

/** What is said of one type: True unless it says otherwise. */
export interface Verdict {
    status?: "True" | "False";
    reason: string;
    message: string;
}

/**
 * Conditions with these verdicts, each in the place of the one of its type; new ones follow in the order of their
 * names. The time moves with the status only (setConditions in conditions.go).
 */
export function withVerdicts(
    before: Condition[] | undefined,
    generation: number | undefined,
    verdicts: Record<string, Verdict>,
): Condition[] {
    const conditions = [...(before ?? [])];
    for (const [type, { status = "True", reason, message }] of Object.entries(verdicts).sort(byName)) {
        const at = conditions.findIndex((each) => each.type === type);
        const old = conditions[at];
        const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now();
        const next = { type, status, observedGeneration: generation, lastTransitionTime, reason, message };
        conditions.splice(at < 0 ? conditions.length : at, at < 0 ? 0 : 1, next);
    }
    return conditions;
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
    return a < b ? -1 : 1;
}

/** Kubernetes writes times to the second. */
function now(): string {
    return `${new Date().toISOString().slice(0, 19)}Z`;
}
