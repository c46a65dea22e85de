import { isMap, isSecret, type Props, sameValue, UNKNOWN, type Value } from "../values";
import { covers, type Path, parsePath, writePath } from "./paths";

export interface Difference {
    path: Path;
    kind: "add" | "remove" | "change";
}

/** What a provider thinks of new inputs against what there is. */
export interface Diff {
    /** The property paths that differ. */
    keys: string[];
    /** Those of them that cannot be changed in place. */
    replaces: string[];
    deleteBeforeReplace: boolean;
    /** A provider that compares for itself says so here; otherwise there is a change when there are keys. */
    changes?: boolean;
}

export const NO_DIFF: Diff = { keys: [], replaces: [], deleteBeforeReplace: false };

/** The leaves that differ. Secrets are compared by their value; what is not known yet differs from everything. */
export function differences(old: Value | undefined, wanted: Value | undefined, at: Path = []): Difference[] {
    const before = isSecret(old) ? old.value : old;
    const after = isSecret(wanted) ? wanted.value : wanted;
    if (before === undefined || after === undefined) {
        return before === after ? [] : [{ path: at, kind: before === undefined ? "add" : "remove" }];
    }
    if (isMap(before) && isMap(after)) {
        const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
        return [...keys].sort().flatMap((key) => differences(before[key], after[key], [...at, key]));
    }
    if (Array.isArray(before) && Array.isArray(after)) {
        const longest = Math.max(before.length, after.length);
        return Array.from({ length: longest }, (_, i) => differences(before[i], after[i], [...at, i])).flat();
    }
    return after === UNKNOWN || !sameValue(before, after) ? [{ path: at, kind: "change" }] : [];
}

/** True when a change at `changed` touches the property that `forced` names: it, something in it, or all around it. */
export function touches(forced: Path, changed: Path): boolean {
    return covers(forced, changed) || covers(changed, forced);
}

/** Splits differences into those that can be made in place and those under one of the paths that cannot. */
export function diffWith(found: Difference[], forcesReplacement: readonly string[]): Diff {
    const forced = forcesReplacement.map(parsePath);
    const replaces = found.filter((d) => forced.some((path) => touches(path, d.path)));
    return {
        keys: found.map((d) => writePath(d.path)),
        replaces: replaces.map((d) => writePath(d.path)),
        deleteBeforeReplace: false,
    };
}

/** `live` in the shape of `inputs`: what the API server added is nobody's change (pulumi-kubernetes pruneMap). */
export function pruneLike(live: Value, inputs: Value): Value {
    if (isMap(live) && isMap(inputs) && !isSecret(inputs)) {
        const kept: Props = {};
        for (const [key, value] of Object.entries(live)) {
            if (key in inputs) {
                kept[key] = pruneLike(value, inputs[key]);
            }
        }
        return kept;
    }
    if (Array.isArray(live) && Array.isArray(inputs)) {
        return live.slice(0, inputs.length).map((value, i) => pruneLike(value, inputs[i]));
    }
    return live;
}

/** What has to be done about a resource, by its old self and the difference. */
export function decide(old: boolean, unfinished: boolean, diff: Diff): "create" | "same" | "update" | "replace" {
    if (!old) {
        return "create";
    }
    if (diff.replaces.length > 0) {
        return "replace";
    }
    // An object that was made but did not become ready is awaited again, without a difference too.
    return (diff.changes ?? diff.keys.length > 0) || unfinished ? "update" : "same";
}

/** What `replaceOnChanges` adds: paths that are replaced for, though they could be changed in place. */
export function forced(diff: Diff, replaceOnChanges: readonly string[]): Diff {
    const paths = replaceOnChanges.map(parsePath);
    const more = diff.keys.filter((key) => paths.some((path) => path[0] === "*" || touches(path, parsePath(key))));
    return { ...diff, replaces: [...new Set([...diff.replaces, ...more])] };
}
