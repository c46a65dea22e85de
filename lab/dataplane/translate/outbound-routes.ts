import { bySpecificity, covers, isVisible } from "./hosts";
import { MESH, type VirtualService } from "./kinds/virtual-service";
import type { Mesh } from "./mesh";
import { httpPorts } from "./names";
import { defaultRoute, type Route, routesOf } from "./routes";
import type { MeshService } from "./services";
import type { Workload } from "./view";

/** The port that a URL without one means. */
const DEFAULT_PORT = 80;

interface VirtualHost {
    name: string;
    domains: string[];
    routes: Route[];
}

/**
 * The routes of a sidecar for the calls of its own pod. Which port was called is known from the Host header only: Istio
 * knows it from the connection, which is not kept here. A host that is not of the mesh is answered with 404.
 */
export function outboundRoutes(mesh: Mesh, self: Workload): object {
    const mine = mesh.virtualServices.filter(
        (each) => each.gateways.includes(MESH) && isVisible(each.exportTo, each.namespace, self.namespace),
    );
    const taken = new Set<string>();
    const hosts = [
        ...mesh.services.flatMap((service) => serviceHosts(mesh, self, service, mine)),
        ...mine.flatMap((virtualService) => otherHosts(mesh, virtualService)),
    ].flatMap((host) => {
        // Envoy refuses a configuration in which two hosts have a domain in common: the first one keeps it.
        const domains = host.domains.filter((domain) => !taken.has(domain));
        domains.forEach((domain) => taken.add(domain));
        return domains.length === 0 ? [] : [{ ...host, domains }];
    });
    return { name: "outbound", virtual_hosts: hosts };
}

function serviceHosts(mesh: Mesh, self: Workload, service: MeshService, all: VirtualService[]): VirtualHost[] {
    const virtualService = mostSpecific(all, service.host);
    const ports = httpPorts(service);
    const plain = ports.find(({ number }) => number === DEFAULT_PORT) ?? (ports.length === 1 ? ports[0] : undefined);
    return ports.map((port) => {
        const context = {
            services: mesh.services,
            retriesOn503: mesh.retriesOn503,
            gateways: [MESH],
            port: port.number,
        };
        const routes = virtualService === undefined ? [] : routesOf(virtualService, context);
        const names = namesOf(service, self);
        return {
            name: `${service.host}:${port.number}`,
            domains: [...names.map((name) => `${name}:${port.number}`), ...(port === plain ? names : [])],
            // Its routes may all be for gateways.
            routes: routes.length === 0 ? [defaultRoute(service, context)] : routes,
        };
    });
}

/** Of several VirtualServices for a host the most specific one holds, then the oldest one; they are not merged. */
function mostSpecific(all: VirtualService[], host: string): VirtualService | undefined {
    const found = all.flatMap((virtualService) =>
        virtualService.hosts.filter((each) => covers(each, host)).map((each) => ({ virtualService, host: each })),
    );
    return found.sort((a, b) => bySpecificity(a.host, b.host))[0]?.virtualService;
}

/** The names by which DNS knows a service from within a namespace. */
function namesOf({ host, name, namespace, clusterIP }: MeshService, self: Workload): string[] {
    return [
        host,
        `${name}.${namespace}.svc`,
        `${name}.${namespace}`,
        ...(namespace === self.namespace ? [name] : []),
        ...(clusterIP === undefined ? [] : [clusterIP.includes(":") ? `[${clusterIP}]` : clusterIP]),
    ];
}

/** Hosts that are no services, but have routes of their own. */
function otherHosts(mesh: Mesh, virtualService: VirtualService): VirtualHost[] {
    const context = { services: mesh.services, retriesOn503: mesh.retriesOn503, gateways: [MESH], port: DEFAULT_PORT };
    return virtualService.hosts
        .filter((host) => !mesh.services.some((service) => covers(host, service.host)))
        .map((host) => ({
            name: `${host}:${DEFAULT_PORT}`,
            // A wildcard can only stand at the front of a domain, "*" not even before a port.
            domains: host === "*" ? [host] : [host, `${host}:${DEFAULT_PORT}`],
            routes: routesOf(virtualService, context),
        }));
}
