import type { KindRef } from "../kube";

/** In the order in which a role names them. */
export const VERBS = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "use",
    "bind",
    "escalate",
] as const;
export type Verb = (typeof VERBS)[number];

/**
 * A right that some part of this program needs of whoever runs it. Declared next to the code that needs it; rights/ makes
 * roles of all that a stack needs.
 */
export interface Need {
    /** "" is the core group. */
    group: string;
    /** As a role names it: the plural, with a subresource if there is one. */
    resource: string;
    verbs: readonly Verb[];
    /** Absent: in the whole cluster. */
    namespace?: string;
    /** Absent: of whatever name. Of a list or a watch it says that they ask for that name alone. */
    name?: string;
    /** What it is needed for, in a few words. */
    why: string;
    /** What is done without it, where somebody has rights in some namespaces alone. */
    optional?: true;
}

interface Where {
    namespace?: string;
    name?: string;
}

/** The need for a kind of object. */
export function need({ apiVersion, kind }: KindRef, verbs: readonly Verb[], why: string, where: Where = {}): Need {
    const { namespace, name } = where;
    return {
        group: groupOf(apiVersion),
        resource: resourceOf(kind),
        verbs,
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined ? {} : { name }),
        why,
    };
}

export function groupOf(apiVersion: string): string {
    return apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
}

/** The plural under which the API serves a kind; all those that are used here follow the rules of English. */
export function resourceOf(kind: string): string {
    const word = kind.toLowerCase();
    if (/[^aeiou]y$/.test(word)) {
        return `${word.slice(0, -1)}ies`;
    }
    return /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}
