import type { MeshConfig } from "../config/schema";
import type { Gateway } from "../dialects/piece";

export type ServiceConfig = MeshConfig["namespaces"][string]["services"][string];
export type Caller = Exclude<ServiceConfig["allow"], "anyone">[number];

/**
 * The AuthorizationPolicy `to-<service>`, or none for a service that anyone may call. A policy is a whitelist: what no
 * rule names is refused, and a policy without rules refuses everything (istio.io/api, security/v1beta1).
 * @param gateways the identities of the ingress gateways, for rules that name them
 */
export function accessSpec(
    service: string,
    namespace: string,
    allow: ServiceConfig["allow"],
    gateways: readonly string[],
): object | undefined {
    if (allow === "anyone") {
        return undefined;
    }
    return {
        selector: { matchLabels: { app: service } },
        ...(allow.length === 0 ? {} : { rules: allow.map((caller) => rule(caller, namespace, gateways)) }),
    };
}

/**
 * The AuthorizationPolicy `deny-to-<service>`, or none where nobody is denied: whom it names is refused, whatever others
 * allow (istio.io/api, security/v1beta1, since Istio 1.5).
 */
export function denySpec(
    service: string,
    namespace: string,
    deny: ServiceConfig["deny"],
    gateways: readonly string[],
): object | undefined {
    return deny.length === 0
        ? undefined
        : {
              selector: { matchLabels: { app: service } },
              action: "DENY",
              rules: deny.map((caller) => rule(caller, namespace, gateways)),
          };
}

function rule(caller: Caller, namespace: string, gateways: readonly string[]): object {
    const { namespaces, services = [], principals = [], methods, paths } = caller;
    const outside = caller.gateway === true ? gateways : [];
    const all = [...services.map((s) => principal(s, namespace)), ...principals, ...outside];
    const source = {
        ...(namespaces === undefined ? {} : { namespaces }),
        ...(all.length === 0 ? {} : { principals: all }),
    };
    const operation = { ...(methods === undefined ? {} : { methods }), ...(paths === undefined ? {} : { paths }) };
    return {
        ...(Object.keys(source).length === 0 ? {} : { from: [{ source }] }),
        to: Object.keys(operation).length === 0 ? [] : [{ operation }],
    };
}

/** "name" or "namespace/name" as the identity in that service's certificate; its ServiceAccount has the service's name. */
function principal(service: string, home: string): string {
    const [namespace, name] = service.includes("/") ? service.split("/") : [home, service];
    return `cluster.local/ns/${namespace}/sa/${name}`;
}

/** The identities of gateways, for rules that name them. */
export function identities(gateways: readonly Gateway[]): string[] {
    return gateways.flatMap(({ principal, successorOf }) => [principal, ...(successorOf ? [successorOf] : [])]);
}
