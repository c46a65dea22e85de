/** How pods of one workload are kept apart, and from going all at once. */

export type AntiAffinity = "none" | "preferred" | "required";

/** The affinity of pods that are to be on different nodes; undefined where that is all the same. */
export function affinity(wish: AntiAffinity, labels: Record<string, string>): object | undefined {
    const term = { labelSelector: { matchLabels: labels }, topologyKey: "kubernetes.io/hostname" };
    switch (wish) {
        case "none":
            return undefined;
        case "preferred":
            return {
                podAntiAffinity: {
                    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }],
                },
            };
        case "required":
            return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    }
}

export const DISRUPTION_API = "policy/v1";

/** A PodDisruptionBudget. */
export function disruptionSpec(minAvailable: number, matchLabels: Record<string, string>): object {
    return { minAvailable, selector: { matchLabels } };
}
