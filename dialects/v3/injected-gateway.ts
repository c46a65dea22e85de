import type { MeshConfig } from "../../config/schema";
import type { Piece } from "../piece";
import { affinity } from "../../specs/spread";
import { prune } from "../prune";
import { bounds } from "../scaling";
import type { GatewayWorkload } from "./gateway";
import { revisionName } from "./membership";

/** What the gateway is called, in whichever way it is made. */
export const NAME = "istio-ingressgateway";
/** By which Istio's Gateways select it, and its Service finds it. */
const SELECTOR = { istio: "ingressgateway" };
const LABELS = { app: NAME, ...SELECTOR };

const RBAC = "rbac.authorization.k8s.io";
const READS_SECRETS = { apiGroups: [""], resources: ["secrets"], verbs: ["get", "watch", "list"] };

export function injectedGateway(namespace: string): GatewayWorkload {
    return {
        gateway: {
            namespace,
            service: NAME,
            selector: SELECTOR,
            principal: identity(namespace),
            ports: { plain: "http2", tls: "https" },
        },
        pods: SELECTOR,
        labels: LABELS,
    };
}

/** The identity in its certificate. */
export function identity(namespace: string): string {
    return `cluster.local/ns/${namespace}/sa/${NAME}`;
}

/**
 * The ingress gateway as a workload of one's own: a Deployment whose pods get the proxy by injection
 * (openshift-service-mesh/sail-operator, docs/common/create-and-configure-gateways and docs/ossm/quickstarts).
 */
export function injectedGatewayPieces(config: MeshConfig, namespace: string): Piece[] {
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
        made("ingress-service", "v1", "Service", { spec: serviceSpec() }),
        {
            ...made("ingress", "apps/v1", "Deployment", { spec: deploymentSpec(config) }),
            after: ["ingress-account", "ingress-reads-secrets"],
        },
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
    const apart = affinity(ingress.antiAffinity, SELECTOR);
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
                ...(apart === undefined ? {} : { affinity: apart }),
                // The rest of the container is the injector's.
                containers: [{ name: "istio-proxy", image: "auto", ...(resources === undefined ? {} : { resources }) }],
            },
        },
    };
}
