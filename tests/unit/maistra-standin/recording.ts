import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const TRACES = join(__dirname, "../../fixtures/traces");

/** Of the operator 1.1.7, and of 2.5. */
export type Recorded = "maistra117" | "maistra25";

/** A line of a recording: see tests/fixtures/traces/README.md. */
export interface Line {
    ms: number;
    ev: "MARK" | "LIST" | "ADDED" | "MODIFIED" | "DELETED";
    kind: string;
    gv: string;
    ns: string;
    name: string;
    o: any;
}

/** The lines of one step, named as its file is: "02-N1", "07-N3", ... */
export function recording(step: string, of: Recorded = "maistra117"): Line[] {
    const folder = join(TRACES, of);
    const file = readdirSync(folder).find((name) => name.startsWith(`${step}-`));
    if (!file) {
        throw new Error(`no recording of step ${step}`);
    }
    return readFileSync(join(folder, file), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
}

/** The statuses that an object went through in one step. */
export function statuses(step: string, kind: string, of: Recorded = "maistra117"): any[] {
    return recording(step, of)
        .filter((line) => line.kind === kind && line.ev === "MODIFIED" && line.o.status)
        .map((line) => line.o.status);
}

export function refusals(of: Recorded = "maistra117"): { attempt: string; webhook: string; said: string }[] {
    return JSON.parse(readFileSync(join(TRACES, of, "refusals.json"), "utf8"));
}

/** Without what differs from run to run: times, and the configuration that a status repeats. */
export function comparable(status: object): object {
    const dropped = ["lastTransitionTime", "lastAppliedConfiguration", "appliedSpec"];
    const text = JSON.stringify(status, (key, value) => (dropped.includes(key) ? undefined : value));
    return JSON.parse(text);
}
