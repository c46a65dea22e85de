import type { KubeObject } from "../../kube";

/** Words of the Gateway API and of Istio's part in it (istio/istio 1.24 to 1.27, pilot/pkg/config/kube/gateway). */

export const GROUP = "gateway.networking.k8s.io";
export const GATEWAY = { apiVersion: `${GROUP}/v1`, kind: "Gateway" };
export const GATEWAY_CLASS = { apiVersion: `${GROUP}/v1`, kind: "GatewayClass" };
export const HTTP_ROUTE = { apiVersion: `${GROUP}/v1`, kind: "HTTPRoute" };

/** Who answers for GatewayClasses, and how that is written in labels. */
export const CONTROLLER = "istio.io/gateway-controller";
export const MANAGED_LABEL = { key: "gateway.istio.io/managed", value: CONTROLLER.replace("/", "-") };

/** The label of a Gateway's pods. */
export const GATEWAY_NAME = `${GROUP}/gateway-name`;
const NAME_OVERRIDE = "gateway.istio.io/name-override";
const SERVICE_ACCOUNT = "gateway.istio.io/service-account";

/** The classes that istiod makes when they are not there; Gateways of the second are in other clusters. */
export const BUILT_IN_CLASSES = [
    { name: "istio", controllerName: CONTROLLER, description: "The default Istio GatewayClass" },
    {
        name: "istio-remote",
        controllerName: "istio.io/unmanaged-gateway",
        description: "Remote to this cluster. Does not deploy or affect configuration.",
    },
];

/** Whether a Gateway is istiod's to serve, by the controller of its class. */
export function isIstios({ spec }: KubeObject, classes: KubeObject[]): boolean {
    const named = classes.find(({ metadata }) => metadata.name === spec.gatewayClassName)?.spec.controllerName;
    const builtIn = BUILT_IN_CLASSES.find(({ name }) => name === spec.gatewayClassName)?.controllerName;
    return (named ?? builtIn) === CONTROLLER;
}

/** What istiod calls the Deployment and the Service of a Gateway. */
export function deploymentName({ metadata, spec }: KubeObject): string {
    return metadata.annotations?.[NAME_OVERRIDE] || `${metadata.name}-${spec.gatewayClassName}`;
}

export function serviceAccountName({ metadata, spec }: KubeObject): string {
    return metadata.annotations?.[SERVICE_ACCOUNT] || `${metadata.name}-${spec.gatewayClassName}`;
}

/** Whether istiod makes the Gateway's pods: not when it names those of somebody else by their host. */
export function isManaged({ spec }: KubeObject): boolean {
    const [first, ...others]: { type?: string }[] = spec.addresses ?? [];
    return first === undefined || (others.length === 0 && (first.type ?? "IPAddress") === "IPAddress");
}
