import { stringify } from "yaml";
import { servicesOf } from "../../config/hosts";
import type { Problem } from "../../config/problems";
import type { MeshConfig } from "../../config/schema";
import { GATEWAY_API, listeners, PORTS } from "../../specs/http-route";
import { digest } from "../../specs/meta";
import { affinity } from "../../specs/spread";
import type { Piece } from "../piece";
import { prune } from "../prune";
import { refusal } from "../refusals";
import { bounds } from "../scaling";
import type { GatewayWorkload } from "./gateway";
import { identity, NAME } from "./injected-gateway";
import { injected, known, revisionName } from "./membership";
import { newestOf } from "./versions";

/** The GatewayClass that istiod makes for itself. */
const CLASS = "istio";
/** What istiod makes for a Gateway is called so (istio/istio, pilot/pkg/config/kube/gateway/deploymentcontroller.go). */
const MADE = `${NAME}-${CLASS}`;
const PODS = { "gateway.networking.k8s.io/gateway-name": NAME };
const LABELS = { app: NAME };

export function apiGateway(namespace: string): GatewayWorkload {
    return {
        gateway: {
            namespace,
            service: MADE,
            selector: PODS,
            principal: `cluster.local/ns/${namespace}/sa/${MADE}`,
            successorOf: identity(namespace),
            // Its pods listen on the very ports of its listeners.
            ports: PORTS,
            parent: { apiVersion: GATEWAY_API, name: NAME },
        },
        pods: PODS,
        labels: LABELS,
    };
}

/**
 * The ingress gateway as one Gateway of the Gateway API, from which istiod makes the Deployment, Service and ServiceAccount
 * (istio/istio 1.24 to 1.28, pilot/pkg/config/kube/gateway and files/kube-gateway.yaml of the chart istio-discovery).
 */
export function apiGatewayPieces(config: MeshConfig, namespace: string): Piece[] {
    const revision = injected(config)["istio.io/rev"];
    const parameters = overlay(config);
    const made = (name: string, apiVersion: string, kind: string, body: Record<string, unknown>): Piece => ({
        name,
        apiVersion,
        kind,
        metadata: { name: NAME, namespace, labels: LABELS },
        body,
        goesWithNamespace: true,
    });
    const own = made("ingress", GATEWAY_API, "Gateway", { spec: gatewaySpec(config, parameters) });
    return [
        ...(parameters === undefined
            ? []
            : [made("ingress-parameters", "v1", "ConfigMap", { data: { deployment: stringify(parameters) } })]),
        {
            ...own,
            metadata: {
                ...own.metadata,
                // Which control plane serves it, where labels say which one serves a namespace.
                labels: { ...LABELS, ...(revision === undefined ? {} : { "istio.io/rev": revision }) },
                // Read here alone, not among those of the infrastructure.
                annotations: { "networking.istio.io/service-type": "ClusterIP" },
            },
            ...(parameters === undefined ? {} : { after: ["ingress-parameters"] }),
        },
    ];
}

/** What of the Deployment is to be otherwise than istiod makes it, as istiod merges it in. */
function overlay(config: MeshConfig): object | undefined {
    const { ingress } = config.controlPlane.gateways;
    const { scaled, count } = bounds(ingress, false);
    const resources = prune({ requests: ingress.requests, limits: ingress.limits });
    const pod = prune({
        affinity: affinity(ingress.antiAffinity, PODS),
        containers: resources === undefined ? undefined : [{ name: "istio-proxy", resources }],
    });
    const spec = {
        // What is scaled by its load is not counted; one is what there is anyway.
        ...(scaled || count === 1 ? {} : { replicas: count }),
        ...(pod === undefined ? {} : { template: { spec: pod } }),
    };
    return Object.keys(spec).length === 0 ? undefined : { spec };
}

function gatewaySpec(config: MeshConfig, parameters: object | undefined): object {
    return {
        gatewayClassName: CLASS,
        // These, and none of the Gateway's own, come to what is made for it: they tell for what it was made last.
        infrastructure: {
            labels: LABELS,
            annotations: {
                "openshift-mesh/revision": revisionName(config),
                ...(parameters === undefined ? {} : { "openshift-mesh/parameters": digest(parameters) }),
            },
            ...(parameters === undefined ? {} : { parametersRef: { group: "", kind: "ConfigMap", name: NAME } }),
        },
        listeners: listeners(servicesOf(config), known(config)),
    };
}

/** The first release whose istiod takes parameters (istio/istio, 1.26 change notes). */
const FIRST_WITH_PARAMETERS = 26;

/** What an older istiod cannot be told of the Deployment that it makes. */
export function refuseParameters(config: MeshConfig): Problem[] {
    const { ingress } = config.controlPlane.gateways;
    const version = config.controlPlane.version ?? newestOf(config.operators.servicemesh);
    const minor = Number(/^v1\.(\d+)/.exec(version ?? "")?.[1]);
    if (ingress.api !== "gateway-api" || !(minor < FIRST_WITH_PARAMETERS)) {
        return [];
    }
    const instead = `a version from v1.${FIRST_WITH_PARAMETERS} on, or api: istio`;
    const at = (...keys: string[]) => ["controlPlane", "gateways", "ingress", ...keys];
    const { scaled, count } = bounds(ingress, false);
    return [
        ...(["requests", "limits"] as const)
            .filter((key) => ingress[key] !== undefined)
            .map((key) =>
                refusal(at(key), undefined, `nothing with api: gateway-api and Istio ${version}; ${instead}`),
            ),
        ...(ingress.antiAffinity === "none"
            ? []
            : [
                  refusal(
                      at("antiAffinity"),
                      ingress.antiAffinity,
                      `none with api: gateway-api and Istio ${version}; ${instead}`,
                  ),
              ]),
        ...(scaled || count === 1
            ? []
            : [refusal(at("replicas", "min"), count, `1 with api: gateway-api and Istio ${version}; ${instead}`)]),
    ];
}
