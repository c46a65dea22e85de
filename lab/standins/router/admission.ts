import type { KubeObject } from "../../../kube";

export interface Admission {
    admitted: boolean;
    reason?: string;
    message?: string;
}

/**
 * Which Routes a router admits: of those that want the same host and path the oldest, and a host belongs to the
 * namespace of its oldest Route (openshift/router, pkg/router/controller/unique_host.go). Routes without a host are
 * left out. The order given is that in which they came. Keyed by uid.
 */
export function admissions(routes: KubeObject[]): Map<string, Admission> {
    const verdicts = new Map<string, Admission>();
    const holders = new Map<string, KubeObject>();
    const paths = new Map<string, KubeObject>();
    for (const route of [...routes].sort(byAge)) {
        const { host, path = "" } = route.spec;
        if (!host) {
            continue;
        }
        const holder = holders.get(host) ?? route;
        const older = paths.get(`${host}${path}`);
        if (holder.metadata.namespace !== route.metadata.namespace) {
            verdicts.set(
                route.metadata.uid!,
                claimed(`a route in another namespace holds ${host} and is older than ${route.metadata.name}`),
            );
        } else if (older) {
            verdicts.set(
                route.metadata.uid!,
                claimed(`route ${older.metadata.name} already exposes ${host} and is older`),
            );
        } else {
            holders.set(host, route);
            paths.set(`${host}${path}`, route);
            verdicts.set(route.metadata.uid!, { admitted: true });
        }
    }
    return verdicts;
}

/** The host that OpenShift gives a Route that names none. */
export function generatedHost(route: KubeObject, domain: string): string {
    return `${route.metadata.name}-${route.metadata.namespace}.${domain}`;
}

function claimed(message: string): Admission {
    return { admitted: false, reason: "HostAlreadyClaimed", message };
}

/** Times are whole seconds; among equals the one that is admitted already stays, then the order given decides. */
function byAge(a: KubeObject, b: KubeObject): number {
    const difference = (a.metadata.creationTimestamp ?? "").localeCompare(b.metadata.creationTimestamp ?? "");
    return difference || Number(isAdmitted(b)) - Number(isAdmitted(a));
}

function isAdmitted(route: KubeObject): boolean {
    const conditions: { type: string; status: string }[] = route.status?.ingress?.[0]?.conditions ?? [];
    return conditions.some(({ type, status }) => type === "Admitted" && status === "True");
}
