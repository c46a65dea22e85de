import type { Versions } from "../../../lab/dataplane/envoy-config";
import type { MeshView, Translation } from "../../../lab/dataplane/translate";

/** Files that no listener names are not read: a gateway without a Gateway has no use for policies. */
export function ofInterest(versions: Versions, { listeners }: Translation): Versions {
    const named = JSON.stringify(listeners);
    const isRead = (file: string) => named.includes(file) || /(listeners|clusters)\.json$/.test(file);
    return Object.fromEntries(Object.entries(versions).filter(([file]) => isRead(file)));
}

export function emptyView(): MeshView {
    return {
        controlPlane: { name: "test", namespace: "istio-system", retriesOn503: true },
        namespaces: ["istio-system", "shop", "office"],
        gateways: [],
        virtualServices: [],
        destinationRules: [],
        authorizationPolicies: [],
        meshPolicies: [],
        peerAuthentications: [],
        policies: [],
        services: [],
        workloads: [],
    };
}

/** In this mode Envoy reads no other files, so what is in them goes where they are named. */
export function inlined({ listeners, routes, filters }: Translation): object[] {
    return JSON.parse(JSON.stringify(listeners), (_key, value) => {
        if (value?.rds !== undefined) {
            const { rds, ...rest } = value;
            return { ...rest, route_config: routes[rds.route_config_name] };
        }
        return value?.config_discovery === undefined ? value : { name: value.name, typed_config: filters[value.name] };
    });
}
