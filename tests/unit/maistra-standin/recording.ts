import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(__dirname, "../../fixtures/traces/maistra117");

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
export function recording(step: string): Line[] {
    const file = readdirSync(FOLDER).find((name) => name.startsWith(`${step}-`));
    if (!file) {
        throw new Error(`no recording of step ${step}`);
    }
    return readFileSync(join(FOLDER, file), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
}

/** The statuses that an object went through in one step. */
export function statuses(step: string, kind: string): any[] {
    return recording(step)
        .filter((line) => line.kind === kind && line.ev === "MODIFIED" && line.o.status)
        .map((line) => line.o.status);
}

export function refusals(): { attempt: string; webhook: string; said: string }[] {
    return JSON.parse(readFileSync(join(FOLDER, "refusals.json"), "utf8"));
}

/** Without what differs from run to run: times, and the configuration that a status repeats. */
export function comparable(status: object): object {
    const text = JSON.stringify(status, (key, value) =>
        key === "lastTransitionTime" || key === "lastAppliedConfiguration" ? undefined : value,
    );
    return JSON.parse(text);
}
