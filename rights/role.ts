import { type Need, type Verb, VERBS } from "../cluster/need";

/** A rule as a Role has it (kubernetes, rbac/v1), of one group. */
export interface Rule {
    apiGroups: string[];
    resources: string[];
    resourceNames?: string[];
    verbs: Verb[];
    /** What for, each once. */
    why: string[];
}

/** Verbs that the API server never asks about together with a name (kubernetes.io, RBAC, referring to resources). */
const NAMELESS: readonly Verb[] = ["create"];

/** What a right is on: a resource, and of which name; "" is any. */
interface Right {
    group: string;
    resource: string;
    name: string;
    verbs: Map<Verb, Set<string>>;
}

/**
 * The fewest rules that give just these rights: what is given for any name is not given again by name, resources with the
 * same verbs and names share a rule. The same needs always come to the same rules. Pure.
 * @param given needs that another role of the same account answers, in the whole cluster
 */
export function rulesFor(needs: readonly Need[], given: readonly Need[] = []): Rule[] {
    const [wanted, had] = [rightsOf(needs), rightsOf(given)];
    for (const right of wanted.values()) {
        const wider = [had.get(keyOf(right)), had.get(keyOf({ ...right, name: "" }))];
        const general = right.name === "" ? undefined : wanted.get(keyOf({ ...right, name: "" }));
        for (const verb of [...right.verbs.keys()]) {
            if ([...wider, general].some((other) => other?.verbs.has(verb))) {
                right.verbs.delete(verb);
            }
        }
    }
    return merged([...wanted.values()].filter(({ verbs }) => verbs.size > 0));
}

function rightsOf(needs: readonly Need[]): Map<string, Right> {
    const rights = new Map<string, Right>();
    for (const { group, resource, name, verbs, why } of needs) {
        for (const verb of verbs) {
            const at = { group, resource, name: NAMELESS.includes(verb) ? "" : (name ?? "") };
            const right = rights.get(keyOf(at)) ?? { ...at, verbs: new Map() };
            rights.set(keyOf(at), right);
            right.verbs.set(verb, (right.verbs.get(verb) ?? new Set()).add(why));
        }
    }
    return rights;
}

function keyOf({ group, resource, name }: Pick<Right, "group" | "resource" | "name">): string {
    return [group, resource, name].join("\n");
}

/** Names of one resource with the same verbs first, then resources with the same verbs and names. */
function merged(rights: Right[]): Rule[] {
    const named = grouped(rights, (r) => [r.group, r.resource, verbsOf(r).join(), String(r.name === "")].join("\n"));
    const rules = named.map((same): Rule => {
        const names = same.map((r) => r.name).filter((name) => name !== "");
        return {
            apiGroups: [same[0].group],
            resources: [same[0].resource],
            ...(names.length === 0 ? {} : { resourceNames: names.sort() }),
            verbs: verbsOf(same[0]),
            why: distinct(same.flatMap((r) => [...r.verbs.values()].flatMap((why) => [...why]))),
        };
    });
    const alike = grouped(rules, (r) => JSON.stringify([r.apiGroups, r.resourceNames, r.verbs]));
    return alike
        .map((same): Rule => ({
            ...same[0],
            resources: distinct(same.flatMap((r) => r.resources)),
            why: distinct(same.flatMap((r) => r.why)),
        }))
        .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

function placeOf({ apiGroups, resources, resourceNames = [], verbs }: Rule): string {
    return [apiGroups[0], resources[0], resourceNames[0] ?? "", verbs.join()].join("\n");
}

function verbsOf(right: Right): Verb[] {
    return VERBS.filter((verb) => right.verbs.has(verb));
}

function grouped<T>(all: T[], key: (one: T) => string): T[][] {
    const groups = new Map<string, T[]>();
    for (const one of all) {
        groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
    }
    return [...groups.values()];
}

function distinct(words: string[]): string[] {
    return [...new Set(words)].sort();
}
