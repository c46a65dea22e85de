import type { z } from "zod";
import type { Environment, Level } from "./levels";
import { type Found, get, UNKNOWN } from "./values";

/** One resource that a stack declares, as much of it as rules go by. Values that are not known yet are UNKNOWN. */
export interface Declared {
    /** E.g. "kubernetes:apps/v1:Deployment". */
    type: string;
    /** What it is called among the stack's resources. */
    name: string;
    urn: string;
    props: Record<string, any>;
    opts: { protect: boolean };
}

/** What a rule has to say of a resource: what is wrong and what to do about it, or what cannot be judged yet. */
export type Finding = { is: "wrong"; message: string } | { is: "not judged"; why: string };

interface Common {
    name: string;
    /** One sentence: what holds. */
    description: string;
    /** How strict it is where the pack's config says nothing else. */
    level: Record<Environment, Level>;
    /** What it takes as config, each key with its default. */
    settings: z.ZodObject;
}

/** About each resource by itself: judged before the resource is touched. */
export interface ResourceRule extends Common {
    judge(resource: Declared, settings: any): Finding[];
}

/** About resources together: judged when all are known, which in an update is after they have been made. */
export interface StackRule extends Common {
    judgeStack(resources: readonly Declared[], settings: any): (Finding & { of: Declared })[];
}

export type Rule = ResourceRule | StackRule;

/** Lets a rule's settings have the types of their schema inside it. */
export function resourceRule<S extends z.ZodObject>(
    rule: Common & { settings: S; judge(resource: Declared, settings: z.output<S>): Finding[] },
): ResourceRule {
    return rule;
}

export function stackRule<S extends z.ZodObject>(
    rule: Common & {
        settings: S;
        judgeStack(resources: readonly Declared[], settings: z.output<S>): (Finding & { of: Declared })[];
    },
): StackRule {
    return rule;
}

export function wrong(message: string): Finding {
    return { is: "wrong", message };
}

export function notJudged(what: string): Finding {
    return { is: "not judged", why: `${what} is known only in the update` };
}

/** Judges each value that was found; `whatIsWrong` sees those that are known. */
export function judgeEach(found: Found[], whatIsWrong: (value: any, path: string) => string | undefined): Finding[] {
    const places = found.filter(({ path }, i) => found.findIndex((other) => other.path === path) === i);
    return places.flatMap(({ path, value }) => {
        if (value === UNKNOWN) {
            return [notJudged(path)];
        }
        const message = whatIsWrong(value, path);
        return message === undefined ? [] : [wrong(message)];
    });
}

/** Whether it is an object of Kubernetes of that kind, in any version of its group ("core", "apps", ...). */
export function isKind(resource: Declared, group: string, ...kinds: string[]): boolean {
    const [provider, groupVersion = "", kind = ""] = resource.type.split(":");
    return provider === "kubernetes" && groupVersion.split("/")[0] === group && kinds.includes(kind);
}

/** The version of its group, e.g. "v2". */
export function versionOf(resource: Declared): string {
    return resource.type.split(":")[1]?.split("/")[1] ?? "";
}

/** Custom kinds that are in no namespace, by group (openshift-service-mesh/sail-operator, api/v1). */
const CLUSTER_WIDE = ["sailoperator.io"];

/**
 * The namespace of a resource: undefined for one that is in none. Before a cluster serves a custom kind, the Kubernetes
 * provider takes it for one with namespaces and gives its objects the default one.
 */
export function namespaceOf({ type, props }: Declared): unknown {
    const group = type.split(":")[1]?.split("/")[0] ?? "";
    return CLUSTER_WIDE.includes(group) ? undefined : get(props, "metadata", "namespace");
}

/** A resource as people name it: "Subscription openshift-operators/kiali-ossm". Of a patch: what it is on. */
export function objectOf(resource: Declared): string {
    const { type, name, props } = resource;
    const patched = type.endsWith(":ObjectPatch");
    const namespace = patched ? props.namespace : namespaceOf(resource);
    const own = patched ? props.name : get(props, "metadata", "name");
    const kind = patched && typeof props.kind === "string" ? props.kind : type.split(":").at(-1);
    return typeof own === "string"
        ? `${kind} ${typeof namespace === "string" ? `${namespace}/` : ""}${own}`
        : `${kind} ${name}`;
}
