/** What `pulumi config set --path` makes of values: for tests of what the CLI hands over. */
import { EXAMPLE } from "../../../config/template-example";

export type Path = (string | number)[];

/** Every value in the example of a stack file that is not a map or a list itself, with its place. */
export function leaves(value: unknown = EXAMPLE, path: Path = []): [Path, string | number | boolean][] {
    if (typeof value !== "object" || value === null) {
        return [[path, value as string]];
    }
    const entries = Array.isArray(value) ? value.map((item, i) => [i, item] as const) : Object.entries(value);
    return entries.flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/**
 * What the CLI stores when it is given this text for a place inside of an object: a boolean or a whole number where it
 * looks like one, else the text (pulumi config set --help; a test asks the CLI itself).
 */
export function stored(text: string): string | number | boolean {
    if (text === "true" || text === "false") {
        return text === "true";
    }
    return /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : text;
}

/** A copy with one value in another's place. */
export function put(whole: unknown, [first, ...rest]: Path, value: unknown): unknown {
    if (first === undefined) {
        return value;
    }
    const copy = (Array.isArray(whole) ? [...whole] : { ...(whole as object) }) as Record<string | number, unknown>;
    copy[first] = put(copy[first], rest, value);
    return copy;
}
