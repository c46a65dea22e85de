import { z } from "zod";
import type { KubeObject } from "../../../../kube";
import { type Pattern, parsePattern } from "../match";
import { DENIED, type Refusals } from "../refuse";
import { policyScope, type Scope } from "../scope";
import { labels, text } from "./common";

/** Who may ask what of the workloads it selects, or who may not. */
export interface AuthorizationPolicy {
    object: KubeObject;
    namespace: string;
    name: string;
    scope: Scope;
    action: "ALLOW" | "DENY";
    /** A request matches the policy when it matches one of them; no rule matches nothing. */
    rules: Rule[];
}

const AT_ENDS = 'may have a "*" only at its beginning or its end';

const patterns = z
    .array(
        text.transform((value, context): Pattern => {
            const pattern = parsePattern(value);
            if (pattern === undefined) {
                context.issues.push({ code: "custom", message: AT_ENDS, input: value });
                return z.NEVER;
            }
            return pattern;
        }),
    )
    .default([]);

const ports = z
    .array(
        z
            .string()
            .regex(/^\d{1,5}$/, "is no port number")
            .transform(Number),
    )
    .default([]);

/** Istio's own webhook refuses an empty source or operation: it looks like a limit and is none. */
function notEmpty(value: Record<string, unknown[]>): boolean {
    return Object.values(value).some((list) => list.length > 0);
}

const source = z
    .strictObject({
        namespaces: patterns,
        notNamespaces: patterns,
        principals: patterns,
        notPrincipals: patterns,
    })
    .refine(notEmpty, "must not be empty");

const operation = z
    .strictObject({
        hosts: patterns,
        notHosts: patterns,
        ports,
        notPorts: ports,
        methods: patterns,
        notMethods: patterns,
        paths: patterns,
        notPaths: patterns,
    })
    .refine(notEmpty, "must not be empty");

/** Within a rule: one of the sources (any when there is none), and one of the operations likewise. */
const rule = z.strictObject({
    from: z.array(z.strictObject({ source })).default([]),
    to: z.array(z.strictObject({ operation })).default([]),
    when: z.array(z.unknown()).max(0, "conditions are not modelled here").default([]),
});

const policySpec = z.strictObject({
    selector: z.strictObject({ matchLabels: labels.default({}) }).optional(),
    action: z
        .string()
        .refine((action) => action === "ALLOW" || action === "DENY", "only ALLOW and DENY are modelled here")
        .transform((action) => action as "ALLOW" | "DENY")
        .default("ALLOW"),
    rules: z.array(rule).default([]),
});

export type Rule = z.infer<typeof rule>;
export type Source = z.infer<typeof source>;
export type Operation = z.infer<typeof operation>;

/** One that cannot be read denies all to whom it selects; but AUDIT never stops anything, so it is left out. */
export function readAuthorizationPolicy(
    object: KubeObject,
    root: string,
    refusals: Refusals,
): AuthorizationPolicy | undefined {
    const { name, namespace = "" } = object.metadata;
    const effect = stops(object) ? DENIED : "left out";
    const spec = refusals.read(policySpec, object, object.spec ?? {}, "spec", effect);
    if (spec === undefined) {
        return undefined;
    }
    const { action, rules, selector } = spec;
    return { object, namespace, name, scope: policyScope(namespace, selector?.matchLabels, root), action, rules };
}

/** Whether an object may keep a request from passing, readable or not. */
export function stops({ kind, spec }: KubeObject): boolean {
    return kind !== "AuthorizationPolicy" || spec?.action !== "AUDIT";
}
