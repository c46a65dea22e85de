import { CLUSTER_DOMAIN } from "./hosts";

/** What AuthorizationPolicies write: a value, "prefix*", "*suffix", or "*" for any that is not empty. */
export type Pattern = { is: "any" } | { is: "exact" | "prefix" | "suffix"; text: string };

/** Reads a pattern; undefined for a "*" anywhere else, which other readers might take for something wider. */
export function parsePattern(text: string): Pattern | undefined {
    if (text === "*") {
        return { is: "any" };
    }
    const front = text.startsWith("*");
    const back = text.endsWith("*");
    const rest = text.slice(front ? 1 : 0, back ? -1 : undefined);
    if (rest === "" || rest.includes("*") || (front && back)) {
        return undefined;
    }
    return { is: front ? "suffix" : back ? "prefix" : "exact", text: rest };
}

/** A StringMatcher of Envoy. "Any" needs a character, as in Istio (pilot/pkg/security/authz/matcher, string.go). */
export function stringMatcher(pattern: Pattern, ignoreCase = false): object {
    if (pattern.is === "any") {
        return { safe_regex: { regex: ".+" } };
    }
    return { [pattern.is]: pattern.text, ...(ignoreCase ? { ignore_case: true } : {}) };
}

/** A HeaderMatcher of Envoy. */
export function headerMatcher(name: string, pattern: Pattern, ignoreCase = false): object {
    return pattern.is === "any"
        ? { name, present_match: true }
        : { name, string_match: stringMatcher(pattern, ignoreCase) };
}

const SCHEME = "spiffe://";

/** The URI in the certificate of a workload. */
export function identity(namespace: string, serviceAccount: string): string {
    return `${SCHEME}${CLUSTER_DOMAIN}/ns/${namespace}/sa/${serviceAccount}`;
}

/** Matches a peer's URI against a principal, which is written without the scheme. */
export function principalMatcher(pattern: Pattern): object {
    switch (pattern.is) {
        case "any":
            return stringMatcher(pattern);
        case "suffix":
            return { safe_regex: { regex: `${SCHEME}.*${escapeRegex(pattern.text)}` } };
        default:
            return { [pattern.is]: SCHEME + pattern.text };
    }
}

/** Matches the namespace within a peer's URI. */
export function namespaceMatcher(pattern: Pattern): object {
    const any = "[^/]*";
    const text = pattern.is === "any" ? "[^/]+" : escapeRegex(pattern.text);
    const namespace = `${pattern.is === "suffix" ? any : ""}${text}${pattern.is === "prefix" ? any : ""}`;
    return { safe_regex: { regex: `${SCHEME}[^/]+/ns/${namespace}/sa/[^/]+` } };
}

function escapeRegex(text: string): string {
    return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
