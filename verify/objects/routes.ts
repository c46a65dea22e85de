import { listenerFacts, routeFacts } from "../../cluster/look-workloads";
import { judgeGatewayRoutes, judgeNamedRoutes } from "../../cluster/verdicts/routes";
import { type Check, fromVerdict, judged } from "../check";
import type { Environment } from "../environment";
import type { View } from "../reads";

/** Step 7: each host, and each console, has a Route that a router has admitted. */
export function checkRoutes({ dialect, config, outputs, services, gateways }: Environment, view: View): Check[] {
    const seen = { routes: view.routes };
    const made = dialect.routesFromGateways(config) ? services : [];
    const hosts = made.flatMap(({ name, namespace, host }) => {
        if (host === undefined) {
            return [];
        }
        const about = { group: "ingress" as const, subject: host, expected: `an admitted Route to ${name}` };
        const verdict = judgeGatewayRoutes(seen, [{ host, gateway: gateways[namespace], namespace }]);
        const check = fromVerdict(about, verdict);
        const route = verdict.is === "ready" ? verdict.value[host] : undefined;
        return [route ? { ...check, seen: `Route ${route.namespace}/${route.name}` } : check];
    });
    const consoles = Object.entries(dialect.consoleRoutes(config)).map(([name, route]) => {
        const about = { group: "ingress" as const, subject: `console ${name}`, expected: "an admitted Route" };
        const verdict = judgeNamedRoutes(seen, outputs.controlPlane.namespace, [route]);
        const check = fromVerdict(about, verdict);
        return verdict.is === "ready" ? { ...check, seen: verdict.value[route] } : check;
    });
    return [...hosts, ...consoles];
}

const EXPOSE = "maistra.io/expose-route=true";

/** Step 3: what goes on as it is carries the label by which the mesh lets the router through to it (traps 27, 28). */
export function checkExceptions({ exceptions }: Environment, view: View): Check[] {
    const workloads = [...view.deployments, ...view.deploymentConfigs];
    const routes = routeFacts(view.routes, { services: view.services, listeners: view.listeners, workloads });
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
