import type { MeshConfig } from "../config/schema";
import type { RouteName } from "./dialect";
import type { Piece } from "./piece";

/** The name by which the mesh's configuration refers to the collector. */
export const PROVIDER = "otel";

/** The port on which the collector and Tempo take spans in OTLP over gRPC. */
const OTLP = 4317;

/** Whether traces go to Tempo, through a collector of this stack's own. */
export function usesTempo({ controlPlane: { tracing } }: MeshConfig): boolean {
    return tracing.enabled && tracing.backend === "tempo";
}

/** What MeshConfig says of the collector (istio.io/api, mesh/v1alpha1, ExtensionProvider). */
export function tracingProvider({ controlPlane: { namespace } }: MeshConfig): object {
    return { name: PROVIDER, opentelemetry: { service: `otel-collector.${namespace}.svc.cluster.local`, port: OTLP } };
}

/** How much is traced, for the whole mesh: a Telemetry without selector in its root namespace (istio.io/api, telemetry). */
export function telemetry(config: MeshConfig, apiVersion: string, name: string): Piece {
    const { tracing, namespace } = config.controlPlane;
    return {
        name: `${namespace}/${name}`,
        apiVersion,
        kind: "Telemetry",
        metadata: { name, namespace },
        body: {
            spec: {
                tracing: [{ providers: [{ name: PROVIDER }], randomSamplingPercentage: tracing.sampling }],
            },
        },
        goesWithNamespace: true,
    };
}

/**
 * Tempo and the collector in front of it, in the control plane's namespace: TempoMonolithic where traces are kept in
 * memory, TempoStack where they go to an object storage (grafana/tempo-operator, api/tempo/v1alpha1).
 */
export function tracingPieces(config: MeshConfig): Piece[] {
    return usesTempo(config) ? [tempo(config), collector(config), ...userInterface(config)] : [];
}

/** The Route of Jaeger's user interface on Tempo (grafana/tempo-operator, internal/manifests). */
export function tracingRoute(config: MeshConfig): RouteName {
    const { name, namespace, tracing } = config.controlPlane;
    const part = tracing.storage === "object" ? "query-frontend" : "jaegerui";
    return { namespace, name: `tempo-${name}-${part}` };
}

/** Where Kiali asks for traces (grafana/tempo-operator, internal/manifests: port http of the Service). */
export function tracingAddress(config: MeshConfig): string {
    return `http://${tempoService(config, "query-frontend")}:3200`;
}

/** Tempo's Service: the part of a stack that does this, or the one of a monolith, which does all. */
function tempoService({ controlPlane: { name, namespace, tracing } }: MeshConfig, part: string): string {
    const service = tracing.storage === "object" ? `tempo-${name}-${part}` : `tempo-${name}`;
    return `${service}.${namespace}.svc.cluster.local`;
}

function tempo(config: MeshConfig): Piece {
    const { name, namespace, tracing, consoles } = config.controlPlane;
    const shown = consoles.includes("jaeger");
    const object = tracing.storage === "object";
    const stack = {
        storage: { secret: { name: tracing.secret, type: tracing.secretType ?? "s3" } },
        storageSize: tracing.size ?? "10Gi",
        template: {
            queryFrontend: { jaegerQuery: { enabled: shown, ...(shown ? { ingress: { type: "route" } } : {}) } },
        },
    };
    const monolith = {
        storage: { traces: { backend: "memory" } },
        jaegerui: { enabled: shown, ...(shown ? { route: { enabled: true } } : {}) },
    };
    return {
        name: "tempo",
        apiVersion: "tempo.grafana.com/v1alpha1",
        kind: object ? "TempoStack" : "TempoMonolithic",
        metadata: { name, namespace },
        body: { spec: object ? stack : monolith },
    };
}

function collector(config: MeshConfig): Piece {
    return {
        name: "otel",
        apiVersion: "opentelemetry.io/v1beta1",
        kind: "OpenTelemetryCollector",
        metadata: { name: "otel", namespace: config.controlPlane.namespace },
        body: {
            spec: {
                mode: "deployment",
                config: {
                    receivers: { otlp: { protocols: { grpc: { endpoint: `0.0.0.0:${OTLP}` } } } },
                    exporters: {
                        otlp: {
                            endpoint: `${tempoService(config, "distributor")}:${OTLP}`,
                            // Inside one namespace, which only the mesh and the router can reach.
                            tls: { insecure: true },
                        },
                    },
                    service: { pipelines: { traces: { receivers: ["otlp"], exporters: ["otlp"] } } },
                },
            },
        },
    };
}

/** Lets the router in to the user interface, whose pods cannot be told to carry the exceptions' label. */
function userInterface({ controlPlane: { name, namespace, tracing, consoles } }: MeshConfig): Piece[] {
    if (!consoles.includes("jaeger")) {
        return [];
    }
    const kind = tracing.storage === "object" ? "tempo" : "tempo-monolithic";
    const matchLabels = { "app.kubernetes.io/name": kind, "app.kubernetes.io/instance": name };
    return [
        {
            name: "tracing-ui",
            apiVersion: "networking.k8s.io/v1",
            kind: "NetworkPolicy",
            metadata: { name: `tempo-${name}-ui`, namespace },
            body: {
                spec: {
                    podSelector: { matchLabels },
                    policyTypes: ["Ingress"],
                    ingress: [{ from: [{ namespaceSelector: { matchLabels: ROUTER } }] }],
                },
            },
            goesWithNamespace: true,
        },
    ];
}

/** The label of the router's namespace (openshift-docs, modules/nw-networkpolicy-multitenant-isolation.adoc). */
export const ROUTER = { "network.openshift.io/policy-group": "ingress" };
