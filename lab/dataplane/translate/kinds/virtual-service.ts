import { z } from "zod";
import type { KubeObject } from "../../../../kube";
import { fullHost } from "../hosts";
import type { Refusals } from "../refuse";
import { duration, exportTo, host, port, regex, text } from "./common";

/** The gateway that stands for all sidecars. */
export const MESH = "mesh";

/** What Envoy can retry on (its x-envoy-retry-on and x-envoy-retry-grpc-on headers); numbers are status codes. */
const RETRY_ON = [
    "5xx",
    "gateway-error",
    "reset",
    "reset-before-request",
    "connect-failure",
    "envoy-ratelimited",
    "retriable-4xx",
    "refused-stream",
    "retriable-status-codes",
    "retriable-headers",
    "http3-post-connect-failure",
    "cancelled",
    "deadline-exceeded",
    "internal",
    "resource-exhausted",
    "unavailable",
];

const HEADER_NAME = /^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/;

const stringMatch = z
    .strictObject({ exact: text.optional(), prefix: text.optional(), regex: regex.optional() })
    .refine((match) => Object.keys(match).length <= 1, "only one of exact, prefix and regex can be said");

const required = stringMatch.refine((match) => Object.keys(match).length === 1, "says neither exact, prefix nor regex");

const httpMatch = z.strictObject({
    name: z.string().optional(),
    uri: required.optional(),
    ignoreUriCase: z.boolean().optional(),
    method: required.optional(),
    authority: required.optional(),
    // An empty match asks only that the header is there.
    headers: z.record(z.string().regex(HEADER_NAME, "is no header name"), stringMatch).default({}),
    gateways: z.array(text).default([]),
});

const destination = z.strictObject({
    host,
    port: z.strictObject({ number: port }).optional(),
});

const retryOn = z
    .string()
    .refine(
        (value) => value.split(",").every((part) => RETRY_ON.includes(part.trim()) || /^[1-5]\d\d$/.test(part.trim())),
        "names a condition that Envoy does not know",
    );

const httpRoute = z
    .strictObject({
        name: z.string().optional(),
        match: z.array(httpMatch).default([]),
        route: z.array(z.strictObject({ destination, weight: z.int().min(0).max(1_000_000).optional() })).default([]),
        redirect: z
            .strictObject({
                uri: text.optional(),
                authority: text.optional(),
                scheme: z.enum(["http", "https"]).optional(),
                redirectCode: z.literal([301, 302, 303, 307, 308]).optional(),
            })
            .refine(({ uri, authority, scheme }) => uri ?? authority ?? scheme, "leads nowhere else")
            .optional(),
        rewrite: z.strictObject({ uri: text.optional(), authority: text.optional() }).optional(),
        timeout: duration.optional(),
        retries: z
            .strictObject({
                attempts: z.int().min(0).max(1_000).default(0),
                perTryTimeout: duration.optional(),
                retryOn: retryOn.optional(),
            })
            .optional(),
    })
    .refine((http) => http.route.length > 0 !== (http.redirect !== undefined), "needs either a route or a redirect")
    .refine((http) => http.route.length < 2 || http.route.some(({ weight = 0 }) => weight > 0), {
        path: ["route"],
        message: "several destinations need weights",
    })
    .refine((http) => http.rewrite?.uri === undefined || http.match.every(({ uri }) => uri?.regex === undefined), {
        path: ["rewrite", "uri"],
        message: "can replace a prefix or a whole path, not what a regex found",
    })
    .refine((http) => http.redirect === undefined || http.rewrite === undefined, {
        path: ["rewrite"],
        message: "cannot be said of a redirect",
    });

const virtualServiceSpec = z.strictObject({
    hosts: z.array(host).min(1),
    gateways: z.array(text).default([]),
    exportTo,
    http: z.array(httpRoute).min(1),
});

export type StringMatch = z.infer<typeof stringMatch>;
export type HttpMatch = z.infer<typeof httpMatch>;
/** Of a route of the Gateway API prefixes are whole segments of paths, and what is not there answers 500, not 503. */
export type HttpRoute = z.infer<typeof httpRoute> & { ofGatewayApi?: boolean };
export type Destination = z.infer<typeof destination>;

/** A VirtualService: how requests for its hosts are routed. */
export interface VirtualService {
    object: KubeObject;
    namespace: string;
    name: string;
    hosts: string[];
    /** "mesh", or "namespace/name" of a Gateway. */
    gateways: string[];
    exportTo: string[];
    http: HttpRoute[];
}

export function readVirtualService(object: KubeObject, refusals: Refusals): VirtualService | undefined {
    const { name, namespace = "" } = object.metadata;
    const spec = refusals.read(virtualServiceSpec, object, object.spec, "spec");
    if (spec === undefined) {
        return undefined;
    }
    const gateways = spec.gateways.length === 0 ? [MESH] : spec.gateways;
    return {
        object,
        namespace,
        name,
        hosts: spec.hosts.map((each) => fullHost(each, namespace)),
        gateways: gateways.map((gateway) => gatewayKey(gateway, namespace)),
        exportTo: spec.exportTo,
        http: spec.http.map((http) => inFull(http, namespace)),
    };
}

/** Among sidecars two VirtualServices for the same host are not merged: the older one holds. */
export function refuseSecondClaims(oldestFirst: VirtualService[], refusals: Refusals): void {
    const owners = new Map<string, VirtualService>();
    for (const each of oldestFirst.filter(({ gateways }) => gateways.includes(MESH))) {
        each.hosts.forEach((claimed, index) => {
            const owner = owners.get(claimed) ?? each;
            owners.set(claimed, owner);
            if (owner !== each) {
                const why = `within the mesh, VirtualService ${owner.namespace}/${owner.name} has this host already`;
                refusals.add(each.object, `spec.hosts[${index}]`, why);
            }
        });
    }
}

function inFull(http: HttpRoute, namespace: string): HttpRoute {
    return {
        ...http,
        match: http.match.map((match) => ({ ...match, gateways: match.gateways.map((g) => gatewayKey(g, namespace)) })),
        route: http.route.map(({ destination: to, weight }) => ({
            destination: { ...to, host: fullHost(to.host, namespace) },
            weight,
        })),
    };
}

/** A Gateway as a VirtualService names it: its own namespace's unless it names one. */
function gatewayKey(written: string, namespace: string): string {
    if (written === MESH) {
        return written;
    }
    return written.includes("/") ? written.replace(/^\.\//, `${namespace}/`) : `${namespace}/${written}`;
}
