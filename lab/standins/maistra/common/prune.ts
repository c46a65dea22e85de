import { KindMissing, type Kube, refOf } from "../../../../kube";
import { MESH_GENERATION, OWNER } from "./names";
import { patiently } from "./write";

export interface PruneStep {
    kinds: [apiVersion: string, kind: string][];
    /** The share of the whole time after which the real operator came to these kinds. */
    at: number;
    cluster?: boolean;
}

/**
 * Deletes what belongs to the control plane of a namespace and was last written for another generation than `keep`
 * (undefined: all of it). `delay` waits as long as the real operator was seen to need up to each step.
 */
export async function prune(
    kube: Kube,
    namespace: string,
    keep: string | undefined,
    steps: readonly PruneStep[],
    total: number,
    delay: (realMs: number) => Promise<void>,
): Promise<void> {
    let passed = 0;
    for (const step of steps) {
        await delay((step.at - passed) * total);
        passed = step.at;
        for (const [apiVersion, kind] of step.kinds) {
            await pruneKind(kube, { apiVersion, kind }, step.cluster ? undefined : namespace, namespace, keep);
        }
    }
}

async function pruneKind(
    kube: Kube,
    kind: { apiVersion: string; kind: string },
    within: string | undefined,
    owner: string,
    keep: string | undefined,
): Promise<void> {
    try {
        const options = { namespace: within, labelSelector: `${OWNER}=${owner}` };
        for (const object of await patiently(() => kube.list(kind, options))) {
            const generation = object.metadata.annotations?.[MESH_GENERATION];
            if (generation !== undefined && generation !== keep) {
                await kube.delete(refOf(object), { propagationPolicy: "Background" });
            }
        }
    } catch (error) {
        // A kind that was never brought has no objects.
        if (!(error instanceof KindMissing)) {
            throw error;
        }
    }
}
