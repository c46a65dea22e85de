/**
 * The words that verdicts and the gate share. A verdict is a pure function of live objects: it says whether a step is
 * really done, and when it cannot be, why, in the cluster's own words.
 */
import type { KindRef, KubeObject } from "../kube";

/** Why a step can never be done as things are, as an operator would want to read it. */
export interface GateProblem {
    /** "Subscription openshift-operators/servicemeshoperator" */
    object: string;
    /** What it is instead, in a word or two: "ResolutionFailed". */
    found?: string;
    /** What was expected of it. */
    expected: string;
    /** The cluster's own words; "" when it says nothing at all. */
    said: string;
    /** Who says it, e.g. "OLM". Default: "the cluster". */
    by?: string;
    /** What a person can do, one line each; commands are indented by two spaces after a line that ends with ":". */
    todo: string[];
}

/** The one thing that a gate may do to the cluster, and does at most once for each plan. */
export interface ApproveInstallPlan {
    type: "approve";
    namespace: string;
    name: string;
    csvs: string[];
}

export type Verdict<T> =
    | { is: "waiting"; why: string; todo?: string[] }
    | { is: "ready"; value: T; say?: string }
    | { is: "failed"; problem: GateProblem }
    | { is: "act"; why: string; act: ApproveInstallPlan };

/** One watch of a gate. Its objects are handed to the verdict under the name `as`. */
export interface WatchSpec<K extends string = string> {
    as: K;
    kind: KindRef;
    namespace?: string;
    name?: string;
    labelSelector?: string;
}

/**
 * All objects that a gate's watches have seen and that still exist, by the watch's name, each list in the order of
 * names.
 */
export type Snapshot<K extends string = string> = Record<K, KubeObject[]>;

/**
 * What to do about an object that this stack has made and that is not there: the engine does not know that it has gone.
 */
export const MAKE_AGAIN = ["It may have been removed from outside. To have it made again:", "  pulumi up --refresh"];

export const waiting = (why: string, todo?: string[]): Verdict<never> => ({
    is: "waiting",
    why,
    ...(todo ? { todo } : {}),
});
export const ready = <T>(value: T, say?: string): Verdict<T> => ({ is: "ready", value, ...(say ? { say } : {}) });
export const failed = (problem: GateProblem): Verdict<never> => ({ is: "failed", problem });

export interface Condition {
    type: string;
    status: string;
    reason?: string;
    message?: string;
}

/** The condition of that type in status.conditions, if there is one. */
export function condition(object: KubeObject | undefined, type: string): Condition | undefined {
    const all: Condition[] = object?.status?.conditions ?? [];
    return all.find((c) => c.type === type);
}

/** "Reason: message", or what there is of it. */
export function words(c: { reason?: string; message?: string } | undefined): string {
    return [c?.reason, c?.message].filter(Boolean).join(": ");
}

/** "Kind namespace/name" or "Kind name". */
export function called(kind: string, o: { namespace?: string; name: string }): string {
    return `${kind} ${o.namespace ? `${o.namespace}/` : ""}${o.name}`;
}
