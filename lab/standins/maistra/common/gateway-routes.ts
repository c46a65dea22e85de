import type { Kube } from "../../../../kube";

/** What the Routes of Gateways' hosts have in common in every release. */

export const ROUTE = { apiVersion: "route.openshift.io/v1", kind: "Route" };
export const GENERATED_BY = "maistra.io/generated-by";
export const ORIGINAL_HOST = "maistra.io/original-host";

/** A server of a Gateway. */
export interface Server {
    hosts?: string[];
    tls?: { httpsRedirect?: boolean };
}

export function tlsOf({ httpsRedirect }: { httpsRedirect?: boolean }): object {
    return { termination: "passthrough", ...(httpsRedirect ? { insecureEdgeTerminationPolicy: "Redirect" } : {}) };
}

/** The service whose pods the Gateway selects. Errors: there is none (yet). */
export async function findService(kube: Kube, mesh: string, selector: Record<string, string>): Promise<string> {
    const labelSelector = Object.entries(selector)
        .map(([key, value]) => `${key}=${value}`)
        .join(",");
    const [pods, services] = await Promise.all([
        kube.list({ apiVersion: "v1", kind: "Pod" }, { namespace: mesh, labelSelector }),
        kube.list({ apiVersion: "v1", kind: "Service" }, { namespace: mesh }),
    ]);
    for (const pod of pods) {
        const service = services.find((candidate) => selects(candidate.spec?.selector, pod.metadata.labels));
        if (service) {
            return service.metadata.name;
        }
    }
    throw new Error(`could not find a service that matches the selector ${labelSelector} in namespaces [${mesh}]`);
}

function selects(selector: Record<string, string> | undefined, labels: Record<string, string> = {}): boolean {
    return selector !== undefined && Object.entries(selector).every(([key, value]) => labels[key] === value);
}
