import { intersection } from "./hosts";
import type { Gateway, Server } from "./kinds/gateway";
import type { VirtualService } from "./kinds/virtual-service";
import type { Mesh } from "./mesh";
import { type Route, routesOf, takesEverything } from "./routes";
import type { Workload } from "./view";

/** A server with the Gateway that it is of. */
export interface GatewayServer {
    gateway: Gateway;
    server: Server;
}

interface Host {
    routes: Route[];
    /** Whether plain text is sent to where TLS is spoken. */
    onlyTls?: boolean;
}

/**
 * What is behind these servers, one virtual host a host. A host without a VirtualService is answered with 404, like one
 * that no Gateway names.
 */
export function gatewayRoutes(mesh: Mesh, self: Workload, name: string, servers: GatewayServer[]): object {
    const hosts = new Map<string, Host>();
    const { services, retriesOn503 } = mesh;
    const port = servers[0].server.port;
    for (const [gateway, mine] of grouped(servers)) {
        const key = `${gateway.namespace}/${gateway.name}`;
        const wanted = mine.flatMap((server) => server.hosts);
        for (const virtualService of mesh.virtualServices.filter((each) => isBound(each, key, self))) {
            const routes = routesOf(virtualService, { port, services, retriesOn503, gateways: [key] });
            for (const host of claimed(virtualService, wanted)) {
                hosts.set(host, { routes: [...(hosts.get(host)?.routes ?? []), ...routes] });
            }
        }
    }
    for (const { host } of servers.flatMap(({ server }) => (server.httpsRedirect ? server.hosts : []))) {
        hosts.set(host, { routes: hosts.get(host)?.routes ?? [], onlyTls: true });
    }
    return {
        name,
        // "host" and "host:port" are the same host here.
        ignore_port_in_host_matching: true,
        virtual_hosts: [...hosts].map(([host, { routes, onlyTls }]) => ({
            name: `${host}:${port}`,
            domains: [host],
            routes: lastThoseThatTakeEverything(routes),
            ...(onlyTls ? { require_tls: "ALL" } : {}),
        })),
    };
}

function grouped(servers: GatewayServer[]): Map<Gateway, Server[]> {
    const byGateway = new Map<Gateway, Server[]>();
    servers.forEach(({ gateway, server }) => byGateway.set(gateway, [...(byGateway.get(gateway) ?? []), server]));
    return byGateway;
}

function isBound({ gateways, exportTo, namespace }: VirtualService, gateway: string, self: Workload): boolean {
    const visible = exportTo.length === 0 || exportTo.includes("*") || namespace === self.namespace;
    return visible && gateways.includes(gateway);
}

/** The hosts that the servers take in and the VirtualService is for. */
function claimed(virtualService: VirtualService, wanted: Server["hosts"]): Set<string> {
    const mine = wanted.filter(({ namespace }) => namespace === "*" || namespace === virtualService.namespace);
    return new Set(
        mine.flatMap((server) => virtualService.hosts.flatMap((host) => intersection(server.host, host) ?? [])),
    );
}

/** Of several VirtualServices for one host the older one's routes come first; but none hides another's wholly. */
function lastThoseThatTakeEverything(routes: Route[]): Route[] {
    return [...routes.filter((route) => !takesEverything(route)), ...routes.filter(takesEverything)];
}
