import type { Credential } from "./credentials";
import { covers, bySpecificity, isVisible } from "./hosts";
import type { InboundMode, PeerRule } from "./kinds/authentication";
import type { ClientTls, DestinationRule } from "./kinds/destination-rule";
import { identity } from "./match";
import type { Mesh } from "./mesh";
import { inScope, type Scope } from "./scope";
import { type Endpoint, type MeshService, selectsService, targetOf } from "./services";
import type { ProxyFiles, Workload } from "./view";

/** From the narrowest to the widest: the first of them that says something decides. */
const LEVELS: Scope["of"][] = ["workloads", "services", "namespace", "mesh"];

/** What Istio does where nobody says anything, from 1.5 on; 1.1's operator always says something. */
const DEFAULT_MODE: InboundMode = "PERMISSIVE";

/** What a workload accepts at one of its ports. Gateways take in what comes from outside: plain text. */
export function inboundMode(mesh: Mesh, workload: Workload, port: number): InboundMode {
    if (workload.gateway) {
        return "DISABLE";
    }
    const rules = mesh.peerRules.filter(({ scope }) => inScope(scope, workload, mesh.services));
    const modes = LEVELS.flatMap((level) => {
        const here = rules.filter(({ scope }) => scope.of === level);
        // Of several for the same the oldest one holds; 1.1's are each for services, and ports, of their own.
        return level === "services" ? here : here.slice(0, 1);
    }).flatMap((rule) => modeAt(rule, workload, port, mesh.services) ?? []);
    return modes[0] ?? DEFAULT_MODE;
}

function modeAt(rule: PeerRule, workload: Workload, port: number, services: MeshService[]): InboundMode | undefined {
    const { targets, mode, ports } = rule;
    const applies = targets === undefined || targets.some((target) => isTarget(rule, target, workload, port, services));
    return applies ? (ports[port] ?? mode) : undefined;
}

/** A target of 1.1 is a service, and maybe some of *its* ports. */
function isTarget(
    { object }: PeerRule,
    target: { name: string; ports: (number | string)[] },
    workload: Workload,
    port: number,
    services: MeshService[],
): boolean {
    return services
        .filter((each) => each.namespace === object.metadata.namespace && each.name === target.name)
        .filter((each) => selectsService(each, workload))
        .flatMap((each) => each.ports)
        .filter((each) => target.ports.length === 0 || target.ports.some((p) => p === each.number || p === each.name))
        .some((each) => targetOf(each, workload) === port);
}

/**
 * How a client speaks to a port of a service: by the most specific rule of its own namespace, else of the service's, else of the
 * root namespace (istio/istio, pilot/pkg/model/push_context.go, destinationRule). "AUTO": as each endpoint wants it.
 */
export function outboundTls(mesh: Mesh, client: Workload, service: MeshService, port: number): ClientTls | "AUTO" {
    const { root } = mesh;
    // Rules of the root namespace are for everybody, so that a gateway there looks at the service's namespace first.
    const order = [...(client.namespace === root ? [] : [client.namespace]), service.namespace, root];
    for (const namespace of order) {
        const rule = mesh.destinationRules
            .filter((each) => each.namespace === namespace && covers(each.host, service.host))
            .filter((each) => isVisible(each.exportTo, namespace, client.namespace))
            .sort((a, b) => bySpecificRule(a, b, port))[0];
        if (rule !== undefined) {
            return tlsAt(rule, port) ?? whereNobodySays(mesh);
        }
    }
    return whereNobodySays(mesh);
}

function whereNobodySays({ autoMtls }: Mesh): "AUTO" | "DISABLE" {
    return autoMtls ? "AUTO" : "DISABLE";
}

/** Of two rules for the same host the one that says something wins, then the older one. */
function bySpecificRule(a: DestinationRule, b: DestinationRule, port: number): number {
    const saysNothing = (rule: DestinationRule): number => Number(tlsAt(rule, port) === undefined);
    return bySpecificity(a.host, b.host) || saysNothing(a) - saysNothing(b);
}

/** What is said for a port is all that holds for it (istio.io, DestinationRule, portLevelSettings). */
function tlsAt({ tls, ports }: DestinationRule, port: number): ClientTls | undefined {
    return ports.has(port) ? ports.get(port) : tls;
}

/** Whether a workload answers mTLS at a port: it has a sidecar, which is not told to keep to plain text. */
export function acceptsMtls(mesh: Mesh, { workload, port }: Endpoint): boolean {
    return workload.sidecar && inboundMode(mesh, workload, port) !== "DISABLE";
}

const TRANSPORT = "type.googleapis.com/envoy.extensions.transport_sockets";

/** Plain text, where a transport socket must be named. */
export const PLAIN_SOCKET = {
    name: "envoy.transport_sockets.raw_buffer",
    typed_config: { "@type": `${TRANSPORT}.raw_buffer.v3.RawBuffer` },
};

/** Takes in only peers with a certificate of the mesh's CA. */
export function serverSocket(files: ProxyFiles): object {
    return {
        name: "envoy.transport_sockets.tls",
        typed_config: {
            "@type": `${TRANSPORT}.tls.v3.DownstreamTlsContext`,
            require_client_certificate: true,
            common_tls_context: { ...common(files, []), alpn_protocols: ["h2", "http/1.1"] },
        },
    };
}

/** Shows a certificate to anybody, and asks for none. */
export function publicSocket({ cert, key }: Credential): object {
    return {
        name: "envoy.transport_sockets.tls",
        typed_config: {
            "@type": `${TRANSPORT}.tls.v3.DownstreamTlsContext`,
            common_tls_context: {
                tls_params: { tls_minimum_protocol_version: "TLSv1_2" },
                tls_certificates: [{ certificate_chain: { inline_string: cert }, private_key: { inline_string: key } }],
                alpn_protocols: ["h2", "http/1.1"],
            },
        },
    };
}

/** Shows the proxy's own identity, and speaks only to those who run the service. */
export function clientSocket(files: ProxyFiles, service: MeshService, port: number, peers: Workload[]): object {
    const identities = new Set(peers.map(({ namespace, serviceAccount }) => identity(namespace, serviceAccount)));
    return {
        name: "envoy.transport_sockets.tls",
        typed_config: {
            "@type": `${TRANSPORT}.tls.v3.UpstreamTlsContext`,
            sni: `outbound_.${port}_._.${service.host}`,
            common_tls_context: { ...common(files, [...identities].sort()), alpn_protocols: ["istio"] },
        },
    };
}

function common({ cert, key, ca }: ProxyFiles, identities: string[]): object {
    const names = identities.map((exact) => ({ san_type: "URI", matcher: { exact } }));
    return {
        tls_params: { tls_minimum_protocol_version: "TLSv1_2" },
        tls_certificates: [{ certificate_chain: { filename: cert }, private_key: { filename: key } }],
        validation_context: {
            trusted_ca: { filename: ca },
            ...(names.length === 0 ? {} : { match_typed_subject_alt_names: names }),
        },
    };
}
