import { localPort } from "../addresses";
import type { GatewayChain, GatewayPort } from "./gateway-ports";
import type { Mesh } from "./mesh";
import { inboundMode, publicSocket, serverSocket } from "./mtls";
import { inboundCluster } from "./names";
import { ACCESS_FILTERS } from "./rbac";
import { inboundPorts } from "./services";
import { OUTBOUND_PORT, type ProxyFiles, type Workload } from "./view";

const EXTENSIONS = "type.googleapis.com/envoy.extensions.filters";

/** The names of files that hold routes and filters, below the proxy's folder. */
export function fileOf(kind: "routes" | "filter", name: string, folder: string): string {
    return `${folder}/${kind}-${name}.json`;
}

/** Where others reach the workload: each port with or without mTLS, or both, and the program's answer behind it. */
export function inboundListeners(mesh: Mesh, self: Workload, files: ProxyFiles): object[] {
    return inboundPorts(self, mesh.services).map(({ port }) => {
        const mode = inboundMode(mesh, self, port);
        const filters = [
            connectionManager(`inbound_${port}`, {
                route_config: {
                    name: inboundCluster(port),
                    virtual_hosts: [{ name: "inbound", domains: ["*"], routes: [toProgram(port)] }],
                },
                http_filters: [...accessFilters(files), ROUTER],
                // As Istio: the program is told whose certificate it was, and who spoke for whom before.
                forward_client_cert_details: "APPEND_FORWARD",
                set_current_client_cert_details: { subject: true, dns: true, uri: true },
            }),
        ];
        const tls = {
            name: "mtls",
            filter_chain_match: { transport_protocol: "tls" },
            filters,
            transport_socket: serverSocket(files),
        };
        const plain = { name: "plain", filter_chain_match: { transport_protocol: "raw_buffer" }, filters };
        // What fits no chain is closed: that is how STRICT resets plain text. The inspector stays in every mode, so
        // that a change of mode only changes chains, which Envoy does without closing the port.
        const chains = { STRICT: [tls], PERMISSIVE: [tls, plain], DISABLE: [plain] }[mode];
        return listener(`inbound|${port}`, self, port, "INBOUND", {
            listener_filters: [TLS_INSPECTOR],
            filter_chains: chains,
        });
    });
}

/** Where the calls of the workload's own program arrive. Only it can reach them, so nobody is asked who they are. */
export function outboundListener(self: Workload, files: ProxyFiles): object {
    const manager = connectionManager("outbound", {
        rds: routesFrom("outbound", files),
        http_filters: [ROUTER],
    });
    return listener("outbound", self, OUTBOUND_PORT, "OUTBOUND", { filter_chains: [{ filters: [manager] }] });
}

/** The ports of the Gateways that select this one. */
export function gatewayListeners(ports: GatewayPort[], self: Workload, files: ProxyFiles): object[] {
    return ports.map(({ chains, target }) =>
        listener(`gateway|${target}`, self, target, "OUTBOUND", {
            ...(chains.some(({ tls }) => tls !== undefined) ? { listener_filters: [TLS_INSPECTOR] } : {}),
            filter_chains: chains.map((chain) => gatewayChain(chain, target, files)),
        }),
    );
}

function gatewayChain({ name, tls }: GatewayChain, target: number, files: ProxyFiles): object {
    const manager = connectionManager(`gateway_${target}`, {
        rds: routesFrom(name, files),
        http_filters: [...accessFilters(files), ROUTER],
        use_remote_address: true,
        forward_client_cert_details: "SANITIZE_SET",
    });
    if (tls === undefined) {
        return { filters: [manager] };
    }
    return {
        name,
        filter_chain_match: {
            transport_protocol: "tls",
            ...(tls.names.length === 0 ? {} : { server_names: tls.names }),
        },
        filters: [manager],
        transport_socket: publicSocket(tls),
    };
}

function listener(name: string, self: Workload, port: number, direction: string, more: object): object {
    return {
        name,
        address: { socket_address: { address: self.address, port_value: localPort(self, port) } },
        traffic_direction: direction,
        ...more,
    };
}

function connectionManager(statPrefix: string, more: object): object {
    return {
        name: "envoy.filters.network.http_connection_manager",
        typed_config: {
            "@type": `${EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager`,
            stat_prefix: statPrefix,
            server_name: "istio-envoy",
            // Policies and programs must see the same path.
            normalize_path: true,
            upgrade_configs: [{ upgrade_type: "websocket" }],
            ...more,
        },
    };
}

function toProgram(port: number): object {
    return { match: { prefix: "/" }, route: { cluster: inboundCluster(port), timeout: "0s" } };
}

/** Filters in files of their own. Until one is there, Envoy does not open the port. */
function accessFilters(files: ProxyFiles): object[] {
    return ACCESS_FILTERS.map((name) => ({
        name,
        config_discovery: {
            config_source: fromFile(fileOf("filter", name, files.folder)),
            type_urls: [`${EXTENSIONS}.http.rbac.v3.RBAC`],
        },
    }));
}

function routesFrom(name: string, files: ProxyFiles): object {
    return { route_config_name: name, config_source: fromFile(fileOf("routes", name, files.folder)) };
}

function fromFile(path: string): object {
    return { resource_api_version: "V3", path_config_source: { path } };
}

const ROUTER = {
    name: "envoy.filters.http.router",
    typed_config: { "@type": `${EXTENSIONS}.http.router.v3.Router` },
};

const TLS_INSPECTOR = {
    name: "envoy.filters.listener.tls_inspector",
    typed_config: { "@type": `${EXTENSIONS}.listener.tls_inspector.v3.TlsInspector` },
};
