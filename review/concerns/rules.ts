/** Rules of AuthorizationPolicies as sets of requests: which of two lets in more (istio.io/api, security/v1beta1). */

export interface Rule {
    from?: { source?: Values }[];
    to?: { operation?: Values }[];
    when?: ({ key?: string } & Values)[];
}

type Values = Record<string, string[] | any>;

/** Whether whatever the narrow rule takes is also taken by the wide one. When in doubt, no. */
export function covers(wide: Rule, narrow: Rule): boolean {
    return (
        anyOf(wide.from, narrow.from, ({ source = {} }) => source) &&
        anyOf(wide.to, narrow.to, ({ operation = {} }) => operation) &&
        allOf(wide.when ?? [], narrow.when ?? [])
    );
}

/** One of the list must hold; an empty list holds always. */
function anyOf<T>(wide: T[] | undefined, narrow: T[] | undefined, of: (entry: T) => Values): boolean {
    if (!wide?.length) {
        return true;
    }
    return !!narrow?.length && narrow.every((n) => wide.some((w) => within(of(n), of(w))));
}

/** All conditions must hold, so that the wide rule may have fewer. */
function allOf(wide: Values[], narrow: Values[]): boolean {
    return wide.every((w) => narrow.some((n) => n.key === w.key && within(n, w)));
}

/** Each field that the outer one has, the inner one has at least as narrowly. */
function within(inner: Values, outer: Values): boolean {
    return Object.entries(outer)
        .filter(([key, value]) => key !== "key" && Array.isArray(value))
        .every(([key, values]) => {
            const mine = inner[key];
            if (!Array.isArray(mine)) {
                return false;
            }
            return /^not[A-Z]/.test(key)
                ? values.every((value: string) => mine.some((m: string) => matches(m, value)))
                : mine.every((m: string) => values.some((value: string) => matches(value, m)));
        });
}

/** Whether a value with "*" at one of its ends takes in another. */
function matches(pattern: string, value: string): boolean {
    if (pattern === value || pattern === "*") {
        return true;
    }
    if (pattern.endsWith("*")) {
        return value.startsWith(pattern.slice(0, -1));
    }
    return pattern.startsWith("*") && value.endsWith(pattern.slice(1));
}

/** "namespaces shop, GET /api/*"; "anyone" for a rule that everybody meets. */
export function ruleInWords({ from, to, when }: Rule): string {
    const sources = (from ?? []).map(({ source = {} }) => fieldsInWords(source));
    const operations = (to ?? []).map(({ operation = {} }) => fieldsInWords(operation));
    const conditions = (when ?? []).map(({ key, ...values }) => `${key} ${fieldsInWords(values)}`);
    return [
        sources.length === 0 ? "anyone" : sources.join(" or "),
        ...(operations.length === 0 ? [] : [`for ${operations.join(" or ")}`]),
        ...(conditions.length === 0 ? [] : [`when ${conditions.join(" and ")}`]),
    ].join(" ");
}

/** Identities are shown short: "shop/cart" instead of "cluster.local/ns/shop/sa/cart". */
function fieldsInWords(fields: Values): string {
    const words = Object.entries(fields)
        .filter(([, values]) => Array.isArray(values))
        .map(([key, values]) => {
            const short = values.map(
                (v: string) => /^cluster\.local\/ns\/(.+)\/sa\/(.+)$/.exec(v)?.slice(1).join("/") ?? v,
            );
            return `${key} ${short.join(", ")}`;
        });
    return words.length === 0 ? "anyone" : words.join(" and ");
}
