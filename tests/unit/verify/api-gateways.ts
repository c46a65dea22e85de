import type { Gateway } from "../../../dialects";
import type { KubeObject } from "../../../kube";
import { GATEWAY_API, httpRouteSpec } from "../../../specs/http-route";
import type { Exposed } from "../../../specs/ingress";

/** The Gateway API as istiod leaves it when all is well, as a cluster in memory holds it. */

const held = (...types: string[]) => types.map((type) => ({ type, status: "True", observedGeneration: 1 }));

export const isApiGateway = ({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean =>
    apiVersion === GATEWAY_API && kind === "Gateway";

/** A Gateway that is programmed. */
export function programmed(gateway: KubeObject): KubeObject {
    const listeners = gateway.spec.listeners.map(({ name }: { name: string }) => ({
        name,
        conditions: held("Accepted", "Programmed", "ResolvedRefs"),
    }));
    return { ...gateway, status: { conditions: held("Accepted", "Programmed"), listeners } };
}

/** The Deployment that istiod makes for it. */
export function madeFor({ metadata: { name, namespace }, spec }: KubeObject): KubeObject {
    const labels = { "gateway.networking.k8s.io/gateway-name": name };
    const { labels: own, annotations } = spec.infrastructure;
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: `${name}-${spec.gatewayClassName}`, namespace, generation: 1, labels: own, annotations },
        spec: {
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { serviceAccountName: `${name}-${spec.gatewayClassName}` } },
        },
    };
}

/** An HTTPRoute that the Gateway has taken in. */
export function takenIn(service: Exposed, namespace: string, entry: Gateway): KubeObject {
    const spec: any = httpRouteSpec(service, namespace, entry);
    const conditions = held("Accepted", "ResolvedRefs");
    return {
        apiVersion: GATEWAY_API,
        kind: "HTTPRoute",
        metadata: { name: service.name, namespace, generation: 1 },
        spec,
        status: { parents: spec.parentRefs.map((parentRef: object) => ({ parentRef, conditions })) },
    };
}
