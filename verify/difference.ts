/**
 * Where what was found is not what was wanted: the first such place, and what is there; undefined when all that was wanted
 * is found. What is found besides is not asked about, since API servers and operators fill in defaults; only where nothing
 * is wanted by an empty object, nothing may be there.
 */
export function difference(wanted: unknown, found: unknown, path: string): string | undefined {
    if (wanted === undefined) {
        return undefined;
    }
    if (Array.isArray(wanted)) {
        if (!Array.isArray(found) || found.length !== wanted.length) {
            return `${path}: ${inWords(found)}`;
        }
        return first(wanted.map((value, i) => difference(value, found[i], `${path}[${i}]`)));
    }
    if (typeof wanted !== "object" || wanted === null) {
        return found === wanted ? undefined : `${path}: ${inWords(found)}`;
    }
    const there = (found ?? {}) as Record<string, unknown>;
    const entries = Object.entries(wanted).filter(([, value]) => value !== undefined);
    if (typeof there !== "object" || (entries.length === 0 && Object.keys(there).length > 0)) {
        return `${path}: ${inWords(found)}`;
    }
    return first(entries.map(([key, value]) => difference(value, there[key], `${path}.${key}`)));
}

function first(differences: (string | undefined)[]): string | undefined {
    return differences.find((d) => d !== undefined);
}

const SHOWN = 80;

function inWords(found: unknown): string {
    if (found === undefined || found === null) {
        return "nothing";
    }
    const text = typeof found === "string" ? found : JSON.stringify(found);
    return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
