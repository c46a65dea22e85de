/** Config of the namespaces that join the mesh, and of their services. */
import { z } from "zod";
import {
    antiAffinity,
    choice,
    flag,
    host,
    image,
    integer,
    label,
    list,
    loose,
    map,
    object,
    quantities,
    serviceName,
    subdomain,
    text,
} from "./fields";
import { build } from "./schema-build";
import { check } from "./schema-check";
import { tls } from "./schema-tls";

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"] as const;

/** Istio's AuthorizationPolicy: an exact path, or a prefix that ends in "*"; a path is compared without its query. */
function policyPath() {
    return text('a path that begins with "/", without query; "*" only as its end', {
        pattern: /^\/[^*?#\s]*\*?$/,
        hint: (value) => (/^[\w-]/.test(value) ? `did you mean /${value}?` : undefined),
    });
}

const NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

/**
 * The identity in a sidecar's certificate, without its scheme; Istio takes "*" alone, at the beginning or at the end.
 */
function principal() {
    const account = `${NAME}(\\.${NAME})*`;
    return text("a principal like cluster.local/ns/shop/sa/cart, cluster.local/ns/shop/* or *", {
        pattern: new RegExp(`^(\\*|(\\*|[a-z0-9][-a-z0-9.]*)/ns/(\\*|${NAME}/(\\*|sa/(\\*|${account}))))$`),
        max: 512,
        // A pattern with "*" at both ends is one that Istio compares literally.
        test: (value) => value === "*" || !(value.startsWith("*") && value.endsWith("*")),
        hint: (value) => (value.startsWith("spiffe://") ? "leave spiffe:// off" : undefined),
    });
}

function reference() {
    return text("a service of this stack: its name, or namespace/name", {
        pattern: new RegExp(`^(${NAME}/)?${NAME}$`),
        max: 127,
    });
}

const rule = object({
    namespaces: list(label("a namespace"), "a list of namespaces")
        .optional()
        .describe("Callers in these namespaces. Default: any."),
    services: list(reference(), "a list of services")
        .optional()
        .describe("These services of this stack, as name or namespace/name. Default: any."),
    principals: list(principal(), "a list of principals")
        .optional()
        .describe("Callers with these identities, like cluster.local/ns/shop/sa/cart. Default: any."),
    gateway: flag()
        .optional()
        .describe("true: callers from outside, who come through the ingress gateway. Default: any."),
    methods: list(choice(METHODS), "a list of HTTP methods")
        .optional()
        .describe("Only these HTTP methods. Default: any."),
    paths: list(policyPath(), "a list of paths")
        .optional()
        .describe('Only these paths; "*" at the end is a prefix. Default: any.'),
});

const allow = z
    .union([choice(["anyone"]), z.array(rule, { error: "a list of rules" })], {
        error: "anyone, or a list of rules; [] is nobody",
    })
    .default("anyone")
    .describe(
        "Who may call it: anyone, or a list of rules of which one must hold; [] is nobody. All parts of a " +
            "rule must hold, services, principals and gateway together being one part. Default: anyone.",
    );

const deny = z
    .array(rule, { error: "a list of rules" })
    .default([])
    .describe(
        "Who may not call it, whatever allow says: a list of rules like allow's; not on generation 1.1. Default: nobody.",
    );

const envValue = z.union(
    [
        loose(text("text")),
        object({
            secret: subdomain("the name of a secret in mesh:secrets").describe("The name of a value in mesh:secrets."),
        }),
        object({
            generate: integer(8, 128, "a length in characters").describe(
                "The length of a random password, 8 to 128 characters.",
            ),
        }),
    ],
    { error: "text, { secret: name in mesh:secrets } or { generate: length }" },
);

const httpPath = () => text('a path that begins with "/"', { pattern: /^\/[^\s#]*$/ });

const probes = object({
    liveness: httpPath()
        .optional()
        .describe("HTTP path that answers while it lives. Default: the port takes connections."),
    readiness: httpPath()
        .optional()
        .describe("HTTP path that answers when it can serve. Default: the port takes connections."),
});

const service = object({
    image: image()
        .optional()
        .describe("The container image of a service that this stack deploys. Either this, build or existing."),
    build,
    existing: choice(["Deployment", "DeploymentConfig"])
        .optional()
        .describe(
            "The kind of a workload of this name that is there already and gets a sidecar. Either this, image or build.",
        ),
    host: host()
        .optional()
        .describe(
            "The host under which it is reached from outside: full, or a bare label under the apps domain. " +
                "Default: not reached.",
        ),
    tls,
    port: integer(1, 65535, "a port").default(8080).describe("The TCP port that it listens on. Default: 8080."),
    replicas: integer(1, 1000, "a number of pods").default(1).describe("How many pods. Default: 1."),
    minAvailable: integer(1, 1000, "a number of pods")
        .optional()
        .describe("How many of its pods stay while nodes are drained. Default: not set."),
    antiAffinity: antiAffinity(),
    container: label("a container's name")
        .optional()
        .describe("The name of its container. Default: the service's name."),
    properties: map(
        text('a key of application.properties: letters, digits, ".", "-", "_", "[" and "]"', {
            pattern: /^[\w.\-[\]]+$/,
            max: 253,
        }),
        loose(text("text")),
        "application.properties",
    )
        .default({})
        .describe("Its application.properties. Default: none."),
    env: map(
        text("a name of an environment variable: letters, digits and _, not beginning with a digit", {
            pattern: /^[A-Za-z_]\w*$/,
        }),
        envValue,
        "environment variables",
    )
        .default({})
        .describe(
            "Environment variables: text, { secret: name in mesh:secrets } or { generate: length of a " +
                "password }. Default: none.",
        ),
    requests: quantities().optional().describe("What its container is sure to get. Default: not set."),
    limits: quantities().optional().describe("What its container may use at most. Default: not set."),
    probes: probes
        .prefault({})
        .describe("How Kubernetes asks whether it is well. Default: the port takes connections."),
    allow,
    deny,
    check,
});

const namespace = object({
    gateway: label("a Gateway's name")
        .optional()
        .describe("The name of its Gateway. Default: the namespace's name and -gateway."),
    existingRoutes: map(
        subdomain("a Route's name"),
        choice(["managed", "exception", "cut-off"]),
        "an answer for each Route that is there already",
    )
        .default({})
        .describe(
            "What becomes of each Route that is there already, by its name. managed: the mesh takes over " +
                "its service; exception: its " +
                "EventListener's pods stay reachable; cut-off: it stops working. Default: none, and a " +
                "Route without an answer stops the run.",
        ),
    services: map(serviceName("a service's name"), service, "the services, by name").describe(
        "Its services, by name. Required.",
    ),
});

/** mesh:namespaces; what follows from a name is filled in. */
export const namespaces = map(label("a namespace"), namespace, "the namespaces that join the mesh, by name")
    .transform((given) => mapValues(given, complete))
    .describe(
        "The namespaces that join the mesh, and their services, by name. Required; {} for a platform that takes in none.",
    );

function complete(name: string, given: z.output<typeof namespace>) {
    return {
        ...given,
        gateway: given.gateway ?? `${name}-gateway`,
        services: mapValues(given.services, (service, value) => ({
            ...value,
            container: value.container ?? service,
        })),
    };
}

function mapValues<A, B>(record: Record<string, A>, change: (key: string, value: A) => B): Record<string, B> {
    return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(key, value)]));
}

export type NamespaceConfig = z.output<typeof namespaces>[string];
export type ServiceConfig = NamespaceConfig["services"][string];
export type AllowConfig = ServiceConfig["allow"];
export type AllowRule = z.output<typeof rule>;
export type EnvValue = z.output<typeof envValue>;
