import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(__dirname, "../../fixtures/traces/sail");

/** A line of a recording: see tests/fixtures/traces/README.md. */
export interface Line {
    ms: number;
    ev: "MARK" | "ADDED" | "MODIFIED" | "DELETED";
    kind: string;
    ns: string;
    name: string;
    o: any;
}

/** The lines of one step, named as its file is: "02-S1a", "23-S5a", ... */
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

/** The names of all steps. */
export function steps(): string[] {
    return readdirSync(FOLDER)
        .filter((name) => name.endsWith(".jsonl"))
        .map((name) => name.split("-").slice(0, 2).join("-"));
}

export function refusals(): { attempt: string; said: string }[] {
    return JSON.parse(readFileSync(join(FOLDER, "refusals.json"), "utf8"));
}
