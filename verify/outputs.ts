import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { OutputsError } from "./environment";

/** A stack's outputs: from a file where one is given, else from Pulumi. Errors: OutputsError. */
export async function readOutputs(o: { stack: string; file?: string; cwd: string }): Promise<Record<string, unknown>> {
    return o.file === undefined ? fromPulumi(o.stack, o.cwd) : fromFile(o.file);
}

function fromFile(file: string): Record<string, unknown> {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch (error) {
        throw new OutputsError(`outputs cannot be read: ${(error as Error).message}`);
    }
    return parse(text, file);
}

async function fromPulumi(stack: string, cwd: string): Promise<Record<string, unknown>> {
    const args = ["stack", "output", "--json", "--stack", stack, "--non-interactive"];
    const text = await new Promise<string>((resolve, reject) =>
        execFile("pulumi", args, { cwd, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
            if (!error) {
                resolve(stdout);
            } else if ((error as NodeJS.ErrnoException).code === "ENOENT") {
                const other = "or give the outputs as a file: pulumi stack output --json > FILE, then --outputs FILE";
                reject(new OutputsError(`pulumi is not on PATH, which knows the stack's outputs; ${other}`));
            } else {
                reject(new OutputsError(`pulumi ${args.join(" ")}: ${stderr.trim() || error.message}`));
            }
        }),
    );
    return parse(text, "what pulumi stack output says");
}

function parse(text: string, what: string): Record<string, unknown> {
    try {
        const value: unknown = JSON.parse(text);
        if (typeof value === "object" && value !== null && !Array.isArray(value)) {
            return value as Record<string, unknown>;
        }
    } catch {
        // Said below, without quoting what may be anything.
    }
    throw new OutputsError(`${what} is not a JSON object`);
}
