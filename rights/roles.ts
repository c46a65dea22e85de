import type { ClusterFacts } from "../cluster/facts";
import type { Need, Verb } from "../cluster/need";
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

/** What operators want on their namespaces. */
interface Marks {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
}

export interface StackRoles {
    /** Namespaces that are to be made before anything else. */
    namespaces: ({ name: string } & Marks)[];
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
    const namespaces = new Map<string, Marks>();
    for (const one of files) {
        const rendering = await render(stack, undefined, one);
        const made = given ? ownNamespaces(rendering) : new Map<string, Marks>();
        made.forEach((marks, name) => namespaces.set(name, marks));
        renderings.push(
            made.size === 0 ? rendering : await render(stack, undefined, one, withNamespaces([...made.keys()])),
        );
    }
    const needs = renderings.map((rendering) => known(placed(needsOf(rendering, markOf(stack)), rendering), rendering));
    return {
        namespaces: [...namespaces].map(([name, marks]) => ({ name, ...marks })).sort(byName),
        roles: (Object.keys(ROLES) as RoleOf[]).flatMap((of) =>
            rolesFor(
                of,
                stack,
                needs.flatMap((one) => one[TASKS[of]]),
            ),
        ),
    };
}

function byName(a: { name: string }, b: { name: string }): number {
    return a.name < b.name ? -1 : 1;
}

function rolesFor(of: RoleOf, stack: string, needs: Placed[]): Role[] {
    const within = ({ namespace = "" }: Need): string => namespace;
    const everywhere = needs.filter((need) => within(need) === "");
    const namespaces = [...new Set(needs.map(within))].filter((name) => name !== "").sort();
    const base = { of, name: `mesh-${of}-${stack}`, description: ROLES[of] };
    const wide = rulesFor(everywhere);
    return [
        { ...base, description: [base.description, ...widthOf(everywhere, wide)].join(" "), rules: wide },
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

/** In how far a ClusterRole gives more than is needed, in words. */
function widthOf(needs: Placed[], rules: Rule[]): string[] {
    const meant = [...new Set(needs.flatMap((need) => need.meant ?? []))].filter(isKnown).sort();
    const secrets = rules.some((r) => r.resources.includes("secrets") && r.verbs.includes("list") && !r.resourceNames);
    return [
        ...(meant.length === 0
            ? []
            : [
                  `What it needs within ${meant.join(", ")}, which the stack makes, it has in every namespace: no Role can be ` +
                      "there before they are. --given-namespaces makes them first, and Roles in them.",
              ]),
        ...(secrets
            ? ["That includes reading Secrets, since the stack makes Secrets, or a Role for reading them."]
            : []),
    ];
}

/** A need that is answered in the whole cluster, for the sake of a namespace. */
type Placed = Need & { meant?: string };

type Change = (need: Need) => Placed[];

function each(needs: NeedsByTask, change: Change): NeedsByTask {
    const changed = Object.entries(needs).map(([task, all]: [string, Need[]]) => [task, all.flatMap(change)]);
    return Object.fromEntries(changed) as NeedsByTask;
}

/**
 * Each need where a role can answer it. A stack in another one's mesh has rights in namespaces alone: they cover a Namespace
 * itself, by its name, and it goes without what it can go without.
 */
function placed(needs: NeedsByTask, { config, facts }: Rendering): NeedsByTask {
    if (config.platform === undefined) {
        const isThere = (name: string): boolean => facts.namespaces[name]?.exists === true;
        const wide = ({ namespace, ...rest }: Need): Placed => ({
            ...rest,
            ...(namespace === undefined ? {} : isThere(namespace) ? { namespace } : { meant: namespace }),
        });
        return each(needs, (need) => [wide(need)]);
    }
    const ofNamespace = ({ group, resource, namespace }: Need): boolean =>
        group === "" && resource === "namespaces" && namespace === undefined;
    const reads: Verb[] = ["list", "watch"];
    return each(needs, (need) => {
        if (ofNamespace(need) && need.name !== undefined) {
            // Who may not watch it by its name gets it again and again (kube/client.ts).
            const verbs = need.verbs.map((verb) => (reads.includes(verb) ? "get" : verb));
            return [{ ...need, verbs: [...new Set(verbs)], namespace: need.name }];
        }
        return need.optional && need.namespace === undefined ? [] : [need];
    });
}

/** The namespaces that a stack makes under a name that is known, and what operators want on theirs. */
function ownNamespaces({ resources }: Rendering): Map<string, Marks> {
    const ofOperators = resources.filter((r) => r.parent?.includes("mesh:index:Operator::")).map((r) => r.inputs);
    const marks = (object: MadeObject): Marks => {
        const { labels, annotations = {} } = object.metadata as Marks;
        // But for the stack's own.
        const others = Object.entries(annotations).filter(([key]) => !key.startsWith("openshift-mesh/"));
        return ofOperators.includes(object) ? { labels, annotations: Object.fromEntries(others) } : {};
    };
    return new Map(
        madeObjects(resources)
            .filter(({ kind, metadata }) => kind === "Namespace" && isKnown(metadata.name))
            .map((object) => [object.metadata.name, marks(object)]),
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
    return each(needs, ({ name, ...rest }) => [{ ...rest, ...(name !== undefined && certain(name) ? { name } : {}) }]);
}
