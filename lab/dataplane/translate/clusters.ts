import { localPort } from "../addresses";
import { mayConnect } from "../network-policy";
import type { Mesh } from "./mesh";
import { acceptsMtls, clientSocket, outboundTls, PLAIN_SOCKET } from "./mtls";
import { httpPorts, inboundCluster, outboundCluster } from "./names";
import { type Endpoint, endpoints, inboundPorts, type MeshService, type ServicePort } from "./services";
import type { ProxyFiles, Workload } from "./view";

const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** The most that Envoy can count: like Istio, the lab limits nothing unless told to. */
const NO_LIMIT = 4_294_967_295;

/** Many HTTP servers close a connection that was idle for 5 s (Node's default): the proxy lets go of it first. */
const APP_IDLE = "3s";

/** One cluster for every port of every service of the mesh, as any proxy may be asked to call it. */
export function outboundClusters(mesh: Mesh, self: Workload, files: ProxyFiles): object[] {
    return mesh.services.flatMap((service) =>
        httpPorts(service).map((port) => {
            const found = endpoints(service, port, mesh.workloads);
            return {
                ...cluster(outboundCluster(service.host, port.number), port.protocol === "http2", {}),
                ...sockets(mesh, self, service, port, found, files),
                load_assignment: assignment(
                    outboundCluster(service.host, port.number),
                    found.map((endpoint) => (isOpen(mesh, self, endpoint) ? endpoint : closed(self, endpoint))),
                    (endpoint) => ({ ...(acceptsMtls(mesh, endpoint) ? { metadata: MTLS_ENDPOINT } : {}) }),
                ),
            };
        }),
    );
}

/** The program behind a sidecar. */
export function inboundClusters(mesh: Mesh, self: Workload): object[] {
    return inboundPorts(self, mesh.services).map(({ port, http2 }) => ({
        ...cluster(inboundCluster(port), http2, { idle_timeout: APP_IDLE }),
        load_assignment: assignment(inboundCluster(port), [{ address: self.appAddress, port, workload: self }]),
    }));
}

function isOpen({ network }: Mesh, { namespace, labels }: Workload, { workload, port }: Endpoint): boolean {
    const from = { namespace, namespaceLabels: network.namespaceLabels[namespace] ?? {}, podLabels: labels };
    return mayConnect(from, workload, port, network.policies);
}

/**
 * A pod that NetworkPolicies close to this one. On a cluster nobody answers, and Envoy gives up after its connect
 * timeout; here it is refused at once, at a port where nobody listens. Both are a 503.
 */
function closed({ appAddress }: Workload, endpoint: Endpoint): Endpoint {
    return { ...endpoint, address: appAddress, port: NOBODY };
}

const NOBODY = 1;

/** By the name that Istio gives it, so that config dumps look alike. */
const MTLS_ENDPOINT = { filter_metadata: { "envoy.transport_socket_match": { tlsMode: "istio" } } };

function sockets(
    mesh: Mesh,
    self: Workload,
    service: MeshService,
    port: ServicePort,
    found: Endpoint[],
    files: ProxyFiles,
): object {
    const mode = outboundTls(mesh, self, service, port.number);
    if (mode === "DISABLE") {
        return {};
    }
    const mtls = clientSocket(
        files,
        service,
        port.number,
        found.map(({ workload }) => workload),
    );
    if (mode === "ISTIO_MUTUAL") {
        return { transport_socket: mtls };
    }
    return {
        transport_socket_matches: [
            { name: "mtls", match: { tlsMode: "istio" }, transport_socket: mtls },
            { name: "plain", match: {}, transport_socket: PLAIN_SOCKET },
        ],
    };
}

function cluster(name: string, http2: boolean, common: object): object {
    return {
        name,
        type: "STATIC",
        connect_timeout: "10s",
        circuit_breakers: {
            thresholds: [
                {
                    max_connections: NO_LIMIT,
                    max_pending_requests: NO_LIMIT,
                    max_requests: NO_LIMIT,
                    max_retries: NO_LIMIT,
                },
            ],
        },
        typed_extension_protocol_options: {
            [HTTP_OPTIONS]: {
                "@type": `type.googleapis.com/${HTTP_OPTIONS}`,
                common_http_protocol_options: common,
                explicit_http_config: http2 ? { http2_protocol_options: {} } : { http_protocol_options: {} },
            },
        },
    };
}

function assignment(name: string, found: Endpoint[], more: (endpoint: Endpoint) => object = () => ({})): object {
    const lbEndpoints = found.map((each) => ({
        endpoint: {
            address: { socket_address: { address: each.address, port_value: localPort(each.workload, each.port) } },
        },
        ...more(each),
    }));
    return { cluster_name: name, endpoints: lbEndpoints.length === 0 ? [] : [{ lb_endpoints: lbEndpoints }] };
}
