/** The same value without undefined ones and without maps that hold nothing. Lists are kept as they are. */
export function prune(value: unknown): unknown {
    if (value === null || typeof value !== "object" || Array.isArray(value)) {
        return value;
    }
    const kept = Object.entries(value)
        .map(([key, inner]) => [key, prune(inner)] as const)
        .filter(([, inner]) => inner !== undefined);
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
