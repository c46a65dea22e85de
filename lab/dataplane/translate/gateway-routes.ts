import { intersection } from "./hosts";
import type { Gateway } from "./kinds/gateway";
import type { VirtualService } from "./kinds/virtual-service";
import type { Mesh } from "./mesh";
import { type Route, routesOf, takesEverything } from "./routes";
import { hasLabels } from "./scope";
import { selectsService, targetOf } from "./services";
import type { Workload } from "./view";

/** A port at which a gateway's pod listens: what the service before it sends there. */
export interface GatewayPort {
    target: number;
    /** The name of the routes: by the port that the Gateways name, the lowest one if several end up here. */
    name: string;
    routes: object;
}

/** All Gateways that select the workload, taken together. */
export function gatewayPorts(mesh: Mesh, self: Workload): GatewayPort[] {
    const gateways = mesh.gateways.filter(({ selector }) => hasLabels(self, selector));
    const numbers = new Set(gateways.flatMap(({ servers }) => servers.map(({ port }) => port)));
    const byTarget = new Map<number, number[]>();
    for (const number of [...numbers].sort((a, b) => a - b)) {
        const target = targetPort(mesh, self, number);
        byTarget.set(target, [...(byTarget.get(target) ?? []), number]);
    }
    return [...byTarget].map(([target, here]) => ({
        target,
        name: `http.${here[0]}`,
        routes: gatewayRoutes(mesh, self, gateways, here),
    }));
}

function targetPort(mesh: Mesh, self: Workload, number: number): number {
    const targets = mesh.services
        .filter((service) => selectsService(service, self))
        .flatMap(({ ports }) => ports.filter((port) => port.number === number))
        .flatMap((port) => targetOf(port, self) ?? []);
    return targets[0] ?? number;
}

/** One virtual host a host. A host without a VirtualService is answered with 404, like one that no Gateway names. */
function gatewayRoutes(mesh: Mesh, self: Workload, gateways: Gateway[], ports: number[]): object {
    const hosts = new Map<string, Route[]>();
    const [number] = ports;
    const { services, retriesOn503 } = mesh;
    const context = { port: number, services, retriesOn503 };
    for (const gateway of gateways) {
        const key = `${gateway.namespace}/${gateway.name}`;
        const wanted = gateway.servers.filter(({ port }) => ports.includes(port)).flatMap((server) => server.hosts);
        for (const virtualService of mesh.virtualServices.filter((each) => isBound(each, key, self))) {
            const routes = routesOf(virtualService, { ...context, gateways: [key] });
            for (const host of claimed(virtualService, wanted)) {
                hosts.set(host, [...(hosts.get(host) ?? []), ...routes]);
            }
        }
    }
    return {
        name: `http.${number}`,
        // "host" and "host:port" are the same host here.
        ignore_port_in_host_matching: true,
        virtual_hosts: [...hosts].map(([host, routes]) => ({
            name: `${host}:${number}`,
            domains: [host],
            routes: lastThoseThatTakeEverything(routes),
        })),
    };
}

function isBound({ gateways, exportTo, namespace }: VirtualService, gateway: string, self: Workload): boolean {
    const visible = exportTo.length === 0 || exportTo.includes("*") || namespace === self.namespace;
    return visible && gateways.includes(gateway);
}

/** The hosts that the servers take in and the VirtualService is for. */
function claimed(virtualService: VirtualService, wanted: Gateway["servers"][number]["hosts"]): Set<string> {
    const mine = wanted.filter(({ namespace }) => namespace === "*" || namespace === virtualService.namespace);
    return new Set(
        mine.flatMap((server) => virtualService.hosts.flatMap((host) => intersection(server.host, host) ?? [])),
    );
}

/** Of several VirtualServices for one host the older one's routes come first; but none hides another's wholly. */
function lastThoseThatTakeEverything(routes: Route[]): Route[] {
    return [...routes.filter((route) => !takesEverything(route)), ...routes.filter(takesEverything)];
}
