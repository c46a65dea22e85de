import type { MeshConfig } from "../config/schema";
import { resolveHost } from "../config/hosts";
import { dialects } from "../dialects";

/** Which namespaces this stack makes itself, or its platform with a suffix, by the name that the config gives them. */
export type Owned = ReadonlySet<string>;

/**
 * The config with every name as it is in the cluster: namespaces that this stack makes get the suffix, and so does a
 * control plane that is an object of the whole cluster; callers and services that are named by such a namespace follow,
 * and a bare host gets the suffix and the apps domain. A platform tells its control plane's names as they are. Pure.
 */
export function resolveNames(config: MeshConfig, owned: Owned, suffix: string | undefined, domain: string): MeshConfig {
    const rename = (name: string) => (suffix !== undefined && owned.has(name) ? `${name}-${suffix}` : name);
    const { controlPlane } = config;
    return {
        ...config,
        controlPlane: config.platform?.controlPlane ?? {
            ...controlPlane,
            name: suffix !== undefined && isOfCluster(config) ? `${controlPlane.name}-${suffix}` : controlPlane.name,
            namespace: rename(controlPlane.namespace),
            ...(controlPlane.gateways.ingress.namespace === undefined && suffix === undefined
                ? {}
                : { gateways: renameGateway(config, rename) }),
        },
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

/** Whether the control plane is in no namespace. */
function isOfCluster(config: MeshConfig): boolean {
    return dialects[config.generation].controlPlane(config)[0].metadata.namespace === undefined;
}

/** A gateway in a namespace of its own follows that namespace's name. */
function renameGateway(config: MeshConfig, rename: (name: string) => string): MeshConfig["controlPlane"]["gateways"] {
    const home = dialects[config.generation].homes(config).find(({ purpose }) => purpose === "gateway");
    const { gateways } = config.controlPlane;
    return home === undefined
        ? gateways
        : { ...gateways, ingress: { ...gateways.ingress, namespace: rename(home.name) } };
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
        allow: service.allow === "anyone" ? "anyone" : service.allow.map((rule) => renameRule(rule, rename)),
        deny: service.deny.map((rule) => renameRule(rule, rename)),
    };
}

function renameRule(rule: Service["deny"][number], rename: (name: string) => string): Service["deny"][number] {
    return {
        ...rule,
        ...(rule.namespaces ? { namespaces: rule.namespaces.map(rename) } : {}),
        ...(rule.services ? { services: rule.services.map((s) => renameService(s, rename)) } : {}),
    };
}

function renameService(service: string, rename: (name: string) => string): string {
    const [namespace, name] = service.split("/");
    return name === undefined ? service : `${rename(namespace)}/${name}`;
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
    return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
