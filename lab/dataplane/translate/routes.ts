import type { Destination, HttpMatch, HttpRoute, StringMatch, VirtualService } from "./kinds/virtual-service";
import { outboundCluster } from "./names";
import type { MeshService } from "./services";

/** Where routes are asked for: which gateways, at which port of theirs, and what services there are. */
export interface RouteContext {
    gateways: string[];
    port: number;
    services: MeshService[];
    /** Whether the default retries include any answer 503. */
    retriesOn503: boolean;
}

/** Envoy's Route, as far as it is read again here. */
export interface Route {
    match: { prefix?: string; headers?: object[] } & Record<string, unknown>;
    [key: string]: unknown;
}

/** The routes of a VirtualService in its own order; what comes after one that takes everything is never reached. */
export function routesOf(virtualService: VirtualService, context: RouteContext): Route[] {
    const routes = virtualService.http.flatMap((http) => {
        const matches: (HttpMatch | undefined)[] = http.match.length === 0 ? [undefined] : http.match;
        return matches
            .filter((match) => isFor(match, context.gateways))
            .map((match) => ({ match: matchOf(match, http.ofGatewayApi), ...actionOf(http, match, context) }));
    });
    const last = routes.findIndex(takesEverything);
    return last < 0 ? routes : routes.slice(0, last + 1);
}

/** The route to a service for which nobody has said anything. */
export function defaultRoute(service: MeshService, context: RouteContext): Route {
    const cluster = outboundCluster(service.host, context.port);
    return {
        match: { prefix: "/" },
        route: { cluster, timeout: "0s", retry_policy: retryPolicy(undefined, context) },
    };
}

export function takesEverything({ match }: Route): boolean {
    return match.prefix === "/" && match.headers === undefined;
}

function isFor(match: HttpMatch | undefined, gateways: string[]): boolean {
    return match === undefined || match.gateways.length === 0 || match.gateways.some((each) => gateways.includes(each));
}

function matchOf(match: HttpMatch | undefined, bySegments = false): Route["match"] {
    if (match === undefined) {
        return { prefix: "/" };
    }
    const { uri, ignoreUriCase, headers, method, authority } = match;
    const all: [string, StringMatch | undefined][] = [
        ...Object.entries(headers),
        [":method", method],
        [":authority", authority],
    ];
    const matchers = all.flatMap(([name, one]) => (one === undefined ? [] : [headerOf(name, one)]));
    return {
        ...pathOf(uri, bySegments),
        ...(ignoreUriCase ? { case_sensitive: false } : {}),
        ...(matchers.length === 0 ? {} : { headers: matchers }),
    };
}

function pathOf(uri: StringMatch | undefined, bySegments: boolean): object {
    if (uri?.exact !== undefined) {
        return { path: uri.exact };
    }
    if (bySegments && uri?.prefix !== undefined && uri.prefix !== "/") {
        return { path_separated_prefix: uri.prefix };
    }
    return uri?.regex === undefined ? { prefix: uri?.prefix ?? "/" } : { safe_regex: { regex: uri.regex } };
}

function headerOf(name: string, { exact, prefix, regex }: StringMatch): object {
    if (regex !== undefined) {
        return { name, string_match: { safe_regex: { regex } } };
    }
    if (exact === undefined && prefix === undefined) {
        return { name, present_match: true };
    }
    return { name, string_match: exact === undefined ? { prefix } : { exact } };
}

const REDIRECT_CODES: Record<number, string> = {
    301: "MOVED_PERMANENTLY",
    302: "FOUND",
    303: "SEE_OTHER",
    307: "TEMPORARY_REDIRECT",
    308: "PERMANENT_REDIRECT",
};

function actionOf(http: HttpRoute, match: HttpMatch | undefined, context: RouteContext): object {
    const { redirect, rewrite, timeout, retries } = http;
    if (redirect !== undefined) {
        return {
            redirect: {
                ...(redirect.authority === undefined ? {} : { host_redirect: redirect.authority }),
                ...(redirect.uri === undefined ? {} : { path_redirect: redirect.uri }),
                ...(redirect.scheme === undefined ? {} : { scheme_redirect: redirect.scheme }),
                response_code: REDIRECT_CODES[redirect.redirectCode ?? 301],
            },
        };
    }
    return {
        route: {
            ...clustersOf(http, context),
            ...(http.ofGatewayApi ? { cluster_not_found_response_code: "INTERNAL_SERVER_ERROR" } : {}),
            // Unless one is said there is none (istio.io, VirtualService, HTTPRoute.timeout).
            timeout: seconds(timeout ?? 0),
            retry_policy: retryPolicy(retries, context),
            ...(rewrite?.uri === undefined ? {} : { prefix_rewrite: rewrite.uri }),
            ...(rewrite?.authority === undefined ? {} : { host_rewrite_literal: rewrite.authority }),
        },
    };
}

function clustersOf({ route }: HttpRoute, context: RouteContext): object {
    const clusters = route
        // Of several destinations those without weight get nothing; a single one gets everything.
        .filter(({ weight = 0 }) => route.length === 1 || weight > 0)
        .map(({ destination, weight }) => ({ name: clusterOf(destination, context), weight }));
    return clusters.length === 1 ? { cluster: clusters[0].name } : { weighted_clusters: { clusters } };
}

/** A cluster that does not exist answers 503, as in Istio. A destination that is nobody's has Istio's name for that. */
function clusterOf({ host, port }: Destination, { services, port: listener }: RouteContext): string {
    if (host === "") {
        return "UnknownService";
    }
    const service = services.find((each) => each.host === host);
    const only = service?.ports.length === 1 ? service.ports[0].number : undefined;
    return outboundCluster(host, port?.number ?? only ?? listener);
}

/**
 * Istio's defaults: two more attempts when nothing can have happened yet, before 1.24 also on any 503
 * (pilot/pkg/networking/core/route/retry).
 */
function retryPolicy(retries: HttpRoute["retries"], { retriesOn503 }: RouteContext): object | undefined {
    if (retries?.attempts === 0) {
        return undefined;
    }
    const { attempts = 2, perTryTimeout, retryOn = retriesOn503 ? RETRY_ALSO_ON_503 : RETRY_ON } = retries ?? {};
    const parts = retryOn.split(",").map((part) => part.trim());
    const codes = parts.filter(isStatusCode).map(Number);
    const conditions = parts.filter((part) => !isStatusCode(part));
    const named = codes.length === 0 || conditions.includes(BY_CODE) ? conditions : [...conditions, BY_CODE];
    return {
        retry_on: named.join(","),
        num_retries: attempts,
        ...(codes.length === 0 ? {} : { retriable_status_codes: codes }),
        ...(perTryTimeout === undefined ? {} : { per_try_timeout: seconds(perTryTimeout) }),
        retry_host_predicate: [PREVIOUS_HOSTS],
        host_selection_retry_max_attempts: 5,
    };
}

const BY_CODE = "retriable-status-codes";
const RETRY_ON = "connect-failure,refused-stream,unavailable,cancelled";
const RETRY_ALSO_ON_503 = `${RETRY_ON},${BY_CODE},503`;
const PREVIOUS_HOSTS = {
    name: "envoy.retry_host_predicates.previous_hosts",
    typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
    },
};

function isStatusCode(part: string): boolean {
    return /^\d+$/.test(part);
}

/** A duration as protobuf's JSON has it. */
function seconds(milliseconds: number): string {
    return `${milliseconds / 1_000}s`;
}
