import type { Gate } from "../gate";
import type { WatchSpec } from "../verdict";
import { type HostWant, judgeGatewayRoutes, judgeNamedRoutes, ROUTE_NAMES, type RouteRef } from "../verdicts/routes";
import { judgeStackRoutes, type StackRoute } from "../verdicts/stack-routes";
import type { Timed } from "./timed";

const ROUTE = { apiVersion: "route.openshift.io/v1", kind: "Route" };

/** All Routes, since a host is claimed in the whole cluster; or those of the namespaces that may be seen. */
function watches(wanted: unknown[], within: string[] | undefined): WatchSpec<(typeof ROUTE_NAMES)[number]>[] {
    const places = within === undefined ? [{}] : [...new Set(within)].map((namespace) => ({ namespace }));
    return wanted.length ? places.map((place) => ({ as: "routes", kind: ROUTE, ...place })) : [];
}

/** Each host has an admitted Route that the mesh made for its Gateway. */
export function gatewayRoutesGate(
    want: { hosts: HostWant[]; within?: string[] } & Timed,
): Gate<Record<string, RouteRef>, (typeof ROUTE_NAMES)[number]> {
    return {
        title: "ingress",
        failure: `${want.hosts.map((h) => h.host).join(", ")} did not get a Route`,
        names: ROUTE_NAMES,
        watches: watches(want.hosts, want.within),
        verdict: (seen) => judgeGatewayRoutes(seen, want.hosts),
        timeoutSeconds: want.timeoutSeconds,
    };
}

/** Each of the Routes that this stack makes has its host, or is next in line for it. */
export function stackRoutesGate(
    want: { hosts: StackRoute[]; mark: string; within?: string[] } & Timed,
): Gate<Record<string, RouteRef>, (typeof ROUTE_NAMES)[number]> {
    return {
        title: "ingress",
        failure: `${want.hosts.map((h) => h.host).join(", ")} did not get a Route`,
        names: ROUTE_NAMES,
        watches: watches(want.hosts, want.within),
        verdict: (seen) => judgeStackRoutes(seen, want.hosts, want.mark),
        timeoutSeconds: want.timeoutSeconds,
    };
}

/** Routes that an operator makes by name (consoles) are admitted. Value: the Route's name → host. */
export function namedRoutesGate(
    want: { routes: RouteRef[] } & Timed,
): Gate<Record<string, string>, (typeof ROUTE_NAMES)[number]> {
    const { routes } = want;
    return {
        title: "consoles",
        failure: `${routes.map((r) => `${r.namespace}/${r.name}`).join(", ")} did not get a host`,
        names: ROUTE_NAMES,
        watches: watches(routes, undefined),
        verdict: (seen) => judgeNamedRoutes(seen, routes),
        timeoutSeconds: want.timeoutSeconds,
    };
}
