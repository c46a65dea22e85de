import type { Change } from "../changes";
import type { Picture } from "../picture";

/**
 * What a change is about, the widest first: who is hit, and how badly. The order of this list is the order of the page.
 * Of each, what stands in the headline for one and for many; nothing where it is not counted there.
 */
export const TOPICS = {
    controlPlane: ["control plane touched", "control planes touched"],
    mtlsLoosened: ["mTLS loosened", "mTLS loosened in # places"],
    policyLoosened: ["policy loosened", "policies loosened"],
    hostLost: ["host cut off", "hosts cut off"],
    hostChanged: ["host changed", "hosts changed"],
    hostMoved: ["host leads elsewhere", "hosts lead elsewhere"],
    membership: ["namespace leaves the mesh", "namespaces leave the mesh"],
    unprotected: ["protection in question", "protections in question"],
    callersLost: ["policy tightened", "policies tightened"],
    mtlsTightened: ["mTLS tightened", "mTLS tightened in # places"],
    lost: [],
    operator: ["operator touched", "operators touched"],
    hostAdded: ["host added", "hosts added"],
    rollout: ["rollout", "rollouts"],
    rest: [],
} as const satisfies Record<string, readonly [string, string] | readonly []>;

export type Topic = keyof typeof TOPICS;

/** One thing that a reviewer should know, in words. */
export interface Concern {
    topic: Topic;
    /** Markdown, one line. */
    text: string;
    /** Whether somebody may be hit by it. */
    warns: boolean;
}

/** Finds what a reviewer should know. Pure. */
export type Finder = (review: Review) => Concern[];

export interface Review {
    before: Picture;
    after: Picture;
    changes: Change[];
}

/** Text as it stands in a file. */
export function code(text: unknown): string {
    return `\`${String(text).replaceAll("`", "'")}\``;
}

/** "`a` → `b`". */
export function fromTo(before: unknown, after: unknown): string {
    return `${code(before ?? "nothing")} → ${code(after ?? "nothing")}`;
}

/** The value at a path of plain keys. */
export function at(object: any, path: string): any {
    return path.split(".").reduce((value, key) => value?.[key], object);
}

/** "a, b and 3 more". */
export function some(words: readonly string[], most = 4): string {
    const rest = words.length - most;
    return rest > 0 ? `${words.slice(0, most).join(", ")} and ${rest} more` : words.join(", ");
}
