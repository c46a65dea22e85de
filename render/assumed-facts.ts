import { type ClusterFacts, emptyFacts } from "../cluster/facts";
import { effective } from "../config/next";
import type { MeshConfig } from "../config/schema";
import { dialects } from "../dialects";

const DEFAULT_DOMAIN = "apps.example.com";
const BUILDS = ["build.openshift.io/v1", "image.openshift.io/v1"];
const TEKTON = "triggers.tekton.dev/v1beta1";

/**
 * The cluster that a config expects, for renderings, which see none: no operators yet, member namespaces that exist only
 * where the config answers for Routes in them, an EventListener behind every exception, and the control plane that members
 * have moved to. Pure. @param mark the stack's
 */
export function assumedFacts(config: MeshConfig, mark = ""): ClusterFacts {
    // The namespaces of a workloads stack are made by others.
    const there = Object.entries(config.namespaces)
        .filter(([, n]) => config.platform !== undefined || hasThings(n))
        .map(([key, n]) => [config.platform?.namespaces[key] ?? key, n] as const);
    const answers = there.flatMap(([namespace, n]) =>
        Object.entries(n.existingRoutes).map(([route, answer]) => ({ namespace, route, answer })),
    );
    const appsDomain = config.appsDomain ?? DEFAULT_DOMAIN;
    const empty = emptyFacts({ appsDomain });
    const { now, next, moved } = effective(config);
    const sides = [now, ...(next ? [next] : [])];
    const operators = sides.flatMap((c) => dialects[c.generation].operators(c));
    const parents = sides.flatMap((c) => dialects[c.generation].gateway(c).parent?.apiVersion ?? []);
    return {
        ...empty,
        catalogSources: sides.flatMap(sourcesOf),
        server: "no cluster: this is a rendering",
        apiGroups: [...empty.apiGroups, ...BUILDS, TEKTON, ...parents],
        packages: Object.fromEntries(operators.map((o) => [o.package, { subscriptions: [], csvs: [] }])),
        namespaces: {
            ...empty.namespaces,
            ...Object.fromEntries(
                there.map(([name]) => [name, { exists: true, terminating: false, labels: {}, annotations: {} }]),
            ),
        },
        // Members move only to a control plane that is there.
        controlPlanes: next && moved.size > 0 ? [controlPlaneOf(next, mark)] : [],
        routes: answers.map(({ namespace, route, answer }) => ({
            namespace,
            name: route,
            host: `${route}-${namespace}.${appsDomain}`,
            to: route,
            labels: {},
            admitted: true,
            ...(answer === "exception" ? { listener: listenerOf(route) } : {}),
        })),
        listeners: answers
            .filter(({ answer }) => answer === "exception")
            .map(({ namespace, route }) => ({
                apiVersion: TEKTON,
                namespace,
                name: listenerOf(route),
                exposed: false,
            })),
        workloads: there.flatMap(([namespace, n]) =>
            Object.entries(n.services)
                .filter(([, service]) => service.existing !== undefined)
                .map(([name, service]) => ({
                    namespace,
                    kind: service.existing as "Deployment" | "DeploymentConfig",
                    name,
                    containers: [service.container],
                })),
        ),
    };
}

function controlPlaneOf(config: MeshConfig, mark: string): ClusterFacts["controlPlanes"][number] {
    const { name, namespace } = config.controlPlane;
    const [{ apiVersion }] = dialects[config.generation].controlPlane(config);
    return { name, namespace, apiVersion, version: config.controlPlane.version, mark };
}

/** Every catalogue that operators are to come from. */
function sourcesOf({ catalog, operators }: MeshConfig): ClusterFacts["catalogSources"] {
    return [catalog, ...Object.values(operators)].map(({ source, sourceNamespace }) => ({
        namespace: sourceNamespace ?? catalog.sourceNamespace,
        name: source ?? catalog.source,
        state: "READY",
    }));
}

function hasThings(namespace: MeshConfig["namespaces"][string]): boolean {
    const existing = Object.values(namespace.services).some((s) => s.existing !== undefined);
    return existing || Object.keys(namespace.existingRoutes).length > 0;
}

/** Tekton's Service for a listener is called el-<listener>, and so is mostly its Route. */
function listenerOf(route: string): string {
    return route.replace(/^el-/, "");
}
