import { MARK } from "../facts";
import { failed, MAKE_AGAIN, ready, type Verdict, waiting } from "../verdict";
import { claimant, claimed, find, isAdmitted, refusal, type RouteRef, type RouteSnapshot } from "./routes";

/** A Route that this stack makes by itself, and the host that it is for. */
export interface StackRoute extends RouteRef {
    host: string;
}

/**
 * Whether each of a stack's own Routes is admitted. Where another Route of the same stack still holds its host, that is
 * the one that it takes the place of (a gateway in another namespace): the router gives the host over in the very moment in
 * which the older one is deleted, which comes after (openshift/router pkg/router/controller/unique_host.go). Input: every
 * Route of the cluster, since a host is claimed cluster-wide. `mark` says which Routes are this stack's.
 */
export function judgeStackRoutes(
    seen: RouteSnapshot,
    wanted: StackRoute[],
    mark: string,
): Verdict<Record<string, RouteRef>> {
    const found: Record<string, RouteRef> = {};
    const pending: string[] = [];
    const handedOver: string[] = [];
    for (const { host, namespace, name } of wanted) {
        const route = find(seen.routes, { namespace, name });
        if (!route) {
            pending.push(`${host}: Route ${namespace}/${name} is not there`);
            continue;
        }
        const holder = isAdmitted(route) && route.spec?.host === host ? undefined : claimant(seen.routes, route);
        if (holder && holder.metadata.annotations?.[MARK] !== mark) {
            return failed(claimed(route, holder, host));
        }
        if (holder) {
            handedOver.push(host);
        } else if (route.spec?.host !== host) {
            pending.push(`${host}: its Route is for ${route.spec?.host}`);
            continue;
        } else if (!isAdmitted(route)) {
            pending.push(`${host}: ${refusal(route) ?? "no router has admitted its Route yet"}`);
            continue;
        }
        found[host] = { namespace, name };
    }
    if (pending.length > 0) {
        return waiting(pending.join("; "), [
            ...(pending.some((p) => p.endsWith("is not there")) ? MAKE_AGAIN : []),
            "What the router says of them is in their status:",
            ...[...new Set(wanted.map((r) => `  oc get routes -n ${r.namespace} -o wide`))],
        ]);
    }
    const later = handedOver.length ? `; ${handedOver.join(", ")}: handed over when the old one goes` : "";
    return ready(
        found,
        `${wanted.length} ${wanted.length === 1 ? "host has its Route" : "hosts have their Routes"}${later}`,
    );
}
