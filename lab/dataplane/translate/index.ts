import { inboundClusters, outboundClusters } from "./clusters";
import { gatewayPorts } from "./gateway-ports";
import { gatewayListeners, inboundListeners, outboundListener } from "./listeners";
import { readMesh } from "./mesh";
import { outboundRoutes } from "./outbound-routes";
import { accessFilters } from "./rbac";
import type { MeshView, ProxyFiles, Translation, Workload } from "./view";

export { fileOf } from "./listeners";
export { NOT_MODELLED } from "./refuse";
export * from "./view";

/**
 * In istiod's place: what the proxy of one workload has to do, from what the API server holds. It models HTTP within
 * one cluster; what it does not model it refuses, and a policy that it cannot read denies everything to whom it
 * selects. Never throws on what users write. A workload without a proxy gets nothing but the refusals, which are the
 * same for all proxies of a view.
 */
export function translate(view: MeshView, self: Workload, files: ProxyFiles): Translation {
    const mesh = readMesh(view);
    const refused = mesh.refusals.list;
    if (self.gateway) {
        const ports = gatewayPorts(mesh, self);
        const chains = ports.flatMap((port) => port.chains);
        return {
            listeners: gatewayListeners(ports, self, files),
            clusters: outboundClusters(mesh, self, files),
            routes: Object.fromEntries(chains.map(({ name, routes }) => [name, routes])),
            filters: accessFilters(mesh, self),
            refused,
        };
    }
    if (!self.sidecar) {
        return { listeners: [], clusters: [], routes: {}, filters: {}, refused };
    }
    return {
        listeners: [...inboundListeners(mesh, self, files), outboundListener(self, files)],
        clusters: [...inboundClusters(mesh, self), ...outboundClusters(mesh, self, files)],
        routes: { outbound: outboundRoutes(mesh, self) },
        filters: accessFilters(mesh, self),
        refused,
    };
}
