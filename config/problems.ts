/** What is wrong with a configuration, as data and as the one message that a person reads. */
import { distance } from "fastest-levenshtein";

/** One thing that is wrong with one key. */
export interface Problem {
    /** The key as one would write it for `pulumi config set --path`, e.g. "mesh:controlPlane.tracing.sampling". */
    key: string;
    /** What stands there; absent when the key itself is what is missing. Never the value of something secret. */
    found?: string;
    /** What may stand there. */
    allowed: string;
    /** The most likely remedy, e.g. "did you mean allow?" */
    hint?: string;
    /** A whole sentence, where "found: allowed" would read badly. */
    text?: string;
}

/** One line about a problem, without its key. */
export function describeProblem(problem: Problem): string {
    const sentence = problem.text ?? `${problem.found ?? "missing"}: ${problem.allowed}`;
    return problem.hint === undefined ? sentence : `${sentence}; ${problem.hint}`;
}

/** The whole message: how many problems, where, that nothing was touched, and one line for each, aligned. */
export function formatProblems(problems: readonly Problem[], file?: string): string {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const width = Math.max(0, ...problems.map((problem) => problem.key.length));
    const lines = problems.map((problem) => `  ${problem.key.padEnd(width)}    ${describeProblem(problem)}`);
    return [`${count} in ${file ?? "the configuration"}, nothing was touched`, ...lines].join("\n");
}

/**
 * The configuration cannot be used. `message` is meant for a person and says everything; a stack trace adds nothing.
 */
export class ConfigError extends Error {
    override readonly name = "ConfigError";

    constructor(
        readonly problems: readonly Problem[],
        readonly file?: string,
    ) {
        super(formatProblems(problems, file));
        this.stack = this.message;
    }
}

/** The candidate that somebody who wrote `given` most likely meant, or nothing if none is near enough to be sure. */
export function closest(given: string, candidates: Iterable<string>): string | undefined {
    const tolerated = given.length < 4 ? 1 : 2;
    let best: { candidate: string; far: number } | undefined;
    for (const candidate of candidates) {
        const far = distance(given.toLowerCase(), candidate.toLowerCase());
        if (far <= tolerated && far < candidate.length && (best === undefined || far < best.far)) {
            best = { candidate, far };
        }
    }
    return best?.candidate;
}

/** "did you mean X?", when there is an X. */
export function didYouMean(given: string, candidates: Iterable<string>): string | undefined {
    const candidate = closest(given, candidates);
    return candidate === undefined ? undefined : `did you mean ${candidate}?`;
}

/** The key of a value inside the configuration, in the notation of `pulumi config set --path`. */
export function keyOf(path: readonly PropertyKey[]): string {
    const [first, ...rest] = path;
    if (first === undefined) {
        return "mesh:";
    }
    const top = step(first).replace(/^\./, "");
    return rest.reduce<string>((key, part) => key + step(part), `mesh:${top}`);
}

/** The path that a key stands for: the inverse of keyOf. */
export function pathOf(key: string): (string | number)[] {
    const parts = key.slice("mesh:".length).matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|\.?([^.[]+)/g);
    return [...parts].map(([, quoted, index, plain]) =>
        quoted !== undefined ? (JSON.parse(`"${quoted}"`) as string) : index !== undefined ? Number(index) : plain,
    );
}

function step(part: PropertyKey): string {
    if (typeof part === "number") {
        return `[${part}]`;
    }
    const name = String(part);
    return /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
