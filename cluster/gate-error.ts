import type { GateProblem } from "./verdict";

export interface GateEnd {
    /** "servicemeshoperator did not install" */
    failure: string;
    waitedSeconds: number;
    /** Absent when only the time was up. */
    problem?: GateProblem;
    /** What the gate was waiting for when the time was up. */
    lastSeen?: string;
    todo?: string[];
}

/**
 * A gate that did not open. Its message is for an operator: object, what was expected, what the cluster said, for how
 * long, what to do.
 */
export class GateError extends Error {
    constructor(readonly end: GateEnd) {
        super(message(end));
        this.name = "GateError";
        // Where in this program it happened helps nobody who reads it; the message says which object and why.
        this.stack = this.message;
    }
}

function message({ failure, waitedSeconds, problem, lastSeen, todo }: GateEnd): string {
    const lines = [`${failure} (waited ${Math.round(waitedSeconds)} s)`];
    if (problem) {
        const found = problem.found ? `${problem.found}, ` : "";
        lines.push(`${problem.object}: ${found}expected ${problem.expected}`);
        lines.push(
            problem.said ? `${problem.by ?? "the cluster"} says: ${problem.said}` : "the cluster says nothing about it",
        );
        lines.push(...problem.todo);
    } else {
        lines.push(`last seen: ${lastSeen ?? "nothing"}`, ...(todo ?? []));
    }
    return lines.join("\n  ");
}
