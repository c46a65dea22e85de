import type { BinaryName } from "./versions";

export type Progress = (line: string) => void;

export interface Outcome {
    found: Partial<Record<BinaryName, string>>;
    /** Why this way gave no binary. */
    missed: Partial<Record<BinaryName, string>>;
}

/** One way to come by binaries. It never throws: what failed is said in `missed`. */
export interface Step {
    title: string;
    find(names: BinaryName[], onProgress: Progress): Promise<Outcome>;
}

/** A step that looks for one binary at a time; `one` returns its path or throws with the reason. */
export function eachByItself(title: string, one: (name: BinaryName, onProgress: Progress) => Promise<string>): Step {
    return {
        title,
        async find(names, onProgress) {
            const outcome: Outcome = { found: {}, missed: {} };
            await Promise.all(
                names.map(async (name) => {
                    try {
                        outcome.found[name] = await one(name, onProgress);
                    } catch (error) {
                        outcome.missed[name] = error instanceof Error ? error.message : String(error);
                    }
                }),
            );
            return outcome;
        },
    };
}

/**
 * Goes through the steps in order until every binary is found. Errors: when one is found in no way, an Error that
 * names each way tried and why it failed.
 */
export async function findAll(
    names: BinaryName[],
    steps: Step[],
    onProgress: Progress,
): Promise<Record<BinaryName, string>> {
    const found: Partial<Record<BinaryName, string>> = {};
    const tried: string[] = [];
    for (const step of steps) {
        const missing = names.filter((name) => found[name] === undefined);
        if (missing.length === 0) {
            break;
        }
        const outcome = await step.find(missing, onProgress);
        Object.assign(found, outcome.found);
        tried.push(...missing.filter((n) => !outcome.found[n]).map((n) => `${n}: ${step.title}: ${outcome.missed[n]}`));
    }
    const missing = names.filter((name) => found[name] === undefined);
    if (missing.length > 0) {
        const attempts = tried.filter((line) => missing.some((name) => line.startsWith(`${name}:`)));
        throw new Error([`no ${missing.join(", no ")} could be had. Tried:`, ...attempts].join("\n  "));
    }
    return found as Record<BinaryName, string>;
}
