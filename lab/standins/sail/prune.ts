import type { KubeObject } from "../../../kube";
import { conditionOf } from "./conditions";

/**
 * Which revisions of an Istio have been out of use for longer than the grace period, and in how many milliseconds the
 * next one will be. The period counts from the revision's own last InUse transition, which for one that never was in
 * use is its creation (pkg/revision/prune.go; recorded: sail S5e, S10e2). Pure.
 */
export function dueForPruning(
    revisions: KubeObject[],
    active: string,
    graceMs: number,
    now: number,
): { expired: KubeObject[]; next?: number } {
    const unused = revisions
        .filter(({ metadata }) => metadata.name !== active && !metadata.deletionTimestamp)
        .map((revision) => ({ revision, inUse: conditionOf(revision.status?.conditions, "InUse") }))
        .filter(({ inUse }) => inUse.status !== "True")
        .map(({ revision, inUse }) => ({
            revision,
            left: Date.parse(inUse.lastTransitionTime ?? "1970-01-01T00:00:00Z") + graceMs - now,
        }));
    const waiting = unused.filter(({ left }) => left >= 0).map(({ left }) => left);
    return {
        expired: unused.filter(({ left }) => left < 0).map(({ revision }) => revision),
        ...(waiting.length > 0 ? { next: Math.min(...waiting) } : {}),
    };
}
