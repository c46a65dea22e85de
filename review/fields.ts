import { isDeepStrictEqual } from "node:util";

export interface FieldChange {
    /** Where it is, e.g. "spec.template.spec.containers[cart].image". */
    path: string;
    /** Absent when the field is new. */
    before?: unknown;
    /** Absent when the field is gone. */
    after?: unknown;
}

/**
 * What differs between two values, field by field. Entries of a list that have names are told apart by them, so that one
 * that is added or moved changes nothing about the others; a list of plain values is one field.
 */
export function fieldChanges(before: unknown, after: unknown, path = ""): FieldChange[] {
    if (isDeepStrictEqual(before, after)) {
        return [];
    }
    const [one, other] = [entriesOf(before), entriesOf(after)];
    if (one === undefined || other === undefined || (Array.isArray(before) && !alike(one, other))) {
        return [
            {
                path,
                ...(before === undefined ? {} : { before }),
                ...(after === undefined ? {} : { after }),
            },
        ];
    }
    const keys = [...new Set([...one.keys(), ...other.keys()])].sort();
    return keys.flatMap((key) => fieldChanges(one.get(key), other.get(key), step(path, key, Array.isArray(before))));
}

/** The parts of a mapping or of a list of mappings; undefined for anything else, and for what is empty. */
function entriesOf(value: unknown): Map<string, unknown> | undefined {
    if (Array.isArray(value)) {
        const names = value.map(nameOf);
        const named = names.every((name) => name !== undefined) && new Set(names).size === names.length;
        const mappings = value.every(isMapping);
        return mappings && value.length > 0
            ? new Map(value.map((item, i) => [named ? (names[i] as string) : String(i), item]))
            : undefined;
    }
    return isMapping(value) ? new Map(Object.entries(value)) : undefined;
}

/** Lists are compared entry by entry when both go by names, or have the same length. */
function alike(one: Map<string, unknown>, other: Map<string, unknown>): boolean {
    const numbered = [one, other].map((entries) => entries.has("0"));
    return (!numbered[0] && !numbered[1]) || (numbered[0] && numbered[1] && one.size === other.size);
}

/** What tells an entry of a list from the others: containers and such have a name, a Gateway's servers that of a port. */
function nameOf(item: unknown): string | undefined {
    if (!isMapping(item)) {
        return undefined;
    }
    const name = item.name ?? (isMapping(item.port) ? item.port.name : undefined);
    return typeof name === "string" ? name : undefined;
}

function isMapping(value: unknown): value is Record<string, unknown> {
    return value !== null && typeof value === "object" && !Array.isArray(value);
}

function step(path: string, key: string, inList: boolean): string {
    if (inList) {
        return `${path}[${key}]`;
    }
    const plain = /^[\w-]+$/.test(key);
    return plain ? (path === "" ? key : `${path}.${key}`) : `${path}["${key}"]`;
}
