import type { AuthorizationPolicy, Operation, Rule, Source } from "./kinds/authorization-policy";
import { headerMatcher, namespaceMatcher, type Pattern, principalMatcher, stringMatcher } from "./match";
import type { Mesh } from "./mesh";
import { inScope } from "./scope";
import type { Workload } from "./view";

const RBAC = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC";

/** Names of the two filters of every listener, in the order in which they are asked. */
export const ACCESS_FILTERS = ["rbac-deny", "rbac-allow"] as const;

type Policies = Record<string, { permissions: object[]; principals: object[] }>;

/**
 * Who may ask what of a workload. A request that a DENY policy matches is refused; where there are ALLOW policies, one
 * of them must match it (istio.io, "Authorization Policy"). What could not be read denies everything.
 */
export function accessFilters(mesh: Mesh, workload: Workload): Record<(typeof ACCESS_FILTERS)[number], object> {
    const selected = mesh.policies.filter(({ scope }) => inScope(scope, workload, mesh.services));
    const deny = selected.filter(({ action }) => action === "DENY");
    const allow = selected.filter(({ action }) => action === "ALLOW");
    const unread = mesh.blocks
        .filter(({ scope }) => inScope(scope, workload, mesh.services))
        .map(({ object: { kind, metadata } }) => [
            `${kind} ${metadata.namespace}/${metadata.name} not read`,
            EVERYTHING,
        ]);
    const denied: Policies = { ...policiesOf(deny), ...Object.fromEntries(unread) };
    return {
        "rbac-deny": filter(Object.keys(denied).length === 0 ? undefined : { action: "DENY", policies: denied }),
        // A policy without rules matches nothing, and then nothing is allowed.
        "rbac-allow": filter(allow.length === 0 ? undefined : { action: "ALLOW", policies: policiesOf(allow) }),
    };
}

const EVERYTHING = { permissions: [{ any: true }], principals: [{ any: true }] };

function filter(rules: object | undefined): object {
    return { "@type": RBAC, ...(rules === undefined ? {} : { rules }) };
}

/** One policy of Envoy's a rule, named as Istio names them. */
function policiesOf(policies: AuthorizationPolicy[]): Policies {
    return Object.fromEntries(
        policies.flatMap(({ namespace, name, rules }) =>
            rules.map((rule, index) => [`ns[${namespace}]-policy[${name}]-rule[${index}]`, policyOf(rule)]),
        ),
    );
}

function policyOf({ from, to }: Rule): Policies[string] {
    return {
        principals: from.length === 0 ? [{ any: true }] : from.map((each) => principalOf(each.source)),
        permissions: to.length === 0 ? [{ any: true }] : to.map((each) => permissionOf(each.operation)),
    };
}

/** Limits to one of the values, and to none of the others. */
interface Limit<T> {
    among: T[];
    not: T[];
    one(value: T): object;
}

function principalOf(source: Source): object {
    const byName = (matcher: (pattern: Pattern) => object) => (pattern: Pattern) => ({
        authenticated: { principal_name: matcher(pattern) },
    });
    const limits: Limit<Pattern>[] = [
        { among: source.namespaces, not: source.notNamespaces, one: byName(namespaceMatcher) },
        { among: source.principals, not: source.notPrincipals, one: byName(principalMatcher) },
    ];
    const ids = limits.flatMap((limit) => [
        ...(limit.among.length === 0 ? [] : [{ or_ids: { ids: limit.among.map(limit.one) } }]),
        ...(limit.not.length === 0 ? [] : [{ not_id: { or_ids: { ids: limit.not.map(limit.one) } } }]),
    ]);
    return { and_ids: { ids } };
}

function permissionOf(operation: Operation): object {
    const byPattern = (among: Pattern[], not: Pattern[], one: (pattern: Pattern) => object) =>
        limit({ among, not, one });
    const { hosts, notHosts, methods, notMethods, paths, notPaths, ports, notPorts } = operation;
    const rules = [
        // As the request has it: with the port, if that is said there.
        ...byPattern(hosts, notHosts, (pattern) => ({ header: headerMatcher(":authority", pattern, true) })),
        ...byPattern(methods, notMethods, (pattern) => ({ header: headerMatcher(":method", pattern) })),
        // Without the query, as Istio does it from 1.5 on.
        ...byPattern(paths, notPaths, (pattern) => ({ url_path: { path: stringMatcher(pattern) } })),
        ...limit({ among: ports, not: notPorts, one: (port) => ({ destination_port: port }) }),
    ];
    return { and_rules: { rules } };
}

function limit<T>({ among, not, one }: Limit<T>): object[] {
    return [
        ...(among.length === 0 ? [] : [{ or_rules: { rules: among.map(one) } }]),
        ...(not.length === 0 ? [] : [{ not_rule: { or_rules: { rules: not.map(one) } } }]),
    ];
}
