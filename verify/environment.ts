import { z } from "zod";
import { effective } from "../config/next";
import type { MeshConfig, ServiceConfig } from "../config/schema";
import { type Dialect, dialects, type Gateway } from "../dialects";
import { namespaceName, resolveNames } from "../stacks/names";
import { renamedBy } from "../stacks/parts";

/** The stack's outputs as far as they are read here (consumer/contract.ts is the contract). */
const outputsSchema = z.object({
    routeHosts: z.record(z.string(), z.string()),
    controlPlane: z.object({ name: z.string(), namespace: z.string(), version: z.string(), mtls: z.string() }),
    operators: z.record(z.string(), z.string()),
    members: z.array(z.string()),
    services: z.record(z.string(), z.object({ namespace: z.string(), host: z.string(), port: z.number() })),
});

export type Outputs = z.infer<typeof outputsSchema>;

/** One mesh of the stack: its only one, or while it moves on to another generation, one of two. */
export interface Side {
    dialect: Dialect;
    /** With every name as it is in the cluster. */
    config: MeshConfig;
    /** Where its requests come in. */
    entry: Gateway;
    /** The namespaces whose pods belong to it. */
    members: string[];
    /** The labels that its members carry, by namespace; empty where labels make no member. */
    labels: Record<string, Record<string, string>>;
}

/** A service of the stack, with every name as it is in the cluster. */
export interface VerifiedService {
    name: string;
    namespace: string;
    kind: "Deployment" | "DeploymentConfig";
    /** The host under which it is reached from outside. */
    host?: string;
    tls: ServiceConfig["tls"];
    port: number;
    allow: ServiceConfig["allow"];
    deny: ServiceConfig["deny"];
    check: ServiceConfig["check"];
    /** The services of this stack that it calls, as its settings name them. */
    calls: string[];
}

/** What there is to verify: what the stack's config wants, under the names that its outputs give. */
export interface Environment {
    /** The mesh that the outputs tell of first. */
    sides: Side[];
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
    const { now, next, moved } = effective(config);
    const own = now.controlPlane.namespace;
    const { platform } = config;
    const told =
        platform === undefined && config.uniqueNames
            ? outputs.controlPlane.namespace.slice(own.length + 1) || undefined
            : undefined;
    const configs = [now, ...(next ? [next] : [])];
    const homes = configs.flatMap((c) => dialects[c.generation].homes(c).filter((home) => !home.shared));
    // What is not a member under the name that the config gives it has got the suffix.
    const owned = platform
        ? renamedBy(platform)
        : new Set([
              ...homes.map((home) => home.name),
              ...Object.keys(config.namespaces).filter((name) => !outputs.members.includes(name)),
          ]);
    const suffix = platform === undefined ? told : platform.suffix;
    const nameOf = (namespace: string): string => namespaceName(namespace, owned, suffix);
    const resolved = configs.map((c) => resolveNames(c, owned, suffix, config.appsDomain ?? ""));
    return {
        sides: resolved.map((c) => sideOf(c, moved, { nameOf, among: resolved })),
        outputs,
        services: servicesOf(resolved[0], outputs, nameOf),
        exceptions: Object.entries(config.namespaces).flatMap(([key, { existingRoutes }]) =>
            Object.keys(existingRoutes)
                .filter((route) => existingRoutes[route] === "exception")
                .map((route) => ({ namespace: nameOf(key), route })),
        ),
        gateways: Object.fromEntries(Object.entries(config.namespaces).map(([key, n]) => [nameOf(key), n.gateway])),
    };
}

interface Among {
    nameOf(key: string): string;
    among: MeshConfig[];
}

/** @param moved the keys of the namespaces that have gone over to the second of two meshes */
function sideOf(config: MeshConfig, moved: ReadonlySet<string>, { nameOf, among }: Among): Side {
    const dialect = dialects[config.generation];
    const isSecond = among.indexOf(config) === 1;
    const keys = Object.keys(config.namespaces);
    const own = keys.filter((key) => among.length === 1 || moved.has(key) === isSecond);
    const labels = dialect.memberLabels(config);
    const labelsOf = (key: string): Record<string, string> =>
        labels === undefined
            ? {}
            : { ...labels.known, ...labels.injected, ...(moved.has(key) && among.length > 1 ? labels.leaving : {}) };
    return {
        dialect,
        config,
        entry: dialect.gateway(config),
        members: own.map(nameOf),
        labels: Object.fromEntries(own.map((key) => [nameOf(key), labelsOf(key)])),
    };
}

/** The mesh that a namespace's pods belong to. */
export function sideFor({ sides }: Environment, namespace: string): Side {
    return sides.find((side) => side.members.includes(namespace)) ?? sides[0];
}

function servicesOf(config: MeshConfig, outputs: Outputs, nameOf: (key: string) => string): VerifiedService[] {
    const services = Object.entries(config.namespaces).flatMap(([key, namespace]) =>
        Object.entries(namespace.services).map(([name, service]) => ({
            name,
            namespace: nameOf(key),
            kind: service.existing ?? ("Deployment" as const),
            host: service.host === undefined ? undefined : hostOf(name, service.host, outputs),
            tls: service.tls,
            port: service.port,
            allow: service.allow,
            deny: service.deny,
            check: service.check,
            settings: settingsOf(service),
        })),
    );
    return services.map(({ settings, ...service }) => ({
        ...service,
        calls: services.filter((s) => isNamedIn(settings, s, service.namespace)).map((s) => `${s.namespace}/${s.name}`),
    }));
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
