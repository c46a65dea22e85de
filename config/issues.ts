/** Turns what the schema says about a value into problems that name key, found and allowed. */
import type { z } from "zod";
import { KEY_SEPARATOR } from "./fields";
import { didYouMean, keyOf, type Problem } from "./problems";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const UNKNOWN = "unknown key";

/** A problem, and the path of the value that has to go for the rest to be looked at. */
export interface Located {
    problem: Problem;
    path: Path;
}

/** One problem for each key, in the schema's order. `data` is what was parsed. */
export function locate(issues: readonly Issue[], data: unknown): Located[] {
    const all = issues.flatMap((issue) => explain(issue, [], data));
    const seen = new Set<string>(misspelt(all));
    return all.filter(({ problem }) => !seen.has(problem.key) && seen.add(problem.key));
}

/** Required keys that are there, only misspelt: the unknown key says so already. */
function misspelt(all: readonly Located[]): string[] {
    const missing = all.filter(({ problem }) => problem.found === undefined);
    const unknown = all.filter(({ problem }) => problem.found === UNKNOWN);
    return missing
        .filter(({ path }) =>
            unknown.some(
                (other) =>
                    keyOf(other.path.slice(0, -1)) === keyOf(path.slice(0, -1)) &&
                    other.problem.hint === didYouMean(String(path.at(-1)), [String(path.at(-1))]),
            ),
        )
        .map(({ problem }) => problem.key);
}

function explain(issue: Issue, above: Path, data: unknown): Located[] {
    const path = [...above, ...issue.path];
    const found = valueAt(data, path);
    switch (issue.code) {
        case "unrecognized_keys": {
            const known = issue.message.split(KEY_SEPARATOR);
            return issue.keys.map((key) => ({
                problem: unknownKey([...path, key], key, known),
                path: [...path, key],
            }));
        }
        case "invalid_key": {
            const name = String(path.at(-1));
            const inner = issue.issues[0];
            return [
                { problem: { ...wrong(path, name, inner?.message ?? issue.message), ...hintOf(inner, name) }, path },
            ];
        }
        case "invalid_union": {
            const nearest = nearestBranch(issue.errors);
            return nearest === undefined
                ? [{ problem: { ...wrong(path, show(found, path), issue.message), ...hintOf(issue, found) }, path }]
                : nearest.flatMap((inner) => explain(inner, path, data));
        }
        default:
            return [{ problem: { ...wrong(path, show(found, path), issue.message), ...hintOf(issue, found) }, path }];
    }
}

/**
 * Of the alternatives of a union, the one that was visibly meant: its own kind is right, and least is wrong within
 * it.
 */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
    const ofKind = branches.filter((issues) =>
        issues.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys"),
    );
    return ofKind.sort((a, b) => a.length - b.length)[0];
}

function wrong(path: Path, found: string | undefined, allowed: string): Problem {
    return { key: keyOf(path), ...(found === undefined ? {} : { found }), allowed };
}

function unknownKey(path: Path, key: string, known: string[]): Problem {
    const hint = didYouMean(key, known);
    const problem: Problem = { key: keyOf(path), found: UNKNOWN, allowed: `one of ${known.join(KEY_SEPARATOR)}` };
    return hint === undefined ? problem : { ...problem, hint, text: UNKNOWN };
}

function hintOf(issue: Issue | undefined, found: unknown): { hint?: string } {
    const hint = remedy(issue, found);
    return hint === undefined ? {} : { hint };
}

function remedy(issue: Issue | undefined, found: unknown): string | undefined {
    if (found === null) {
        return "give a value, or remove the key";
    }
    if (issue?.code === "custom") {
        return issue.params?.["hint"] as string | undefined;
    }
    if (issue?.code === "invalid_type" && issue.expected === "boolean" && typeof found === "string") {
        const word = found.toLowerCase();
        return /^(yes|y|on|true)$/.test(word)
            ? "write true"
            : /^(no|n|off|false)$/.test(word)
              ? "write false"
              : undefined;
    }
    if (issue?.code === "invalid_value") {
        return remedyForChoice(issue.values.map(String), found);
    }
    if (issue?.code === "invalid_union" && typeof found === "string") {
        const words = issue.errors
            .flat()
            .flatMap((inner) => (inner.code === "invalid_value" ? inner.values.map(String) : []));
        return didYouMean(found, words);
    }
    return undefined;
}

function remedyForChoice(values: string[], found: unknown): string | undefined {
    if (typeof found === "boolean" && values.includes("off") && !found) {
        return 'write "off" in quotes';
    }
    return typeof found === "string"
        ? didYouMean(
              found,
              values.filter((value) => /[a-z]/i.test(value)),
          )
        : undefined;
}

/** Values that may be secret, or may hold something secret: only their kind is ever shown. */
function isPrivate(path: Path): boolean {
    const [top, , , , part] = path;
    const inService = top === "namespaces" && (part === "env" || part === "properties");
    return top === "secrets" || (inService && path.at(-1) !== "generate");
}

/** What stands somewhere, short enough for a line; nothing when nothing stands there. */
export function show(value: unknown, path: Path): string | undefined {
    if (value === undefined) {
        return undefined;
    }
    if (value === null) {
        return "nothing";
    }
    if (Array.isArray(value)) {
        return value.length === 0 ? "an empty list" : "a list";
    }
    if (typeof value === "object") {
        return Object.keys(value).length === 0 ? "an empty object" : "an object";
    }
    if (value === "") {
        return "empty text";
    }
    if (isPrivate(path)) {
        return { string: "text", number: "a number" }[typeof value as string] ?? "true or false";
    }
    return quoted(String(value));
}

/** Text that does not spoil the line it is in. */
function quoted(value: string): string {
    const text = /^[\x21-\x7e]+$/.test(value) ? value : JSON.stringify(value);
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The value at a path; nothing when there is none. */
export function valueAt(data: unknown, path: Path): unknown {
    let value = data;
    for (const part of path) {
        if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) {
            return undefined;
        }
        value = (value as Record<PropertyKey, unknown>)[part];
    }
    return value;
}
