import type { MeshConfig } from "../config/schema";
import { resolveHost } from "../config/hosts";

/** Which namespaces this stack makes itself, by the name that the config gives them. */
export type Owned = ReadonlySet<string>;

/**
 * The config with every name as it is in the cluster: namespaces that this stack makes get the suffix, callers and
 * services that are named by such a namespace follow, and a bare host gets the suffix and the apps domain. Pure.
 */
export function resolveNames(config: MeshConfig, owned: Owned, suffix: string | undefined, domain: string): MeshConfig {
    const rename = (name: string) => (suffix !== undefined && owned.has(name) ? `${name}-${suffix}` : name);
    return {
        ...config,
        controlPlane: { ...config.controlPlane, namespace: rename(config.controlPlane.namespace) },
        namespaces: Object.fromEntries(
            Object.entries(config.namespaces).map(([name, namespace]) => [
                name,
                {
                    ...namespace,
                    services: mapValues(namespace.services, (s) => resolveService(s, rename, suffix, domain)),
                },
            ]),
        ),
    };
}

/** The name in the cluster of a namespace of the config. */
export function namespaceName(name: string, owned: Owned, suffix: string | undefined): string {
    return suffix !== undefined && owned.has(name) ? `${name}-${suffix}` : name;
}

type Service = MeshConfig["namespaces"][string]["services"][string];

function resolveService(
    service: Service,
    rename: (name: string) => string,
    suffix: string | undefined,
    domain: string,
): Service {
    return {
        ...service,
        host: service.host === undefined ? undefined : resolveHost(service.host, domain, suffix),
        allow:
            service.allow === "anyone"
                ? "anyone"
                : service.allow.map((caller) => ({
                      ...caller,
                      ...(caller.namespaces ? { namespaces: caller.namespaces.map(rename) } : {}),
                      ...(caller.services ? { services: caller.services.map((s) => renameService(s, rename)) } : {}),
                  })),
    };
}

function renameService(service: string, rename: (name: string) => string): string {
    const [namespace, name] = service.split("/");
    return name === undefined ? service : `${rename(namespace)}/${name}`;
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
    return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
