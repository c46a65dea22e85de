import { listenerFacts, routeFacts } from "../../cluster/look-workloads";
import type { Verdict } from "../../cluster/verdict";
import { judgeGatewayRoutes, judgeNamedRoutes, type RouteRef } from "../../cluster/verdicts/routes";
import { routeName, routeSpec } from "../../specs/route";
import { type Check, fromVerdict, judged } from "../check";
import { type Environment, type Side, sideFor, type VerifiedService } from "../environment";
import { difference } from "../difference";
import type { View } from "../reads";

/** Step 7: each host, and each console, has a Route that a router has admitted. */
export function checkRoutes(env: Environment, view: View): Check[] {
    const hosts = env.services.flatMap((service) => {
        const side = sideFor(env, service.namespace);
        return service.host === undefined || side.dialect.routes(side.config) === "nobody"
            ? []
            : [checkHost({ ...service, host: service.host }, side, env, view)];
    });
    return [...hosts, ...checkConsoles(env.sides[0], view)];
}

function checkHost(service: VerifiedService & { host: string }, side: Side, env: Environment, view: View): Check {
    const { name, namespace, host, tls } = service;
    const how = tls === undefined ? "" : `, TLS ${tls.mode}`;
    const about = { group: "ingress" as const, subject: host, expected: `an admitted Route to ${name}${how}` };
    const seen = { routes: view.routes };
    const byStack = side.dialect.routes(side.config) === "stack";
    const made = { namespace: side.entry.namespace, name: routeName(namespace, name) };
    const verdict: Verdict<unknown> = byStack
        ? judgeNamedRoutes(seen, [made])
        : judgeGatewayRoutes(seen, [{ host, gateway: env.gateways[namespace], namespace }]);
    const check = fromVerdict(about, verdict);
    if (verdict.is !== "ready") {
        return check;
    }
    const at = byStack ? made : (verdict.value as Record<string, RouteRef>)[host];
    if (byStack) {
        const route = view.routes.find((r) => r.metadata.name === at.name && r.metadata.namespace === at.namespace);
        const wrong = difference(routeSpec({ name, host, port: service.port, tls }, side.entry), route?.spec, "spec");
        if (wrong !== undefined) {
            return judged(about, false, `Route ${at.namespace}/${at.name}: ${wrong}`);
        }
    }
    return { ...check, seen: `Route ${at.namespace}/${at.name}` };
}

/** While a stack has two meshes, its consoles are those of the one that it is leaving. */
function checkConsoles({ dialect, config }: Side, view: View): Check[] {
    return Object.entries(dialect.consoleRoutes(config)).map(([name, route]) => {
        const about = { group: "ingress" as const, subject: `console ${name}`, expected: "an admitted Route" };
        const verdict = judgeNamedRoutes({ routes: view.routes }, [route]);
        const check = fromVerdict(about, verdict);
        return verdict.is === "ready" ? { ...check, seen: verdict.value[route.name] } : check;
    });
}

const EXPOSE = "maistra.io/expose-route=true";

/** Step 3: what goes on as it is carries the label by which the mesh lets the router through to it (traps 27, 28). */
export function checkExceptions({ exceptions }: Environment, view: View): Check[] {
    const routes = routesIn(view);
    const listeners = listenerFacts(view.listeners);
    return exceptions.map(({ namespace, route: name }) => {
        const about = { group: "exceptions" as const, subject: `Route ${namespace}/${name}`, expected: EXPOSE };
        const route = routes.find((r) => r.namespace === namespace && r.name === name);
        if (!route) {
            return judged(about, false, "there is no such Route");
        }
        const listener = listeners.find((l) => l.namespace === namespace && l.name === route.listener);
        const bare = [
            ...(listener && !listener.exposed ? [`EventListener ${listener.name}`] : []),
            ...(route.exposed ? [] : ["its pods"]),
        ];
        if (bare.length > 0) {
            return judged(about, false, `not on ${bare.join(" nor on ")}`);
        }
        return judged(about, true, listener ? `on EventListener ${listener.name} and its pods` : "on its pods");
    });
}

function routesIn(view: View) {
    const workloads = [...view.deployments, ...view.deploymentConfigs];
    return routeFacts(view.routes, { services: view.services, listeners: view.listeners, workloads });
}

/** The EventListeners that are exceptions, by namespace: their pods have no sidecar. */
export function exemptListeners({ exceptions }: Environment, view: View): Record<string, string[]> {
    const found: Record<string, string[]> = {};
    for (const { namespace, name, listener } of routesIn(view)) {
        if (listener !== undefined && exceptions.some((e) => e.namespace === namespace && e.route === name)) {
            (found[namespace] ??= []).push(listener);
        }
    }
    return found;
}
