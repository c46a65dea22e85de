import { z } from "zod";
import { everywhere } from "../levels";
import { notJudged, objectOf, resourceRule, wrong } from "../rule";
import { find, get, same, UNKNOWN } from "../values";
import { podPath } from "../workloads";

/** Pods with this label are let through to from the cluster's router, past the mesh (maistra/istio-operator). */
const EXPOSE_ROUTE = "maistra.io/expose-route";

/** Consoles, which are no part of the mesh, are exposed by their own operators and do not come by here. */
export const exceptionsOnlyListeners = resourceRule({
    name: "exceptions-only-listeners",
    description: `Only EventListeners are exceptions (${EXPOSE_ROUTE}).`,
    level: everywhere,
    settings: z.object({}),
    judge(resource) {
        const message = (what: string): string =>
            `${what} is let through to past the mesh by the label ${EXPOSE_ROUTE}: take it away, and give the ` +
            "service a host in mesh:namespaces; exceptions are for Tekton's EventListeners";
        if (resource.type.endsWith(":ObjectPatch")) {
            const path = get(resource.props, "path");
            const kind = same(get(resource.props, "kind"), "EventListener");
            return !Array.isArray(path) || path.at(-1) !== EXPOSE_ROUTE || kind === true
                ? []
                : [kind === UNKNOWN ? notJudged("kind") : wrong(message(objectOf(resource)))];
        }
        // Of other objects the label does not come to their pods, but for EventListeners.
        const pod = podPath(resource);
        const found = pod === undefined ? [] : find(resource.props, ...pod, "metadata", "labels", EXPOSE_ROUTE);
        return found.some(({ value }) => value === "true")
            ? [wrong(message(objectOf(resource)))]
            : found.filter(({ value }) => value === UNKNOWN).map(({ path }) => notJudged(path));
    },
});
