import { type FieldChange, fieldChanges } from "./fields";
import type { Declared, Picture } from "./picture";
import { replacedFor } from "./replacement";

export type Operation = "created" | "changed" | "replaced" | "deleted";

/** What becomes of one resource. */
export interface Change {
    operation: Operation;
    before?: Declared;
    after?: Declared;
    /** The resource as it will be, or as it was when it goes. */
    is: Declared;
    /** What differs; nothing for one that comes or goes. */
    fields: FieldChange[];
    /** The fields for which it is made anew. */
    because: string[];
}

/** Said of the rest of an object, so that alone it says nothing new. */
const DERIVED = 'metadata.annotations["openshift-mesh/digest"]';

const OTHER_NAME = "its name in the program, if that names the old one as no alias";

/**
 * What becomes of each resource from one picture to the next, in the order of kinds and names.
 * @param known for pictures from an engine's preview, which knows best: what it makes anew, and the fields for which
 */
export function changesBetween(before: Picture, after: Picture, known?: Map<string, string[]>): Change[] {
    const will = new Map(after.declared.map((d) => [d.id, d]));
    const pairs: [Declared | undefined, Declared | undefined][] = [];
    for (const one of before.declared) {
        pairs.push([one, will.get(one.id)]);
        will.delete(one.id);
    }
    for (const other of will.values()) {
        const moved = known ? -1 : pairs.findIndex(([one, pair]) => one && !pair && sameObject(one, other));
        if (moved >= 0) {
            pairs[moved][1] = other;
        } else {
            pairs.push([undefined, other]);
        }
    }
    return pairs
        .flatMap(([one, other]) => changeOf(one, other, known) ?? [])
        .sort((a, b) => (a.is.title < b.is.title ? -1 : a.is.title > b.is.title ? 1 : 0));
}

/** Whether two resources of a program are one object of the cluster. */
function sameObject(one: Declared, other: Declared): boolean {
    const [a, b] = [one, other].map(({ apiVersion }) => apiVersion.split("/"));
    const sameGroup = a.length === b.length && (a.length === 1 || a[0] === b[0]);
    return sameGroup && one.apiVersion !== "" && one.title === other.title && one.patch === other.patch;
}

function changeOf(before?: Declared, after?: Declared, known?: Map<string, string[]>): Change | undefined {
    if (before === undefined || after === undefined) {
        const is = (after ?? before) as Declared;
        return { operation: before ? "deleted" : "created", before, after, is, fields: [], because: [] };
    }
    const protection = fieldChanges({ protect: before.protect }, { protect: after.protect });
    const all = [...protection, ...fieldChanges(before.body, after.body)];
    const telling = all.filter(({ path }) => path !== DERIVED);
    const fields = telling.length > 0 ? telling : all;
    const because = known ? known.get(after.id) : reasons(before, after, fields);
    if (because === undefined && fields.length === 0) {
        return undefined;
    }
    const operation = because === undefined ? "changed" : "replaced";
    return { operation, before, after, is: after, fields, because: because ?? [] };
}

/** Why an engine would make the object anew; undefined when it would not. */
function reasons(before: Declared, after: Declared, fields: FieldChange[]): string[] | undefined {
    const paths = fields.map(({ path }) => path);
    const why = [...(before.id === after.id ? [] : [OTHER_NAME]), ...replacedFor(before, paths)];
    return why.length === 0 ? undefined : why;
}
