import { isDeepStrictEqual } from "node:util";

/**
 * Property values as they travel between an SDK, an engine and a provider: JSON, with a few marks.
 * Source of the marks: pulumi sdk/nodejs/runtime/rpc.ts.
 */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Props = { [key: string]: Value };

export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

export function isMap(value: unknown): value is Props {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: unknown): value is { value: Value } & Props {
    return isMap(value) && value[SIGNATURE] === SECRET;
}

export function secret(value: Value): Value {
    return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** Takes every mark off: secrets become their value, references to resources their id (or URN), outputs their value. */
export function plain<T extends Value = Value>(value: Value): T {
    return walk(value) as T;

    function walk(v: Value): Value {
        if (Array.isArray(v)) {
            return v.map(walk);
        }
        if (!isMap(v)) {
            return v;
        }
        switch (v[SIGNATURE]) {
            case undefined:
                return Object.fromEntries(Object.entries(v).map(([k, inner]) => [k, walk(inner)]));
            case SECRET:
                return walk(v.value ?? null);
            case RESOURCE:
                return v.id === "" ? UNKNOWN : (v.id ?? v.urn);
            case OUTPUT:
                return v.value === undefined ? UNKNOWN : walk(v.value);
            default:
                throw new Error(`the stand-in engine does not take assets or archives (signature ${v[SIGNATURE]})`);
        }
    }
}

export function hasUnknown(value: Value | undefined): boolean {
    return some(value, (v) => v === UNKNOWN);
}

export function hasSecret(value: Value | undefined): boolean {
    return some(value, isSecret);
}

function some(value: Value | undefined, test: (v: Value) => boolean): boolean {
    if (value === undefined) {
        return false;
    }
    if (test(value)) {
        return true;
    }
    if (Array.isArray(value)) {
        return value.some((v) => some(v, test));
    }
    return isMap(value) && Object.values(value).some((v) => some(v, test));
}

/** What is secret in `like` is secret in the result: a provider that was given a secret hands it back as one. */
export function markLike(values: Props, like: Value | undefined): Props {
    return mark(values, like) as Props;

    function mark(value: Value, model: Value | undefined): Value {
        if (model === undefined || !hasSecret(model)) {
            return value;
        }
        if (isSecret(model)) {
            return secret(value);
        }
        if (Array.isArray(value) && Array.isArray(model)) {
            return value.map((v, i) => mark(v, model[i]));
        }
        if (isMap(value) && isMap(model) && !isSecret(value)) {
            return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, mark(v, model[k])]));
        }
        return value;
    }
}

/** Top-level properties that are secret whatever they hold (`additionalSecretOutputs`). */
export function markKeys(values: Props, keys: readonly string[]): Props {
    return Object.fromEntries(Object.entries(values).map(([k, v]) => [k, keys.includes(k) ? secret(v) : v]));
}

/** For showing: secrets as "[secret]", what is not known yet as "[unknown]". */
export function shown(value: Value): unknown {
    if (isSecret(value)) {
        return "[secret]";
    }
    if (Array.isArray(value)) {
        return value.map(shown);
    }
    if (isMap(value)) {
        return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, shown(v)]));
    }
    return value === UNKNOWN ? "[unknown]" : value;
}

export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
    return isDeepStrictEqual(a, b);
}
