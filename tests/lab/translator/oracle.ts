/**
 * A plain reading of AuthorizationPolicies (istio.io, "Authorization Policy"), written apart from the translator and
 * knowing nothing of Envoy.
 */

export interface PolicySpec {
    namespace: string;
    selector?: { matchLabels?: Record<string, string> };
    action?: string;
    rules?: Rule[];
}

interface Rule {
    from?: { source: Limits }[];
    to?: { operation: Limits }[];
    when?: unknown[];
}

type Limits = Partial<Record<string, string[]>>;

export interface Request {
    /** "namespace/account", "" for a client without a certificate. */
    client: string;
    method: string;
    path: string;
    host: string;
    port: number;
}

const ROOT = "istio-system";

export function isAllowed(
    policies: PolicySpec[],
    request: Request,
    target: { namespace: string; labels: Record<string, string> },
): boolean {
    const mine = policies.filter((policy) => {
        const labels = Object.entries(policy.selector?.matchLabels ?? {});
        const near = policy.namespace === target.namespace || policy.namespace === ROOT;
        return near && labels.every(([key, value]) => target.labels[key] === value);
    });
    const of = (action: string) => mine.filter((policy) => (policy.action ?? "ALLOW") === action);
    // What cannot be read may have meant this request.
    if ([...of("ALLOW"), ...of("DENY")].some(({ rules }) => rules?.some(({ when }) => when && when.length > 0))) {
        return false;
    }
    if (of("DENY").some((policy) => matches(policy, request))) {
        return false;
    }
    return of("ALLOW").length === 0 || of("ALLOW").some((policy) => matches(policy, request));
}

function matches({ rules = [] }: PolicySpec, request: Request): boolean {
    const [namespace, account] = request.client.split("/");
    const path = new URL(request.path, "http://any").pathname;
    const values: Record<string, (wanted: string) => boolean> = {
        namespaces: (wanted) => request.client !== "" && like(namespace, wanted),
        principals: (wanted) => request.client !== "" && like(`cluster.local/ns/${namespace}/sa/${account}`, wanted),
        methods: (wanted) => like(request.method, wanted),
        paths: (wanted) => like(path, wanted),
        hosts: (wanted) => like(request.host.toLowerCase(), wanted.toLowerCase()),
        ports: (wanted) => like(String(request.port), wanted),
    };
    const holds = (limits: Limits) =>
        Object.entries(values).every(([field, is]) => {
            const among = limits[field];
            const not = limits[`not${field[0].toUpperCase()}${field.slice(1)}`] ?? [];
            return (among === undefined || among.some(is)) && !not.some(is);
        });
    return rules.some(({ from = [], to = [] }) => {
        const fromFits = from.length === 0 || from.some(({ source }) => holds(source));
        return fromFits && (to.length === 0 || to.some(({ operation }) => holds(operation)));
    });
}

/** "a*" begins with a, "*a" ends with it, "*" is anything at all. */
function like(value: string, wanted: string): boolean {
    if (wanted === "*") {
        return value !== "";
    }
    if (wanted.endsWith("*")) {
        return value.startsWith(wanted.slice(0, -1));
    }
    return wanted.startsWith("*") ? value.endsWith(wanted.slice(1)) : value === wanted;
}
