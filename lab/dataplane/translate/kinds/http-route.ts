import { z } from "zod";
import type { KubeObject } from "../../../../kube";
import { serviceHost } from "../hosts";
import type { Refusals } from "../refuse";
import { duration, host, port, regex, text } from "./common";
import type { HttpMatch, HttpRoute, StringMatch } from "./virtual-service";

const HEADER_NAME = /^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/;

const byWhat = z.enum(["Exact", "RegularExpression"]).default("Exact");

const match = z.strictObject({
    path: z
        .strictObject({
            type: z.enum(["Exact", "PathPrefix", "RegularExpression"]).default("PathPrefix"),
            value: text.default("/"),
        })
        .refine(({ type, value }) => type !== "RegularExpression" || regex.safeParse(value).success, {
            path: ["value"],
            message: "is no regular expression in RE2's dialect",
        })
        .default({ type: "PathPrefix", value: "/" }),
    headers: z
        .array(z.strictObject({ type: byWhat, name: z.string().regex(HEADER_NAME, "is no header name"), value: text }))
        .default([])
        .refine(
            (headers) => headers.every(({ type, value }) => type === "Exact" || regex.safeParse(value).success),
            "holds a value that is no regular expression in RE2's dialect",
        ),
    method: text.optional(),
});

const filter = z.discriminatedUnion("type", [
    z.strictObject({
        type: z.literal("RequestRedirect"),
        requestRedirect: z.strictObject({
            scheme: z.enum(["http", "https"]).optional(),
            hostname: text.optional(),
            path: z.strictObject({ type: z.literal("ReplaceFullPath"), replaceFullPath: text }).optional(),
            statusCode: z.literal([301, 302]).default(302),
        }),
    }),
    z.strictObject({ type: z.literal("URLRewrite"), urlRewrite: z.strictObject({ hostname: text }) }),
]);

const backend = z.strictObject({
    group: z.literal("", "only Services are modelled here").optional(),
    kind: z.literal("Service", "only Services are modelled here").optional(),
    name: text,
    namespace: text.optional(),
    port,
    weight: z.int().min(0).max(1_000_000).default(1),
});

const rule = z
    .strictObject({
        name: z.string().optional(),
        matches: z.array(match).default([]),
        filters: z.array(filter).default([]),
        backendRefs: z.array(backend).default([]),
        timeouts: z.strictObject({ request: duration.optional() }).optional(),
    })
    .refine(
        ({ filters, backendRefs }) =>
            filters.some(({ type }) => type === "RequestRedirect") || backendRefs.some(({ weight }) => weight > 0),
        { path: ["backendRefs"], message: "leads nowhere: the 500 that follows is not modelled here" },
    );

const routeSpec = z.strictObject({
    // Whether they are there, and take the route, is looked at by itself.
    parentRefs: z.array(z.looseObject({ kind: z.literal("Gateway", "only Gateways are modelled here").optional() })),
    hostnames: z.array(host).default([]),
    rules: z.array(rule).default([]),
});

/**
 * The rules of an HTTPRoute as routes of a VirtualService, each with one match at most (convertHTTPRoute in
 * conversion.go).
 */
export function readHttpRoute(object: KubeObject, refusals: Refusals): HttpRoute[] {
    const { namespace = "" } = object.metadata;
    const spec = refusals.read(routeSpec, object, object.spec, "spec");
    return (spec?.rules ?? []).flatMap((each) => {
        const matches = each.matches.length === 0 ? [undefined] : each.matches;
        return matches.map((one) => ({
            match: one === undefined ? [] : [matchOf(one)],
            ...actionOf(each, namespace),
            ofGatewayApi: true,
        }));
    });
}

function matchOf({ path, headers, method }: z.infer<typeof match>): HttpMatch {
    const { type, value } = path;
    const uri = { Exact: { exact: value }, RegularExpression: { regex: value }, PathPrefix: { prefix: prefix(value) } };
    return {
        uri: uri[type],
        headers: Object.fromEntries(
            headers.map(({ type: how, name, value: wanted }): [string, StringMatch] => [
                name,
                how === "Exact" ? { exact: wanted } : { regex: wanted },
            ]),
        ),
        ...(method === undefined ? {} : { method: { exact: method } }),
        gateways: [],
    };
}

/** A slash at the end means nothing. */
function prefix(value: string): string {
    return value === "/" ? value : value.replace(/\/$/, "");
}

function actionOf({ filters, backendRefs, timeouts }: z.infer<typeof rule>, home: string): Omit<HttpRoute, "match"> {
    const redirect = filters.find((each) => each.type === "RequestRedirect")?.requestRedirect;
    const rewrite = filters.find((each) => each.type === "URLRewrite")?.urlRewrite;
    if (redirect !== undefined) {
        const { scheme, hostname: authority, path, statusCode: redirectCode } = redirect;
        return { route: [], redirect: { scheme, authority, uri: path?.replaceFullPath, redirectCode } };
    }
    return {
        route: backendRefs.map(({ name, namespace = home, port: number, weight }) => ({
            // One of another namespace needs a ReferenceGrant, of which nobody here knows: it is nobody's.
            destination: { host: namespace === home ? serviceHost(name, home) : "", port: { number } },
            weight,
        })),
        ...(rewrite === undefined ? {} : { rewrite: { authority: rewrite.hostname } }),
        ...(timeouts?.request ? { timeout: timeouts.request } : {}),
    };
}
