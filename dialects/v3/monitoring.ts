import type { MeshConfig } from "../../config/schema";
import type { Piece } from "../piece";

const API = "monitoring.coreos.com/v1";
const INTERVAL = "30s";

/** What tells this mesh's figures from those of another one in the same cluster. */
export function meshId({ controlPlane: { name, namespace } }: MeshConfig): string {
    return `${namespace}/${name}`;
}

/** Has OpenShift's monitoring ask the control plane (istio/istio, charts istio-control: port http-monitoring of istiod). */
export function istiodMonitor(config: MeshConfig): Piece {
    const { namespace } = config.controlPlane;
    return {
        name: `${namespace}/istiod`,
        apiVersion: API,
        kind: "ServiceMonitor",
        metadata: { name: "istiod", namespace },
        body: {
            spec: {
                targetLabels: ["app"],
                selector: { matchLabels: { istio: "pilot" } },
                endpoints: [{ port: "http-monitoring", interval: INTERVAL, relabelings: [ofMesh(config)] }],
            },
        },
        goesWithNamespace: true,
    };
}

/**
 * Has OpenShift's monitoring ask each proxy of a namespace, on the port that no mutual TLS guards (istio/istio, injection
 * template: container port http-envoy-prom).
 */
export function proxyMonitor(config: MeshConfig, namespace: string): Piece {
    return {
        name: `${namespace}/istio-proxies`,
        apiVersion: API,
        kind: "PodMonitor",
        metadata: { name: "istio-proxies", namespace },
        body: {
            spec: {
                selector: { matchExpressions: [{ key: "istio-prometheus-ignore", operator: "DoesNotExist" }] },
                podMetricsEndpoints: [
                    {
                        port: "http-envoy-prom",
                        path: "/stats/prometheus",
                        interval: INTERVAL,
                        relabelings: [
                            {
                                action: "keep",
                                sourceLabels: ["__meta_kubernetes_pod_container_name"],
                                regex: "istio-proxy",
                            },
                            ofMesh(config),
                        ],
                    },
                ],
            },
        },
        goesWithNamespace: true,
    };
}

function ofMesh(config: MeshConfig): object {
    return { action: "replace", targetLabel: "mesh_id", replacement: meshId(config) };
}
