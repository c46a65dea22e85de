import type { KubeObject } from "../../kube";
import { admissions } from "../standins/router/admission";
import type { ClusterView } from "./cluster-view";
import { type Endpoint, endpointsOf, portsOf } from "./endpoints";
import { mayConnect } from "./network-policy";

/** Where OpenShift's router runs: in its own namespace, or in the host's network, which counts as "default". */
const ROUTER_NAMESPACES = ["openshift-ingress", "default"];

/** Of the Routes that have a host the one with the longest path that the request is below. */
export function routeFor(view: ClusterView, host: string, path: string): KubeObject | undefined {
    return served(view.all("routes").filter((route) => route.spec?.host === host))
        .filter((route) => isBelow(path, route.spec.path ?? "/"))
        .sort((a, b) => (b.spec.path ?? "/").length - (a.spec.path ?? "/").length)[0];
}

/**
 * The Routes for a host that requests are sent to now: those that the router has admitted, and one that it has turned
 * down for an older one, in the moment in which that is gone. What the API shows follows a little later
 * (openshift/router, pkg/router/controller/unique_host.go). Those that should have the host come first.
 */
export function served(routes: KubeObject[]): KubeObject[] {
    const verdicts = admissions(routes);
    const isNext = ({ metadata }: KubeObject): boolean => verdicts.get(metadata.uid!)?.admitted === true;
    return routes
        .filter((route) => admitted(route) === "True" || (admitted(route) === "False" && isNext(route)))
        .sort((a, b) => Number(isNext(b)) - Number(isNext(a)));
}

interface Targets {
    open: Endpoint[];
    cutOff: Endpoint[];
}

/** Where a Route leads now: its pods that the router may connect to, and those that it may not. */
export function targetsOf(view: ClusterView, route: KubeObject, octet: number): Targets {
    const service = view
        .all("services")
        .find(({ metadata }) => metadata.namespace === route.metadata.namespace && metadata.name === backend(route));
    const wanted = route.spec.port?.targetPort;
    const ports = service === undefined ? [] : portsOf(service);
    // A name is a port of the Service, a number one of its pods'; without either the Service's first.
    const port = wanted === undefined ? ports[0] : ports.find((p) => [p.name, p.targetPort ?? p.port].includes(wanted));
    const endpoints = service && port ? endpointsOf(view, service, port, octet) : [];
    const isOpen = ({ workload, port: number }: Endpoint): boolean =>
        ROUTER_NAMESPACES.some((namespace) => {
            const from = { namespace, namespaceLabels: view.namespaceLabels(namespace) };
            return mayConnect(from, workload, number, view.all("networkPolicies"));
        });
    return { open: endpoints.filter(isOpen), cutOff: endpoints.filter((each) => !isOpen(each)) };
}

/** The name of a Service, chosen by weight where there are several. */
function backend(route: KubeObject): string {
    const all: { name: string; weight?: number }[] = [route.spec.to, ...(route.spec.alternateBackends ?? [])];
    const sum = all.reduce((total, { weight = 100 }) => total + weight, 0);
    let place = Math.random() * sum;
    return (all.find(({ weight = 100 }) => (place -= weight) < 0) ?? all[0]).name;
}

/** What the router has said about the host that the Route wants now; undefined before it has said anything. */
function admitted(route: KubeObject): "True" | "False" | undefined {
    const ingress: { host: string; conditions?: { type: string; status: "True" | "False" }[] }[] =
        route.status?.ingress ?? [];
    const conditions = ingress.find(({ host }) => host === route.spec.host)?.conditions ?? [];
    return conditions.find(({ type }) => type === "Admitted")?.status;
}

function isBelow(path: string, prefix: string): boolean {
    return prefix === "/" || path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
}
