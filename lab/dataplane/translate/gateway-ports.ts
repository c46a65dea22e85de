import { type Credential, credentialOf } from "./credentials";
import { gatewayRoutes, type GatewayServer } from "./gateway-routes";
import { means } from "./kinds/gateway";
import type { Mesh } from "./mesh";
import { selectsService, targetOf } from "./services";
import type { Workload } from "./view";

/** A port at which a gateway's pod listens: what the service before it sends there. */
export interface GatewayPort {
    target: number;
    /** In plain text one for all; with TLS one for each server, which the client's SNI chooses. */
    chains: GatewayChain[];
}

export interface GatewayChain {
    /** The name of its routes. */
    name: string;
    routes: object;
    /** The names that a client must ask for; none means any, also no name at all. */
    tls?: Credential & { names: string[] };
}

/** All Gateways that select the workload, taken together; the oldest first. */
export function gatewayPorts(mesh: Mesh, self: Workload): GatewayPort[] {
    const servers = mesh.gateways
        .filter((gateway) => means(gateway, self))
        .flatMap((gateway) => gateway.servers.map((server): GatewayServer => ({ gateway, server })));
    const byTarget = new Map<number, GatewayServer[]>();
    for (const each of [...servers].sort((a, b) => a.server.port - b.server.port)) {
        const target = targetPort(mesh, self, each.server.port);
        byTarget.set(target, [...(byTarget.get(target) ?? []), each]);
    }
    return [...byTarget].flatMap(([target, here]) => {
        // The oldest server of the lowest port says whether TLS is spoken here.
        const secure = here[0].server.credential !== undefined;
        const chains = secure ? tlsChains(mesh, self, here) : [plainChain(mesh, self, here)];
        return chains.length === 0 ? [] : [{ target, chains }];
    });
}

function targetPort(mesh: Mesh, self: Workload, number: number): number {
    const targets = mesh.services
        .filter((service) => selectsService(service, self))
        .flatMap(({ ports }) => ports.filter((port) => port.number === number))
        .flatMap((port) => targetOf(port, self) ?? []);
    return targets[0] ?? number;
}

/** Named by the port that the Gateways name, the lowest one if several end up here. */
function plainChain(mesh: Mesh, self: Workload, here: GatewayServer[]): GatewayChain {
    const plain = here.filter(({ server }) => server.credential === undefined);
    const name = `http.${plain[0].server.port}`;
    return { name, routes: gatewayRoutes(mesh, self, name, plain) };
}

/**
 * A server takes in the connections that ask for its hosts (pilot/pkg/networking/core/gateway.go): one that asks for
 * nothing, as an OpenShift router's to a reencrypt Route does, finds only a server for "*".
 */
function tlsChains(mesh: Mesh, self: Workload, here: GatewayServer[]): GatewayChain[] {
    const taken = new Set<string>();
    return here.flatMap(({ gateway, server }) => {
        if (server.credential === undefined) {
            return [];
        }
        const credential = credentialOf(mesh.secrets, self.namespace, server.credential);
        // Envoy refuses two chains for the same name: the older one keeps it.
        const names = [...new Set(server.hosts.map(({ host }) => host))].filter((host) => !taken.has(host));
        if ("why" in credential || names.length === 0) {
            return [];
        }
        names.forEach((name) => taken.add(name));
        const name = `https.${server.port}.${gateway.namespace}.${gateway.name}.${server.index}`;
        const tls = { ...credential, names: names.includes("*") ? [] : names };
        return [{ name, routes: gatewayRoutes(mesh, self, name, [{ gateway, server }]), tls }];
    });
}
