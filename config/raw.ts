/** Reads the flat keys that Pulumi hands over (`mesh:x` -> text, JSON for objects) into one object for the schema. */
import { schema } from "./schema";
import { keyOf, type Problem } from "./problems";

export const PREFIX = "mesh:";

/** The top-level keys whose value is an object, which Pulumi hands over as JSON. */
export const OBJECT_KEYS: readonly string[] = [
    "catalog",
    "operators",
    "controlPlane",
    "namespaces",
    "secrets",
    "timeouts",
    "next",
];

/**
 * What Pulumi.yaml gives as the default of keys that may be left out, since Pulumi asks for every key that has none; by
 * key, as text.
 */
const UNSET: Readonly<Record<string, string>> = { platform: "", appsDomain: "", membership: "", next: "{}" };

/**
 * True for keys of ours whose values show in manifests and outputs: whoever encrypted one would be mistaken about
 * that.
 */
export function mayNotBeSecret(fullKey: string): boolean {
    return fullKey.startsWith(PREFIX) && fullKey !== `${PREFIX}secrets`;
}

export function misplacedSecret(key: string): Problem {
    const allowed =
        "plain values: only mesh:secrets is kept secret; a service refers to it by env: { NAME: { secret: name " +
        "} }";
    return { key, found: "something encrypted", allowed };
}

export interface RawData {
    /** By top-level key, without `mesh:`. */
    data: Record<string, unknown>;
    problems: Problem[];
    /** Top-level keys that could not be read; they are null in `data`. */
    unreadable: string[];
}

/** Keys of other namespaces (`kubernetes:`, `pulumi:`, ...) are not ours and are left alone. */
export function readRaw(raw: Readonly<Record<string, unknown>>): RawData {
    const result: RawData = { data: {}, problems: [], unreadable: [] };
    for (const [fullKey, given] of Object.entries(raw)) {
        const key = fullKey.slice(PREFIX.length);
        const unset = given === undefined || (Object.hasOwn(UNSET, key) && given === UNSET[key]);
        if (fullKey.startsWith(PREFIX) && !unset) {
            readKey(key, given, result);
        }
    }
    return result;
}

function readKey(key: string, given: unknown, result: RawData): void {
    let value = given;
    if (OBJECT_KEYS.includes(key) && typeof given === "string") {
        try {
            value = sorted(JSON.parse(given));
        } catch {
            // What the parser says quotes the text, and the text may hold a secret.
            const found = given.trim() === "" ? "empty text" : "text that is not JSON";
            result.problems.push({
                key: keyOf([key]),
                found,
                allowed: "an object, as lines of YAML in the stack file or as JSON",
            });
            result.unreadable.push(key);
            result.data[key] = null;
            return;
        }
    } else if (Object.hasOwn(schema.shape, key) && given === "null") {
        // An empty `mesh:membership:` in a stack file.
        value = null;
    } else if (typeof given === "number") {
        value = String(given);
    }
    const forbidden = prototypeKeys(value, [key]);
    result.problems.push(
        ...forbidden.map((path) => ({ key: keyOf(path), found: "__proto__", allowed: "any other name" })),
    );
    Object.defineProperty(result.data, key, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * The same with the keys of every object in order. Pulumi hands objects over so; whoever reads the stack file itself
 * shall get the same stack, down to the order of the hosts in a Gateway.
 */
function sorted(value: unknown): unknown {
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (Array.isArray(value)) {
        return value.map(sorted);
    }
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/** Paths of keys named __proto__, which the schema's library passes over in silence. */
function prototypeKeys(value: unknown, path: PropertyKey[]): PropertyKey[][] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    if (Array.isArray(value)) {
        return value.flatMap((item, index) => prototypeKeys(item, [...path, index]));
    }
    return Object.entries(value).flatMap(([name, item]) => [
        ...(name === "__proto__" ? [[...path, name]] : []),
        ...prototypeKeys(item, [...path, name]),
    ]);
}
