/** The DNS domain of the cluster; also the trust domain of its identities. */
export const CLUSTER_DOMAIN = "cluster.local";

/**
 * A host as Istio's objects write it, in full: a name without a dot is a service of the object's own namespace
 * (istio/istio, pilot/pkg/model, ResolveShortnameToFQDN).
 */
export function fullHost(host: string, namespace: string): string {
    return host === "*" || host.includes(".") ? host : serviceHost(host, namespace);
}

export function serviceHost(name: string, namespace: string): string {
    return `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
}

/** Whether every host that `host` stands for is one that `pattern` stands for. Both may be "*" or begin with "*.". */
export function covers(pattern: string, host: string): boolean {
    if (pattern === "*" || pattern === host) {
        return true;
    }
    return pattern.startsWith("*") && host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1;
}

/** What both stand for, if anything. */
export function intersection(a: string, b: string): string | undefined {
    if (covers(a, b)) {
        return b;
    }
    return covers(b, a) ? a : undefined;
}

/** For sort(): the most specific host first; a wildcard comes after every name, a long one before a short one. */
export function bySpecificity(a: string, b: string): number {
    const wild = Number(a.startsWith("*")) - Number(b.startsWith("*"));
    return wild || b.length - a.length || (a < b ? -1 : Number(a > b));
}

/** Whether an object of `home` that is exported to these namespaces is seen from another one; absent means by all. */
export function isVisible(exportTo: string[], home: string, from: string): boolean {
    return exportTo.length === 0 || exportTo.some((to) => to === "*" || to === from || (to === "." && home === from));
}
