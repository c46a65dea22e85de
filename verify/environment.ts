import { z } from "zod";
import type { MeshConfig, ServiceConfig } from "../config/schema";
import { type Dialect, dialects } from "../dialects";
import { namespaceName, resolveNames } from "../stacks/names";

/** The stack's outputs as far as they are read here (stacks/outputs.ts is the contract). */
const outputsSchema = z.object({
    routeHosts: z.record(z.string(), z.string()),
    controlPlane: z.object({ name: z.string(), namespace: z.string(), version: z.string(), mtls: z.string() }),
    operators: z.record(z.string(), z.string()),
    members: z.array(z.string()),
    services: z.record(z.string(), z.object({ namespace: z.string(), host: z.string(), port: z.number() })),
});

export type Outputs = z.infer<typeof outputsSchema>;

/** A service of the stack, with every name as it is in the cluster. */
export interface VerifiedService {
    name: string;
    namespace: string;
    kind: "Deployment" | "DeploymentConfig";
    /** The host under which it is reached from outside. */
    host?: string;
    port: number;
    allow: ServiceConfig["allow"];
    check: ServiceConfig["check"];
    /** The services of this stack that it calls, as its settings name them. */
    calls: string[];
}

/** What there is to verify: what the stack's config wants, under the names that its outputs give. */
export interface Environment {
    dialect: Dialect;
    config: MeshConfig;
    outputs: Outputs;
    services: VerifiedService[];
    /** Routes that were there before, and are to go on as they are. */
    exceptions: { namespace: string; route: string }[];
    /** By the namespace's name: its Gateway. */
    gateways: Record<string, string>;
}

/** The outputs are none of such a stack; `message` is for a person. */
export class OutputsError extends Error {
    override readonly name = "OutputsError";
}

/** Errors: OutputsError. Pure. */
export function environmentOf(config: MeshConfig, given: Record<string, unknown>): Environment {
    const parsed = outputsSchema.safeParse(given);
    if (!parsed.success) {
        const wrong = parsed.error.issues.map((issue) => issue.path.join("."));
        throw new OutputsError(
            Object.keys(given).length === 0
                ? "the stack has no outputs: bring it up first"
                : `these are not the outputs of this program's stack: ${[...new Set(wrong)].join(", ")}`,
        );
    }
    const outputs = parsed.data;
    const own = config.controlPlane.namespace;
    const suffix = config.uniqueNames ? outputs.controlPlane.namespace.slice(own.length + 1) || undefined : undefined;
    // What is not a member under the name that the config gives it has got the suffix.
    const owned = new Set([own, ...Object.keys(config.namespaces).filter((name) => !outputs.members.includes(name))]);
    const resolved = resolveNames(config, owned, suffix, config.appsDomain ?? "");
    const nameOf = (namespace: string): string => namespaceName(namespace, owned, suffix);
    const services = Object.entries(resolved.namespaces).flatMap(([key, namespace]) =>
        Object.entries(namespace.services).map(([name, service]) => ({
            name,
            namespace: nameOf(key),
            kind: service.existing ?? ("Deployment" as const),
            host: service.host === undefined ? undefined : hostOf(name, service.host, outputs),
            port: service.port,
            allow: service.allow,
            check: service.check,
            settings: settingsOf(service),
        })),
    );
    return {
        dialect: dialects[config.generation],
        config,
        outputs,
        services: services.map(({ settings, ...service }) => ({
            ...service,
            calls: services
                .filter((s) => isNamedIn(settings, s, service.namespace))
                .map((s) => `${s.namespace}/${s.name}`),
        })),
        exceptions: Object.entries(config.namespaces).flatMap(([key, { existingRoutes }]) =>
            Object.keys(existingRoutes)
                .filter((route) => existingRoutes[route] === "exception")
                .map((route) => ({ namespace: nameOf(key), route })),
        ),
        gateways: Object.fromEntries(Object.entries(config.namespaces).map(([key, n]) => [nameOf(key), n.gateway])),
    };
}

/** A bare label in the config is a full host only in the outputs. */
function hostOf(name: string, configured: string, { routeHosts }: Outputs): string {
    const known = Object.values(routeHosts).includes(configured);
    return known ? configured : (routeHosts[name] ?? configured);
}

function settingsOf({ properties, env }: ServiceConfig): string[] {
    return [...Object.values(properties), ...Object.values(env).filter((value) => typeof value === "string")];
}

/** Whether an address in settings is that of a service, by its full name, or by a short one within its namespace. */
function isNamedIn(
    settings: string[],
    { name, namespace }: { name: string; namespace: string },
    home: string,
): boolean {
    const full = `${name}\\.${namespace}(\\.svc(\\.cluster\\.local)?)?`;
    const address = new RegExp(`//(${full}${home === namespace ? `|${name}` : ""})(?=[:/]|$)`);
    return settings.some((text) => address.test(text));
}
