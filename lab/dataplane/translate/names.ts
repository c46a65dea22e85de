import type { MeshService, ServicePort } from "./services";

/** Names of clusters are Istio's, so that whoever knows its proxies can read these. */

export function outboundCluster(host: string, port: number): string {
    return `outbound|${port}||${host}`;
}

export function inboundCluster(port: number): string {
    return `inbound|${port}||`;
}

/** The ports of a service that proxies can call. */
export function httpPorts(service: MeshService): ServicePort[] {
    return service.ports.filter(({ protocol }) => protocol !== "other");
}
