import * as pulumi from "@pulumi/pulumi";
import type { ClusterFacts } from "../cluster/facts";
import type { Gate } from "../cluster/gate";
import type { MeshConfig } from "../config/schema";
import type { Dialect } from "../dialects";
import { runError } from "./run-error";

/** What every component of one stack shares. It is handed on beside the arguments, and never becomes state. */
export interface Context {
    /** "<organization>/<project>/<stack>": what marks this stack's objects. */
    mark: string;
    dialect: Dialect;
    timeouts: MeshConfig["timeouts"];
    /** What others depend on is not deleted by mistake. */
    protect: boolean;
    /** What the look found on our mesh objects. */
    digests: ClusterFacts["digests"];
    /** Objects of which a cluster has one, and which somebody else has made: "<kind>/<name>". */
    foreign: ReadonlySet<string>;
    /** Waits until a gate opens. Renderings and unit tests answer at once. */
    hold<T, K extends string>(gate: Gate<T, K>, report: (line: string) => void): Promise<T>;
    /** Hears in a preview of each gate that an update would wait at, once all that it depends on is known. */
    foresee?(gate: Gate<unknown, string>): void;
}

/**
 * What comes after a step: resolves when the step is really done, and carries the edges that order a removal. The edges are
 * the resources that the Output knows it comes from. As its value they would be searched for unknown parts at every step,
 * each with its parent and all that hangs there (pulumi/pulumi, sdk/nodejs/output.ts, containsUnknowns): with the square of
 * what a namespace holds.
 */
export type Ready = pulumi.Output<never[]>;

/** A step's result, and what its dependants wait for. */
export interface Held<T> {
    value: pulumi.Output<T>;
    ready: Ready;
}

/**
 * Holds dependants back until the gate opens. The gate runs at every update, also when nothing has changed, so a run that
 * was cut off resumes; in previews nothing waits, and `foreseen` stands for the value where the resources exist already.
 * Errors: whatever the gate says, as a RunError: one message, no stack.
 */
export function held<T, K extends string>(
    context: Context,
    shownOn: pulumi.Resource,
    resources: pulumi.Resource[],
    gate: pulumi.Output<Gate<T, K>>,
    foreseen: T,
): Held<T> {
    const value = pulumi.all([present(...resources), gate]).apply(async ([, opened]) => {
        if (pulumi.runtime.isDryRun()) {
            context.foresee?.(opened as Gate<unknown, string>);
            return foreseen;
        }
        try {
            const report = (line: string) => void pulumi.log.info(line, shownOn, undefined, true);
            return await context.hold(opened as Gate<T, K>, report);
        } catch (error) {
            throw runError((error as Error).message);
        }
    }) as pulumi.Output<T>;
    return { value, ready: value.apply(() => []) };
}

/** Several steps at once, as one to depend on. */
export function everyOne(...steps: (Ready | undefined)[]): Ready {
    return pulumi.all(steps.filter((s) => s !== undefined)).apply(() => []);
}

/** Resources as a step: done when they exist. */
export function present(...resources: (pulumi.Resource | undefined)[]): Ready {
    const there = resources.filter((r) => r !== undefined);
    return pulumi.all(there.map((r) => (r instanceof pulumi.CustomResource ? r.id : r.urn))).apply(() => []);
}
