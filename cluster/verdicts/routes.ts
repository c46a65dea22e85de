import type { KubeObject } from "../../kube";
import { called, failed, ready, type Snapshot, type Verdict, waiting } from "../verdict";

export const ROUTE_NAMES = ["routes"] as const;
export type RouteSnapshot = Snapshot<(typeof ROUTE_NAMES)[number]>;

/**
 * Labels that Istio OpenShift Routing puts on the Routes it makes; their names are random (trap 25; IOR@maistra-1.1
 * pkg/route/route.go).
 */
export const IOR = {
    generatedBy: "maistra.io/generated-by",
    gatewayName: "maistra.io/gateway-name",
    gatewayNamespace: "maistra.io/gateway-namespace",
    originalHost: "maistra.io/original-host",
};

export interface HostWant {
    host: string;
    gateway: string;
    /** The Gateway's namespace. */
    namespace: string;
}

export interface RouteRef {
    namespace: string;
    name: string;
}

/**
 * Whether each host has one admitted Route that the mesh made for its Gateway. Input: every Route of the cluster, since
 * a host is claimed cluster-wide.
 */
export function judgeGatewayRoutes(seen: RouteSnapshot, wanted: HostWant[]): Verdict<Record<string, RouteRef>> {
    const found: Record<string, RouteRef> = {};
    const pending: string[] = [];
    for (const want of wanted) {
        const made = seen.routes.filter((r) => isMadeFor(r, want) && !r.metadata.deletionTimestamp);
        const admitted = made.find(isAdmitted);
        if (admitted) {
            found[want.host] = { namespace: admitted.metadata.namespace ?? "", name: admitted.metadata.name };
            continue;
        }
        const holder = made.length ? claimant(seen.routes, made[0], want) : undefined;
        if (holder) {
            return failed(claimed(made[0], holder, want.host));
        }
        pending.push(
            made.length
                ? `${want.host}: ${refusal(made[0]) ?? "no router has admitted its Route yet"}`
                : `${want.host}: the mesh has made no Route yet`,
        );
    }
    if (pending.length === 0) {
        return ready(found, `${wanted.length} hosts have their Routes`);
    }
    return waiting(pending.join("; "), [
        "The mesh makes Routes only for Gateways in member namespaces, while its ingress gateway's pods run.",
        "A failure is only a line in its log:",
        "  oc get gateways.networking.istio.io -A",
        `  oc get routes -A -l ${IOR.generatedBy}=ior`,
    ]);
}

/**
 * Whether these Routes are there and admitted (the consoles', which their operators make). Value: the Route's name → host.
 */
export function judgeNamedRoutes(seen: RouteSnapshot, wanted: RouteRef[]): Verdict<Record<string, string>> {
    const hosts: Record<string, string> = {};
    const pending: string[] = [];
    for (const { namespace, name } of wanted) {
        const route = find(seen.routes, { namespace, name });
        if (!route) {
            pending.push(`Route ${name} is not there`);
        } else if (!isAdmitted(route)) {
            const holder = claimant(seen.routes, route);
            if (holder) {
                return failed(claimed(route, holder, route.spec?.host));
            }
            pending.push(`Route ${name}: ${refusal(route) ?? "not admitted yet"}`);
        } else {
            hosts[name] = route.spec?.host ?? "";
        }
    }
    const where = [...new Set(wanted.map((r) => r.namespace))];
    return pending.length
        ? waiting(
              pending.join(", "),
              where.map((namespace) => `  oc get routes -n ${namespace}`),
          )
        : ready(hosts);
}

/** The Route of that name, if it is there. */
export function find(routes: KubeObject[], { namespace, name }: RouteRef): KubeObject | undefined {
    return routes.find((r) => r.metadata.name === name && r.metadata.namespace === namespace);
}

interface Ingress {
    host?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
}

function admissions(route: KubeObject) {
    const all: Ingress[] = route.status?.ingress ?? [];
    return all.flatMap((i) => i.conditions ?? []).filter((c) => c.type === "Admitted");
}

/** At least one router has admitted it. */
export function isAdmitted(route: KubeObject): boolean {
    return admissions(route).some((c) => c.status === "True");
}

/** Why a router does not admit it, in its words. */
export function refusal(route: KubeObject): string | undefined {
    const refused = admissions(route).find((c) => c.status === "False");
    return refused && [refused.reason, refused.message].filter(Boolean).join(": ");
}

export function isMadeByMesh(labels: Record<string, string> | undefined): boolean {
    return labels?.[IOR.generatedBy] === "ior";
}

function isMadeFor(route: KubeObject, want: HostWant): boolean {
    const labels = route.metadata.labels ?? {};
    const host = route.metadata.annotations?.[IOR.originalHost] ?? route.spec?.host;
    const ofGateway = labels[IOR.gatewayName] === want.gateway && labels[IOR.gatewayNamespace] === want.namespace;
    return isMadeByMesh(labels) && ofGateway && (host === want.host || route.spec?.host === want.host);
}

/**
 * The Route that holds the host, when a router has refused ours for it. Not one that is going, nor one that the mesh
 * made for the same Gateway: it deletes and makes its Routes anew, and the old one gives way by itself.
 */
export function claimant(routes: KubeObject[], ours: KubeObject, want?: HostWant): KubeObject | undefined {
    if (!admissions(ours).some((c) => c.status === "False" && c.reason === "HostAlreadyClaimed")) {
        return undefined;
    }
    return routes.find(
        (r) =>
            (r.metadata.name !== ours.metadata.name || r.metadata.namespace !== ours.metadata.namespace) &&
            r.spec?.host === ours.spec?.host &&
            isAdmitted(r) &&
            !r.metadata.deletionTimestamp &&
            !(want && isMadeFor(r, want)),
    );
}

/** The host is somebody else's, who is named. */
export function claimed(ours: KubeObject, holder: KubeObject, host: string) {
    const { name, namespace } = holder.metadata;
    return {
        object: called("Route", ours.metadata),
        found: "HostAlreadyClaimed",
        expected: `to have the host ${host}`,
        said: refusal(ours) ?? "",
        by: "the router",
        todo: [
            `The host is held by Route ${namespace}/${name}, to service ${holder.spec?.to?.name}.`,
            "Give this service another host, or have that Route's owner free it:",
            `  oc get route ${name} -n ${namespace} -o yaml`,
        ],
    };
}
