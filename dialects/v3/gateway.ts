import type { MeshConfig } from "../../config/schema";
import type { Gateway, Piece } from "../piece";
import { prune } from "../prune";
import { bounds } from "../scaling";
import { revisionName } from "./membership";
import { proxyMonitor } from "./monitoring";
import { networkPolicies, networkPolicy } from "./network-policies";

const NAME = "istio-ingressgateway";
/** By which Gateways select it, and its Service finds it. */
const SELECTOR = { istio: "ingressgateway" };
const LABELS = { app: NAME, ...SELECTOR };

const RBAC = "rbac.authorization.k8s.io";
const READS_SECRETS = { apiGroups: [""], resources: ["secrets"], verbs: ["get", "watch", "list"] };

/** The gateway's namespace. */
export function gatewayNamespace({ controlPlane: { namespace, gateways } }: MeshConfig): string {
    return gateways.ingress.namespace ?? defaultNamespace(namespace);
}

export function defaultNamespace(controlPlaneNamespace: string): string {
    return `${controlPlaneNamespace}-ingress`;
}

export function gateway(config: MeshConfig): Gateway {
    const namespace = gatewayNamespace(config);
    return {
        namespace,
        service: NAME,
        selector: SELECTOR,
        principal: `cluster.local/ns/${namespace}/sa/${NAME}`,
        ports: { plain: "http2", tls: "https" },
    };
}

/**
 * The ingress gateway, which is a workload of one's own here: a Deployment whose pods get the proxy by injection
 * (openshift-service-mesh/sail-operator, docs/common/create-and-configure-gateways and docs/ossm/quickstarts).
 */
export function gatewayPieces(config: MeshConfig): Piece[] {
    const namespace = gatewayNamespace(config);
    const { ingress } = config.controlPlane.gateways;
    const { scaled, min, max } = bounds(ingress, false);
    const made = (
        piece: string,
        apiVersion: string,
        kind: string,
        body: Record<string, unknown>,
        name: string = NAME,
    ): Piece => ({
        name: piece,
        apiVersion,
        kind,
        metadata: { name, namespace, labels: LABELS },
        body,
        goesWithNamespace: true,
    });
    const secrets = `${NAME}-sds`;
    return [
        made("ingress-account", "v1", "ServiceAccount", {}),
        // It reads the certificates that Gateways name.
        made("ingress-secrets", `${RBAC}/v1`, "Role", { rules: [READS_SECRETS] }, secrets),
        made(
            "ingress-reads-secrets",
            `${RBAC}/v1`,
            "RoleBinding",
            {
                roleRef: { apiGroup: RBAC, kind: "Role", name: secrets },
                subjects: [{ kind: "ServiceAccount", name: NAME, namespace }],
            },
            secrets,
        ),
        ...networkPolicies(config, namespace),
        networkPolicy(NAME, namespace, SELECTOR, [{}]),
        made("ingress-service", "v1", "Service", { spec: serviceSpec() }),
        {
            ...made("ingress", "apps/v1", "Deployment", { spec: deploymentSpec(config) }),
            after: ["ingress-account", "ingress-reads-secrets"],
        },
        ...(scaled
            ? [made("ingress-scaling", "autoscaling/v2", "HorizontalPodAutoscaler", { spec: autoscalerSpec(min, max) })]
            : []),
        ...(ingress.minAvailable === undefined
            ? []
            : [
                  made("ingress-disruption", "policy/v1", "PodDisruptionBudget", {
                      spec: { minAvailable: ingress.minAvailable, selector: { matchLabels: SELECTOR } },
                  }),
              ]),
        proxyMonitor(config, namespace),
    ];
}

function serviceSpec(): object {
    return {
        type: "ClusterIP",
        selector: SELECTOR,
        ports: [
            { name: "status-port", port: 15021, targetPort: 15021, protocol: "TCP" },
            { name: "http2", port: 80, targetPort: 8080, protocol: "TCP" },
            { name: "https", port: 443, targetPort: 8443, protocol: "TCP" },
        ],
    };
}

function deploymentSpec(config: MeshConfig): object {
    const { ingress } = config.controlPlane.gateways;
    const { scaled, count } = bounds(ingress, false);
    const resources = prune({ requests: ingress.requests, limits: ingress.limits });
    return {
        // What is scaled by its load is not ours to count.
        ...(scaled ? {} : { replicas: count }),
        selector: { matchLabels: SELECTOR },
        template: {
            metadata: {
                labels: { ...LABELS, "sidecar.istio.io/inject": "true" },
                // Made anew for another revision, whose proxy it would not have otherwise.
                annotations: {
                    "inject.istio.io/templates": "gateway",
                    "openshift-mesh/revision": revisionName(config),
                },
            },
            spec: {
                serviceAccountName: NAME,
                // The rest of the container is the injector's.
                containers: [{ name: "istio-proxy", image: "auto", ...(resources === undefined ? {} : { resources }) }],
            },
        },
    };
}

function autoscalerSpec(minReplicas: number, maxReplicas: number): object {
    return {
        minReplicas,
        maxReplicas,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: NAME },
        metrics: [
            { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
        ],
    };
}
