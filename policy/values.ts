/** A value that a preview does not know yet: something that is still to be made decides it. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** A value, and where it stands: "spec.servers[0].hosts[1]". */
export interface Found {
    path: string;
    value: unknown;
}

/** Stands for every item of a list. */
export const EACH: unique symbol = Symbol("each");

export type Step = string | typeof EACH;

/**
 * All values at a path, those that are not there left out. Where something on the way is unknown, that stands for all
 * that may be below it.
 */
export function find(root: unknown, ...steps: Step[]): Found[] {
    return walk({ path: "", value: root }, steps);
}

/** The one value at a path: undefined when it is not there, UNKNOWN when that or something on the way is unknown. */
export function get(root: unknown, ...steps: string[]): unknown {
    return find(root, ...steps)[0]?.value;
}

function walk(at: Found, [step, ...rest]: Step[]): Found[] {
    if (at.value === undefined || at.value === null) {
        return [];
    }
    if (step === undefined || at.value === UNKNOWN) {
        return [at];
    }
    if (step === EACH) {
        return Array.isArray(at.value)
            ? at.value.flatMap((value, i) => walk({ path: `${at.path}[${i}]`, value }, rest))
            : [];
    }
    if (typeof at.value !== "object" || !Object.hasOwn(at.value, step)) {
        return [];
    }
    return walk({ path: below(at.path, step), value: (at.value as Record<string, unknown>)[step] }, rest);
}

function below(path: string, step: string): string {
    const plain = /^[\w-]+$/.test(step);
    return plain ? `${path}${path === "" ? "" : "."}${step}` : `${path}[${JSON.stringify(step)}]`;
}

/** Whether anything in a value is unknown. */
export function holdsUnknown(value: unknown): boolean {
    return (
        value === UNKNOWN ||
        (typeof value === "object" && value !== null && Object.values(value).some((inner) => holdsUnknown(inner)))
    );
}

/** Yes, no, or not to be told yet. */
export type Maybe = boolean | typeof UNKNOWN;

/** Whether a workload with these labels is among those that a selector names. No selector names all. */
export function selects(selector: unknown, labels: unknown): Maybe {
    if (selector === undefined || selector === null) {
        return true;
    }
    if (selector === UNKNOWN) {
        return UNKNOWN;
    }
    return every(
        Object.entries(selector).map(([key, value]) =>
            labels === UNKNOWN ? UNKNOWN : same(value, get(labels, key) ?? null),
        ),
    );
}

export function same(one: unknown, other: unknown): Maybe {
    return one === UNKNOWN || other === UNKNOWN ? UNKNOWN : one === other;
}

export function every(parts: Maybe[]): Maybe {
    return parts.includes(false) ? false : parts.includes(UNKNOWN) ? UNKNOWN : true;
}

export function some(parts: Maybe[]): Maybe {
    return parts.includes(true) ? true : parts.includes(UNKNOWN) ? UNKNOWN : false;
}
