import type { ClusterFacts } from "../cluster/facts";
import type { Need } from "../cluster/need";
import { markOf, type Rendering, render } from "../render/render";
import { type MadeObject, madeObjects } from "./made";
import { type NeedsByTask, needsOf } from "./needs";
import { type Rule, rulesFor } from "./role";

/** A ClusterRole, or a Role of one namespace. */
export interface Role {
    /** Whose it is: "deployer". */
    of: RoleOf;
    name: string;
    /** Absent: a ClusterRole. */
    namespace?: string;
    description: string;
    rules: Rule[];
}

export interface StackRoles {
    /** Namespaces that are to be made before anything else. */
    namespaces: { name: string; labels: Record<string, string> }[];
    roles: Role[];
}

export interface RolesOptions {
    /** The stack's file. Default: Pulumi.<stack>.yaml. */
    file?: string;
    /** Files of the stack as it was, or will be: what these need is given as well. */
    also?: string[];
    /** All namespaces are made beforehand, so that rights within them hold within them alone. */
    given?: boolean;
}

/** Who works with an environment, and what that means, by the name of their roles. */
export const ROLES = {
    previewer: "May run `pulumi preview`, also with --refresh unless the stack makes Secrets. Reads; changes nothing.",
    "previewer-secrets":
        "May read the Secrets that the stack makes, by name: `pulumi preview --refresh` does, beside previewer.",
    deployer: "May run `pulumi up`, `pulumi refresh` and `pulumi destroy`.",
    verifier: "May run `npm run verify`, without --probe-pod. Reads; changes nothing.",
} as const;

export type RoleOf = keyof typeof ROLES;

const TASKS: Record<RoleOf, keyof NeedsByTask> = {
    previewer: "preview",
    "previewer-secrets": "secrets",
    deployer: "deploy",
    verifier: "verify",
};

/**
 * The roles of an environment, from its stack file alone. Rights within a namespace are in a Role of it where the namespace
 * is there before the stack; within one that the stack makes there is no Role yet to be bound to, so they are in the
 * ClusterRole. Always the same for the same files. Errors: those of the config and of what follows from it.
 */
export async function rolesOf(
    stack: string,
    { file, also = [], given = false }: RolesOptions = {},
): Promise<StackRoles> {
    const files = [file ?? `Pulumi.${stack}.yaml`, ...also];
    const renderings: Rendering[] = [];
    const namespaces = new Map<string, Record<string, string>>();
    for (const one of files) {
        const rendering = await render(stack, undefined, one);
        const made = given ? ownNamespaces(rendering) : new Map<string, Record<string, string>>();
        made.forEach((labels, name) => namespaces.set(name, labels));
        renderings.push(
            made.size === 0 ? rendering : await render(stack, undefined, one, withNamespaces([...made.keys()])),
        );
    }
    const needs = renderings.map((rendering) => known(needsOf(rendering, markOf(stack)), rendering));
    const there = new Set(
        renderings.flatMap(({ facts }) =>
            Object.keys(facts.namespaces).filter((name) => facts.namespaces[name].exists),
        ),
    );
    return {
        namespaces: [...namespaces].map(([name, labels]) => ({ name, labels })).sort(byName),
        roles: (Object.keys(ROLES) as RoleOf[]).flatMap((of) =>
            rolesFor(
                of,
                stack,
                needs.flatMap((one) => one[TASKS[of]]),
                there,
            ),
        ),
    };
}

function byName(a: { name: string }, b: { name: string }): number {
    return a.name < b.name ? -1 : 1;
}

function rolesFor(of: RoleOf, stack: string, needs: Need[], there: ReadonlySet<string>): Role[] {
    const within = ({ namespace }: Need): string => (namespace !== undefined && there.has(namespace) ? namespace : "");
    const everywhere = needs.filter((need) => within(need) === "");
    const namespaces = [...new Set(needs.map(within))].filter((name) => name !== "").sort();
    const base = { of, name: `mesh-${of}-${stack}`, description: ROLES[of] };
    return [
        { ...base, rules: rulesFor(everywhere) },
        ...namespaces.map((namespace) => ({
            ...base,
            namespace,
            rules: rulesFor(
                needs.filter((need) => within(need) === namespace),
                everywhere,
            ),
        })),
    ].filter(({ rules }) => rules.length > 0);
}

/** The namespaces that a stack makes under a name that is known, and what operators want on theirs. */
function ownNamespaces({ resources }: Rendering): Map<string, Record<string, string>> {
    const ofOperators = resources.filter((r) => r.parent?.includes("mesh:index:Operator::"));
    const labels = (o: MadeObject): Record<string, string> =>
        ofOperators.some((r) => r.inputs === o)
            ? ((o.metadata as { labels?: Record<string, string> }).labels ?? {})
            : {};
    return new Map(
        madeObjects(resources)
            .filter(({ kind, metadata }) => kind === "Namespace" && isKnown(metadata.name))
            .map((o) => [o.metadata.name, labels(o)]),
    );
}

function withNamespaces(names: string[]): (assumed: ClusterFacts) => ClusterFacts {
    const there = { exists: true, terminating: false, labels: {}, annotations: {} };
    return (assumed) => ({
        ...assumed,
        namespaces: { ...Object.fromEntries(names.map((name) => [name, there])), ...assumed.namespaces },
    });
}

/** What a rendering puts in place of a random suffix (render/render.ts). */
const SUFFIX = "-x7k2";
/** Names that change with what is in the object: ConfigMaps of properties, builds (specs/). */
const DIGEST = /-[0-9a-f]{8}$/;

function isKnown(name: string): boolean {
    return !name.includes(SUFFIX) && !DIGEST.test(name);
}

/** Without the names that only an update makes up, and those that the next change makes anew. */
function known(needs: NeedsByTask, { config }: Rendering): NeedsByTask {
    const certain = (name: string): boolean => !DIGEST.test(name) && !(config.uniqueNames && name.includes(SUFFIX));
    const open = ({ name, ...rest }: Need): Need => ({
        ...rest,
        ...(name !== undefined && certain(name) ? { name } : {}),
    });
    return Object.fromEntries(
        Object.entries(needs).map(([task, all]) => [task, all.map(open)]),
    ) as unknown as NeedsByTask;
}
