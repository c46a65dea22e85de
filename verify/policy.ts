import type { KubeObject } from "../kube";

/**
 * A plain reading of AuthorizationPolicies (istio.io/api, security/v1beta1): whether a request is let through. What is
 * said of a request is three-valued, since a policy may ask for what cannot be told from here.
 */

/** A request as a policy sees it. */
export interface PolicyRequest {
    /** The identity in the caller's certificate; absent for plain text. */
    source?: { namespace: string; serviceAccount: string };
    method: string;
    /** Without its query. */
    path: string;
    /** As in the Host header. */
    host: string;
    /** The port of the workload. */
    port: number;
}

export interface Decision {
    is: "allowed" | "denied" | "unknown";
    why: string;
}

/** undefined: it depends on what is not known here. */
type Truth = boolean | undefined;

const TRUST_DOMAIN = "cluster.local";

/** The policies that hold for a workload: its namespace's, and those of the mesh's root namespace. */
export function policiesFor(
    policies: KubeObject[],
    workload: { namespace: string; labels: Record<string, string> },
    root: string,
): KubeObject[] {
    return policies.filter(({ metadata, spec }) => {
        const wanted = Object.entries<string>(spec?.selector?.matchLabels ?? {});
        const near = metadata.namespace === workload.namespace || metadata.namespace === root;
        return near && wanted.every(([key, value]) => workload.labels[key] === value);
    });
}

/** What a workload's own policies (see policiesFor) say of a request. */
export function decide(policies: KubeObject[], request: PolicyRequest): Decision {
    const of = (action: string) => policies.filter((p) => (p.spec?.action ?? "ALLOW") === action);
    const others = policies.filter((p) => !["ALLOW", "DENY", "AUDIT"].includes(p.spec?.action ?? "ALLOW"));
    const deny = of("DENY").map((policy) => ({ policy, truth: matches(policy, request) }));
    const allow = of("ALLOW").map((policy) => ({ policy, truth: matches(policy, request) }));
    const denied = deny.find((d) => d.truth === true);
    if (denied) {
        return { is: "denied", why: `${denied.policy.metadata.name} refuses ${callers(denied.policy.spec)}` };
    }
    const names = (list: { policy: KubeObject }[]) => list.map((a) => a.policy.metadata.name).join(", ");
    if (allow.length > 0 && allow.every((a) => a.truth === false)) {
        const lets = allow.map((a) => `${a.policy.metadata.name} lets in ${describe(a.policy.spec)}`);
        return { is: "denied", why: lets.join("; ") };
    }
    const open = [...others.map((policy) => ({ policy })), ...deny.filter((d) => d.truth === undefined)];
    if (open.length > 0) {
        return { is: "unknown", why: `${names(open)} depends on what cannot be told from here` };
    }
    if (allow.length === 0) {
        return { is: "allowed", why: "anyone may call it" };
    }
    const letIn = allow.find((a) => a.truth === true);
    return letIn
        ? { is: "allowed", why: `${letIn.policy.metadata.name} lets in ${describe(letIn.policy.spec)}` }
        : { is: "unknown", why: `${names(allow)} depends on what cannot be told from here` };
}

interface Rule {
    from?: { source?: Lists }[];
    to?: { operation?: Lists }[];
    when?: unknown[];
}
type Lists = Record<string, string[] | undefined>;

/** One rule is enough; a policy without rules matches nothing. */
function matches(policy: KubeObject, request: PolicyRequest): Truth {
    return any(((policy.spec?.rules ?? []) as (Rule | null)[]).map((rule) => matchesRule(rule ?? {}, request)));
}

function matchesRule({ from = [], to = [], when = [] }: Rule, request: PolicyRequest): Truth {
    return all([
        from.length === 0 || any(from.map(({ source }) => matchesLists(source ?? {}, sourceValues(request)))),
        to.length === 0 || any(to.map(({ operation }) => matchesLists(operation ?? {}, operationValues(request)))),
        when.length === 0 || undefined,
    ]);
}

type Reader = (pattern: string) => boolean;

function sourceValues({ source }: PolicyRequest): Record<string, Reader> {
    const principal = source && `${TRUST_DOMAIN}/ns/${source.namespace}/sa/${source.serviceAccount}`;
    return {
        namespaces: (pattern) => like(source?.namespace, pattern),
        principals: (pattern) => like(principal, pattern),
    };
}

function operationValues({ method, path, host, port }: PolicyRequest): Record<string, Reader> {
    return {
        methods: (pattern) => like(method, pattern),
        paths: (pattern) => like(path, pattern),
        hosts: (pattern) => like(host.toLowerCase(), pattern.toLowerCase()),
        ports: (pattern) => pattern === String(port),
    };
}

/** Every list that is given must hold: one of its values, or for "not..." none of them. */
function matchesLists(lists: Lists, readers: Record<string, Reader>): Truth {
    return all(
        Object.entries(lists)
            .filter(([, values]) => (values ?? []).length > 0)
            .map(([name, values = []]): Truth => {
                const not = name.startsWith("not");
                const read = readers[not ? `${name[3].toLowerCase()}${name.slice(4)}` : name];
                return read && values.some(read) !== not;
            }),
    );
}

/** Exact, "a*" (prefix), "*a" (suffix), "*" (anything that is there). */
function like(value: string | undefined, pattern: string): boolean {
    if (value === undefined || value === "") {
        return false;
    }
    if (pattern === "*") {
        return true;
    }
    if (pattern.endsWith("*")) {
        return value.startsWith(pattern.slice(0, -1));
    }
    return pattern.startsWith("*") ? value.endsWith(pattern.slice(1)) : value === pattern;
}

function all(truths: Truth[]): Truth {
    return truths.includes(false) ? false : truths.includes(undefined) ? undefined : true;
}

function any(truths: Truth[]): Truth {
    return truths.includes(true) ? true : truths.includes(undefined) ? undefined : false;
}

/** "only namespaces microsvc-sample with methods GET", "nobody", "anyone"; of a DENY policy "not namespaces shop". */
export function describe(spec: KubeObject["spec"]): string {
    const rules: (Rule | null)[] = spec?.rules ?? [];
    if (spec?.action === "DENY") {
        return rules.length === 0 ? "anyone" : `not ${callers(spec)}`;
    }
    return rules.length === 0 ? "nobody" : rules.map((rule) => describeRule(rule ?? {})).join(", or ");
}

/** Those whom any of its rules is about. */
function callers(spec: KubeObject["spec"]): string {
    const rules: (Rule | null)[] = spec?.rules ?? [];
    return rules.map((rule) => describeRule(rule ?? {}).replace(/^only /, "")).join(", nor ");
}

function describeRule({ from = [], to = [], when = [] }: Rule): string {
    const parts = (lists: Lists | undefined) =>
        Object.entries(lists ?? {})
            .filter(([, values]) => (values ?? []).length > 0)
            .map(
                ([name, values = []]) =>
                    `${name.replace(/^not(.)/, (_, c: string) => `not ${c.toLowerCase()}`)} ${values.join(", ")}`,
            )
            .join(" and ");
    const who = from.map(({ source }) => parts(source)).filter(Boolean);
    const what = to.map(({ operation }) => parts(operation)).filter(Boolean);
    const callers = who.length === 0 ? "anyone" : `only ${who.join(" or ")}`;
    return [
        callers,
        ...(what.length ? [`with ${what.join(" or ")}`] : []),
        ...(when.length ? ["under conditions"] : []),
    ].join(" ");
}
