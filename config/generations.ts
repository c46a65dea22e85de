/** The generations of Service Mesh that a configuration may ask for. What a generation does is its dialect's. */

export interface Generation {
    /** Network types on which this generation cannot work, with the reason. */
    networks: Readonly<Record<string, string>>;
}

export const GENERATIONS = {
    "1.1": {
        // Recorded: maistra117. Source of the types that work: maistra/istio-operator maistra-1.1.7,
        // pkg/controller/servicemesh/memberroll/namespace_reconciler.go.
        networks: {
            OVNKubernetes: "Service Mesh 1.1 configures no member on it and says so only in its operator's log",
        },
    },
    "2.6": { networks: {} },
    "3": { networks: {} },
} as const satisfies Record<string, Generation>;

export type GenerationName = keyof typeof GENERATIONS;

/** The generations that there are, oldest first: an object has keys that are whole numbers before all others. */
export const GENERATION_NAMES = Object.keys(GENERATIONS).sort((a, b) => Number(a) - Number(b)) as [
    GenerationName,
    ...GenerationName[],
];
