/** Hosts: from what the configuration says to what the router is asked for. */
import { distance } from "fastest-levenshtein";
import { keyOf, type Problem } from "./problems";
import type { MeshConfig, ServiceConfig } from "./schema";

/**
 * The full host for a host as configured: a bare label goes under the domain, with the stack's suffix if it has one
 * ("cart", "apps.example.com", "x7k2p" -> "cart-x7k2p.apps.example.com"); a full host stays as it is.
 */
export function resolveHost(host: string, domain: string, suffix?: string): string {
    if (host.includes(".")) {
        return host;
    }
    return suffix === undefined ? `${host}.${domain}` : `${host}-${suffix}.${domain}`;
}

/** A service of the configuration with where it stands. */
export interface PlacedService {
    namespace: string;
    name: string;
    service: ServiceConfig;
    path: string[];
}

/** Every service of the stack. */
export function servicesOf(config: MeshConfig): PlacedService[] {
    return Object.entries(config.namespaces).flatMap(([namespace, { services }]) =>
        Object.entries(services).map(([name, service]) => ({
            namespace,
            name,
            service,
            path: ["namespaces", namespace, "services", name],
        })),
    );
}

/** A host of the configuration with where it stands. */
export interface PlacedHost {
    key: string;
    namespace: string;
    service: string;
    /** As configured. */
    given: string;
    /** The full host; absent while the domain, or the suffix of a bare label, is not known. */
    host?: string;
}

/** Every host of the stack, in full as far as that is known. */
export function hostsOf(config: MeshConfig, domain: string | undefined, suffix?: string): PlacedHost[] {
    return servicesOf(config).flatMap(({ namespace, name, service, path }) => {
        const given = service.host;
        if (given === undefined) {
            return [];
        }
        const known = given.includes(".") || (domain !== undefined && (!config.uniqueNames || suffix !== undefined));
        const host = known ? { host: resolveHost(given, domain ?? "", config.uniqueNames ? suffix : undefined) } : {};
        return [{ key: keyOf([...path, "host"]), namespace, service: name, given, ...host }];
    });
}

/** Hosts that are not under the domain that the router answers for. `whose` names the domain in the message. */
export function strayHosts(hosts: readonly PlacedHost[], domain: string, whose: string): Problem[] {
    return hosts
        .filter(({ host }) => host !== undefined && !host.endsWith(`.${domain}`))
        .map(({ key, given }) => {
            const problem: Problem = {
                key,
                found: given,
                allowed: `a host under ${whose} ${domain}`,
                text: `${given} is not under ${whose} ${domain}`,
            };
            const meant = underDomain(given, domain);
            return meant === undefined ? problem : { ...problem, hint: `did you mean ${meant}?` };
        });
}

/** The host with its last part put right, if that is near enough to the domain to be a slip. */
function underDomain(host: string, domain: string): string | undefined {
    const labels = host.split(".");
    const split = labels.length - domain.split(".").length;
    const tail = labels.slice(split).join(".");
    return split > 0 && distance(tail, domain) <= 3 ? `${labels.slice(0, split).join(".")}.${domain}` : undefined;
}

/** Hosts that two services share; the first one keeps it. */
export function sharedHosts(hosts: readonly PlacedHost[]): Problem[] {
    const owners = new Map<string, PlacedHost>();
    return hosts.flatMap((placed) => {
        const host = placed.host ?? placed.given;
        const owner = owners.get(host);
        if (owner === undefined) {
            owners.set(host, placed);
            return [];
        }
        const taken = `${owner.namespace}/${owner.service}`;
        const allowed = `a host that no other service has; ${taken} has this one`;
        return [{ key: placed.key, found: placed.given, allowed, text: `${host} is already the host of ${taken}` }];
    });
}
