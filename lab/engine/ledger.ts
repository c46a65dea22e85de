import type { Diff } from "./plan/diff";
import type { Changes, Op, ProgressEvent, Step } from "./types";

/** What a run has begun and what has come of it, told as it happens. */
export class Ledger {
    readonly steps: Step[] = [];
    readonly changes: Changes = {};
    private readonly open = new Map<string, Op>();

    constructor(private readonly emit: (event: ProgressEvent) => void) {}

    begin(urn: string, op: Op, diff?: Diff): void {
        this.open.set(urn, op);
        this.steps.push({ urn, op, ...(diff && diff.keys.length > 0 ? { diffKeys: diff.keys } : {}) });
        this.emit({ type: "resource", urn, op, phase: "start" });
    }

    /** Does nothing for what has not begun, or is closed already. */
    close(urn: string, phase: "done" | "failed", outputs?: Record<string, unknown>): void {
        const op = this.open.get(urn);
        if (op === undefined) {
            return;
        }
        this.open.delete(urn);
        if (phase === "done") {
            this.changes[op] = (this.changes[op] ?? 0) + 1;
        }
        this.emit({ type: "resource", urn, op, phase, ...(outputs ? { outputs } : {}) });
    }

    /** The program is over: components that gave no outputs have none. */
    closeAll(): void {
        for (const urn of [...this.open.keys()]) {
            this.close(urn, "done");
        }
    }
}
