import type { ServiceConfig } from "../config/schema";

/** A service that is reached from outside. */
export interface Exposed {
    name: string;
    host: string;
    port: number;
    tls?: ServiceConfig["tls"];
}

/** Whether TLS from outside goes on to the gateway, which then has a certificate for the host. */
export function endsAtGateway({ tls }: Pick<Exposed, "tls">): boolean {
    return tls?.mode === "reencrypt" || tls?.mode === "passthrough";
}

/**
 * The servers of a Gateway: one in plain HTTP for all hosts of the namespace whose TLS does not reach it; one for each host
 * that clients reach in TLS (passthrough), by its own certificate; and one for those that the router reaches in TLS
 * (reencrypt): that says no name in its handshake (openshift/router, haproxy-config.template), so that it takes all.
 * @param selector the labels of the gateway's pods
 * @param byMesh whether Routes are made from the Gateway: IOR then takes its word for what becomes of plain HTTP
 * (maistra/istio, branch maistra-2.5, pilot/pkg/config/kube/ior/route.go)
 */
export function gatewaySpec(services: Exposed[], selector: Record<string, string>, byMesh = false): object {
    const plain = services.filter((service) => !endsAtGateway(service));
    const passed = services.filter(({ tls }) => tls?.mode === "passthrough");
    const reencrypted = services.find(({ tls }) => tls?.mode === "reencrypt");
    const http = { port: { number: 80, name: "http", protocol: "HTTP" }, hosts: plain.map(({ host }) => host) };
    return {
        selector,
        servers: [
            ...(plain.length === 0 ? [] : [http]),
            ...passed.map(({ name, host, tls }) =>
                tlsServer(`https-${name}`, host, tls, byMesh && tls?.insecure === "redirect"),
            ),
            ...(reencrypted === undefined ? [] : [tlsServer("https", "*", reencrypted.tls)]),
        ],
    };
}

function tlsServer(name: string, host: string, tls: Exposed["tls"], redirect = false): object {
    return {
        port: { number: 443, name, protocol: "HTTPS" },
        hosts: [host],
        tls: { mode: "SIMPLE", credentialName: tls?.credential, ...(redirect ? { httpsRedirect: true } : {}) },
    };
}

/** Everything that arrives for the host goes to the service, named in full so that no search domain decides. */
export function virtualServiceSpec(service: Exposed, namespace: string, gateway: string): object {
    return {
        hosts: [service.host],
        gateways: [gateway],
        http: [
            {
                match: [{ uri: { prefix: "/" } }],
                route: [
                    { destination: { host: internalHost(service.name, namespace), port: { number: service.port } } },
                ],
            },
        ],
    };
}

/** The name by which a service is known inside the cluster. */
export function internalHost(service: string, namespace: string): string {
    return `${service}.${namespace}.svc.cluster.local`;
}
