import type { KubeObject } from "../../../kube";
import { attachmentsOf, hostnamesOf, isServedBy, type ParentRef } from "../../gateway-api/parents";
import { type Listener, listenersOf } from "../../gateway-api/listeners";
import { isIstios } from "../../gateway-api/names";
import { internalName, readApiGateway } from "./kinds/api-gateway";
import type { Gateway } from "./kinds/gateway";
import { readHttpRoute } from "./kinds/http-route";
import type { HttpRoute, VirtualService } from "./kinds/virtual-service";
import type { Refusals } from "./refuse";
import type { MeshView } from "./view";

/**
 * What is there of the Gateway API as the Gateways and VirtualServices of Istio that istiod makes of it in memory
 * (istio/istio, pilot/pkg/config/kube/gateway). `ours` picks an istiod's own, the oldest first.
 */
export function readGatewayApi(
    view: MeshView,
    ours: (objects: KubeObject[]) => KubeObject[],
    refusals: Refusals,
): { gateways: Gateway[]; virtualServices: VirtualService[] } {
    const { classes, gateways, routes } = view.gatewayApi ?? { classes: [], gateways: [], routes: [] };
    const namespaces = view.namespaces.map((name) => ({
        metadata: { name, labels: view.network?.namespaceLabels[name] },
    }));
    const own = ours(gateways).filter((gateway) => isIstios(gateway, classes));
    const listeners = own.flatMap((gateway) => listenersOf(gateway, namespaces));
    return {
        gateways: own.flatMap((gateway) => readApiGateway(gateway, namespaces, refusals)),
        virtualServices: merged(ours(routes).flatMap((route) => bindings(route, listeners, refusals))),
    };
}

/** A route's rules for one host at one listener. */
interface Binding {
    route: KubeObject;
    /** "namespace/name" of the listener's Gateway of Istio. */
    gateway: string;
    host: string;
    http: HttpRoute[];
}

function bindings(route: KubeObject, listeners: Listener[], refusals: Refusals): Binding[] {
    const taken = attachmentsOf(route, listeners).filter(({ denied }) => denied === undefined);
    const refs: ParentRef[] = route.spec.parentRefs ?? [];
    // One that is for other parents than Istio's Gateways is none of istiod's, but for those that are Services.
    const isOurs = taken.length > 0 || refs.some(({ kind }) => kind === "Service");
    const http = isOurs ? readHttpRoute(route, refusals) : [];
    return taken.flatMap(({ listener }) =>
        hostnamesOf(route)
            .filter((host) => isServedBy(host, listener, listeners))
            .map((host) => ({
                route,
                gateway: `${listener.gateway.metadata.namespace}/${internalName(listener)}`,
                host,
                http,
            })),
    );
}

/** All rules for a host at a listener together, whoever's they are: the most exact first (mergeHTTPRoutes). */
function merged(all: Binding[]): VirtualService[] {
    const keys = [...new Set(all.map(({ gateway, host }) => `${gateway} ${host}`))];
    return keys.flatMap((key) => {
        const here = all.filter(({ gateway, host }) => `${gateway} ${host}` === key);
        const [{ route, gateway, host }] = here;
        const http = here.flatMap((each) => each.http).sort(byExactness);
        const { name, namespace = "" } = route.metadata;
        const found = { object: route, namespace, name, hosts: [host], gateways: [gateway], exportTo: [], http };
        return http.length === 0 ? [] : [found];
    });
}

/** By the kind of path, its length, the method and the number of headers (sortHTTPRoutes). */
function byExactness(a: HttpRoute, b: HttpRoute): number {
    const [ranksA, ranksB] = [ranks(a), ranks(b)];
    const at = ranksA.findIndex((rank, index) => rank !== ranksB[index]);
    return at < 0 ? 0 : ranksB[at] - ranksA[at];
}

function ranks({ match: [match] }: HttpRoute): number[] {
    const { exact, prefix, regex } = match?.uri ?? {};
    const kind = [regex, prefix, exact].findIndex((text) => text !== undefined);
    const path = exact ?? prefix ?? regex ?? "";
    return [kind, path.length, Number(match?.method !== undefined), Object.keys(match?.headers ?? {}).length];
}
