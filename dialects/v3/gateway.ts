import type { MeshConfig } from "../../config/schema";
import { DISRUPTION_API, disruptionSpec } from "../../specs/spread";
import type { Gateway, Piece } from "../piece";
import { bounds } from "../scaling";
import { apiGateway, apiGatewayPieces } from "./api-gateway";
import { injectedGateway, injectedGatewayPieces } from "./injected-gateway";
import { proxyMonitor } from "./monitoring";
import { networkPolicies, networkPolicy } from "./network-policies";

/** What is known of a gateway whose Deployment this stack or istiod makes. */
export interface GatewayWorkload {
    gateway: Gateway;
    /** The labels of its pods. */
    pods: Record<string, string>;
    labels: Record<string, string>;
}

/** The gateway's namespace. */
export function gatewayNamespace({ controlPlane: { namespace, gateways } }: MeshConfig): string {
    return gateways.ingress.namespace ?? defaultNamespace(namespace);
}

export function defaultNamespace(controlPlaneNamespace: string): string {
    return `${controlPlaneNamespace}-ingress`;
}

export function gateway(config: MeshConfig): Gateway {
    return workload(config).gateway;
}

function workload(config: MeshConfig): GatewayWorkload {
    const namespace = gatewayNamespace(config);
    return isOfApi(config) ? apiGateway(namespace) : injectedGateway(namespace);
}

function isOfApi({ controlPlane: { gateways } }: MeshConfig): boolean {
    return gateways.ingress.api === "gateway-api";
}

/** The ingress gateway with what is around it: who reaches it, how many pods it has, who asks for its figures. */
export function gatewayPieces(config: MeshConfig): Piece[] {
    const { ingress } = config.controlPlane.gateways;
    const { scaled, min, max } = bounds(ingress, false);
    const {
        gateway: { namespace, service: name },
        pods,
        labels,
    } = workload(config);
    const around = (piece: string, apiVersion: string, kind: string, spec: object): Piece => ({
        name: piece,
        apiVersion,
        kind,
        metadata: { name, namespace, labels },
        body: { spec },
        goesWithNamespace: true,
    });
    return [
        ...networkPolicies(config, namespace),
        networkPolicy(name, namespace, pods, [{}]),
        ...(isOfApi(config) ? apiGatewayPieces(config, namespace) : injectedGatewayPieces(config, namespace)),
        ...(scaled
            ? [around("ingress-scaling", "autoscaling/v2", "HorizontalPodAutoscaler", scaling(name, min, max))]
            : []),
        ...(ingress.minAvailable === undefined
            ? []
            : [
                  around(
                      "ingress-disruption",
                      DISRUPTION_API,
                      "PodDisruptionBudget",
                      disruptionSpec(ingress.minAvailable, pods),
                  ),
              ]),
        proxyMonitor(config, namespace),
    ];
}

function scaling(deployment: string, minReplicas: number, maxReplicas: number): object {
    return {
        minReplicas,
        maxReplicas,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
        metrics: [
            { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
        ],
    };
}
