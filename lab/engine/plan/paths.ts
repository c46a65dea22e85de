import { isMap, type Props, type Value } from "../values";

/** A property path in parts; "*" stands for any key or index. */
export type Path = (string | number)[];

const PART = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.[\]"]+)/y;

/** Reads `spec.template.containers[0].image`, `metadata.annotations["a/b"]`, `spec.members[*]`. Errors: not a path. */
export function parsePath(text: string): Path {
    const path: Path = [];
    PART.lastIndex = 0;
    while (PART.lastIndex < text.length) {
        const at = PART.lastIndex;
        const match = PART.exec(text);
        if (!match) {
            throw new Error(`"${text}" is not a property path (at ${at})`);
        }
        const [, quoted, index, key] = match;
        if (quoted !== undefined) {
            path.push(JSON.parse(`"${quoted}"`));
        } else if (index !== undefined) {
            path.push(index === "*" ? "*" : Number(index));
        } else {
            path.push(key);
        }
    }
    return path;
}

/** The opposite of parsePath. */
export function writePath(path: Path): string {
    return path
        .map((part, i) => {
            if (typeof part === "number") {
                return `[${part}]`;
            }
            return /^[^.[\]"]+$/.test(part) ? `${i === 0 ? "" : "."}${part}` : `[${JSON.stringify(part)}]`;
        })
        .join("");
}

/** True when `outer` names `inner` or something around it. */
export function covers(outer: Path, inner: Path): boolean {
    return outer.length <= inner.length && outer.every((part, i) => part === "*" || part === inner[i]);
}

export function valueAt(root: Value | undefined, path: Path): Value | undefined {
    return path.reduce<Value | undefined>((value, part) => {
        if (Array.isArray(value)) {
            return typeof part === "number" ? value[part] : undefined;
        }
        return isMap(value) ? value[part] : undefined;
    }, root);
}

/** A copy of `root` with `value` at `path`; undefined takes the property away. Nothing is invented on the way there. */
export function withValueAt(root: Value, path: Path, value: Value | undefined): Value {
    const [part, ...rest] = path;
    if (part === undefined) {
        return value === undefined ? root : value;
    }
    if (Array.isArray(root) && typeof part === "number") {
        if (part >= root.length) {
            return root;
        }
        return root.map((v, i) => (i === part ? withValueAt(v, rest, value) : v));
    }
    if (!isMap(root)) {
        return root;
    }
    if (rest.length === 0) {
        const { [part]: _, ...others } = root;
        return value === undefined ? others : { ...root, [part]: value };
    }
    return part in root ? { ...root, [part]: withValueAt(root[part], rest, value) } : root;
}

/** The concrete paths that a path with wildcards names in a value. */
export function expand(root: Value | undefined, path: Path): Path[] {
    const at = path.indexOf("*");
    if (at < 0) {
        return [path];
    }
    const before = path.slice(0, at);
    const inside = valueAt(root, before);
    const keys: Path = Array.isArray(inside) ? [...inside.keys()] : isMap(inside) ? Object.keys(inside) : [];
    return keys.flatMap((key) => expand(root, [...before, key, ...path.slice(at + 1)]));
}

/**
 * The new inputs as `ignoreChanges` wants them: at each path the old value, or none where there was none.
 * Source: pulumi pkg/resource/deploy/step_generator.go, processIgnoreChanges.
 */
export function keepIgnored(old: Props, wanted: Props, ignoreChanges: readonly string[]): Props {
    let result: Value = wanted;
    for (const text of ignoreChanges) {
        const path = parsePath(text);
        for (const concrete of [...expand(old, path), ...expand(wanted, path)]) {
            result = withValueAt(result, concrete, valueAt(old, concrete));
        }
    }
    return result as Props;
}
