import type { KubeObject } from "../../../kube";
import { GATEWAY, HTTP_ROUTE } from "../../../lab/gateway-api/names";
import { ACCESS, APP, deployment, HOSTS, inside, object, program, route, service } from "./objects";

/** The gateway's namespace, and what istiod calls that which it makes there. */
export const INGRESS = "flow-ingress";
export const MADE = "istio-ingressgateway-istio";
export const DISCOVERED = { "istio-discovery": "flow" };
export const ROOT = "istio-system";

const NAME = "istio-ingressgateway";

export function gateway(listeners: object[] = [http()]): KubeObject {
    const made = object(GATEWAY, INGRESS, NAME, { spec: { gatewayClassName: "istio", listeners } });
    return {
        ...made,
        metadata: { ...made.metadata, annotations: { "networking.istio.io/service-type": "ClusterIP" } },
    };
}

const FROM_MESH = { namespaces: { from: "Selector", selector: { matchLabels: DISCOVERED } } };

export function http(): object {
    return { name: "http", port: 80, protocol: "HTTP", allowedRoutes: FROM_MESH };
}

export function https(certificate: string): object {
    const tls = { certificateRefs: [{ name: certificate }] };
    return { name: "https", port: 443, protocol: "HTTPS", tls, allowedRoutes: FROM_MESH };
}

export function httpRoute(name: keyof typeof HOSTS, rules: object[] = [{ backendRefs: [backend(name)] }]): KubeObject {
    const parentRefs = [{ name: NAME, namespace: INGRESS }];
    return object(HTTP_ROUTE, APP, name, { spec: { parentRefs, hostnames: [HOSTS[name]], rules } });
}

export function backend(name: string): object {
    return { name, port: 8080 };
}

/** sample and caller, with the router's way to their hosts. */
export function apps(): KubeObject[] {
    return [
        object({ apiVersion: "v1", kind: "ConfigMap" }, APP, "caller-properties", {
            data: { "application.properties": `sample_api.base_path=http\\://${inside("sample")}\\:8080\n` },
        }),
        ...(["sample", "caller"] as const).flatMap((name) => [
            object({ apiVersion: "v1", kind: "ServiceAccount" }, APP, name, {}),
            deployment(APP, name, {
                labels: { app: name },
                account: name,
                containers: [program(name)],
                volumes: [{ name: "properties", configMap: { name: "caller-properties" } }],
            }),
            service(APP, name, { app: name }, { name: "http", port: 8080 }),
            route(INGRESS, name, MADE, "http", HOSTS[name]),
        ]),
    ];
}

export function strict(): KubeObject {
    const spec = { mtls: { mode: "STRICT" } };
    return object({ apiVersion: "security.istio.io/v1beta1", kind: "PeerAuthentication" }, ROOT, "default", { spec });
}

/** Services answer to these identities alone. */
export function allowed(...principals: string[]): KubeObject {
    return object(ACCESS, APP, "to-services", { spec: { rules: [{ from: [{ source: { principals } }] }] } });
}
