/** Hosts by the kinds of the Gateway API (kubernetes-sigs/gateway-api, apis/v1): listeners of one Gateway, HTTPRoutes. */
import type { ServiceConfig } from "../config/schema";
import type { Gateway } from "../dialects/piece";
import { endsAtGateway, type Exposed } from "./ingress";

export const GATEWAY_API = "gateway.networking.k8s.io/v1";

/** The ports of a Gateway's listeners, and of its pods. */
export const PORTS = { plain: 80, tls: 443 } as const;

const PLAIN = "http";
const REENCRYPTED = "https";

/** A service of the mesh that may have a host, with its namespace. */
export interface Placed {
    namespace: string;
    name: string;
    service: Pick<ServiceConfig, "host" | "tls">;
}

/**
 * The listeners of the mesh's Gateway: one in plain HTTP for all hosts whose TLS does not reach it; one for each host that
 * clients reach in TLS (passthrough), by its own certificate; and one for all that the router reaches in TLS (reencrypt),
 * which says no name in its handshake (openshift/router, haproxy-config.template). HTTPRoutes say which hosts there are.
 * @param members the labels of the namespaces that may say so
 */
export function listeners(services: Placed[], members: Record<string, string>): object[] {
    const allowedRoutes = { namespaces: { from: "Selector", selector: { matchLabels: members } } };
    const inTls = services.filter(({ service }) => service.host !== undefined && endsAtGateway(service));
    const names = inTls.map(({ namespace, ...placed }) => listenerName(placed, namespace));
    return [
        { name: PLAIN, port: PORTS.plain, protocol: "HTTP", allowedRoutes },
        ...inTls
            // One certificate serves all that are encrypted again.
            .filter((_, i) => names.indexOf(names[i]) === i)
            .map(({ namespace, name, service: { host, tls } }) => ({
                name: listenerName({ name, service: { tls } }, namespace),
                port: PORTS.tls,
                protocol: "HTTPS",
                ...(tls?.mode === "passthrough" ? { hostname: host } : {}),
                tls: { mode: "Terminate", certificateRefs: [{ name: tls?.credential }] },
                allowedRoutes,
            })),
    ];
}

/** The listener for a service's host. */
function listenerName({ name, service: { tls } }: Pick<Placed, "name" | "service">, namespace: string): string {
    return tls?.mode === "passthrough" ? `https-${namespace}-${name}` : tls?.mode === "reencrypt" ? REENCRYPTED : PLAIN;
}

/** Everything that arrives for the host goes to the service, which is in the same namespace. */
export function httpRouteSpec({ name, host, port, tls }: Exposed, namespace: string, gateway: Gateway): object {
    const sectionName = listenerName({ name, service: { tls } }, namespace);
    return {
        parentRefs: [{ name: gateway.parent?.name, namespace: gateway.namespace, sectionName }],
        hostnames: [host],
        rules: [{ matches: [{ path: { type: "PathPrefix", value: "/" } }], backendRefs: [{ name, port }] }],
    };
}
