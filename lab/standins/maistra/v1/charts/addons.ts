import { randomBytes } from "node:crypto";
import type { KubeObject } from "../../../../../kube";
import { JAEGER, KIALI } from "../../common/names";
import { imageOf } from "./core";
import {
    binding,
    chartLabels,
    clusterRole,
    configMap,
    deployment,
    DESTINATION_RULE,
    istio,
    type Mesh,
    networkPolicy,
    POLICY,
    route,
    rule,
    secret,
    service,
    serviceAccount,
} from "./parts";

export function prometheus(mesh: Mesh): KubeObject[] {
    const labels = chartLabels("prometheus", "prometheus");
    const roleName = `prometheus-${mesh.namespace}`;
    return [
        secret(mesh, "prometheus-proxy", labels, { session_secret: randomBytes(32).toString("base64") }),
        configMap(mesh, "prometheus", labels, { "prometheus.yml": "global:\n  scrape_interval: 15s\n" }),
        serviceAccount(mesh, "prometheus", labels),
        clusterRole(roleName, labels, [rule("", ["services", "endpoints", "pods"], ["get", "list", "watch"])]),
        binding(mesh, "RoleBinding", roleName, { kind: "ClusterRole", name: roleName }, "prometheus", labels),
        service(
            mesh,
            "prometheus",
            labels,
            [["http-prometheus", 9090, 3001]],
            { app: "prometheus" },
            { "prometheus.io/scrape": "true", ...mesh.values.prometheus.service?.annotations },
        ),
        deployment(mesh, {
            name: "prometheus",
            labels,
            pods: { app: "prometheus" },
            account: "prometheus",
            containers: [oauthProxy(mesh, "prometheus-proxy"), { name: "prometheus", ...imageOf(mesh, "prometheus") }],
        }),
        ...consoleRoute(mesh, "prometheus", labels),
        consolePolicy(mesh, "istio-prometheus-ingress", labels, { app: "prometheus" }, 3001),
    ];
}

export function grafana(mesh: Mesh): KubeObject[] {
    const labels = chartLabels("grafana", "grafana");
    const untouched = { targets: [{ name: "grafana", ports: [{ number: 3000 }] }] };
    return [
        secret(mesh, "grafana-proxy", labels, { session_secret: randomBytes(32).toString("base64") }),
        configMap(mesh, "istio-grafana", labels, { "datasources.yaml": "apiVersion: 1\n" }),
        serviceAccount(mesh, "grafana", labels),
        service(
            mesh,
            "grafana",
            labels,
            [["http", 3000, 3001]],
            { app: "grafana" },
            mesh.values.grafana.service?.annotations,
        ),
        deployment(mesh, {
            name: "grafana",
            labels,
            pods: { app: "grafana" },
            account: "grafana",
            containers: [oauthProxy(mesh, "grafana-proxy"), { name: "grafana", ...imageOf(mesh, "grafana") }],
        }),
        ...consoleRoute(mesh, "grafana", labels),
        consolePolicy(mesh, "istio-grafana-ingress", labels, { app: "grafana" }, 3001),
        istio(mesh, POLICY, "grafana-ports-mtls-disabled", labels, untouched),
    ];
}

/** Tracing is Jaeger's own operator's work: the control plane only asks for it, and never waits for it. */
export function tracing(mesh: Mesh): KubeObject[] {
    const labels = chartLabels("tracing", "jaeger");
    const allInOne = mesh.values.tracing.jaeger.template !== "production-elasticsearch";
    const part = (name: string, component: string) => ({
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/instance": "jaeger",
        "app.kubernetes.io/part-of": "jaeger",
        "app.kubernetes.io/managed-by": "jaeger-operator",
    });
    const collector = allInOne ? part("jaeger", "all-in-one") : part("jaeger-collector", "collector");
    const query = allInOne ? part("jaeger", "all-in-one") : part("jaeger-query", "query");
    return [
        service(mesh, "zipkin", labels, [["jaeger-collector-zipkin", 9411, 9411]], collector),
        consolePolicy(mesh, "istio-jaeger-ingress", labels, query, 8443),
        istio(mesh, JAEGER, "jaeger", labels, {
            strategy: allInOne ? "allInOne" : "production",
            storage: allInOne ? { options: { memory: { "max-traces": 100_000 } } } : { type: "elasticsearch" },
            ingress: { enabled: mesh.values.tracing.ingress.enabled, security: "oauth-proxy" },
        }),
        ...["jaeger-collector", "zipkin"].flatMap((host) => [
            istio(mesh, POLICY, `disable-mtls-${host}`, labels, { targets: [{ name: host }] }),
            istio(mesh, DESTINATION_RULE, `disable-mtls-${host}`, labels, {
                host,
                trafficPolicy: { tls: { mode: "DISABLE" } },
            }),
        ]),
    ];
}

/** Likewise Kiali: a resource for Kiali's operator. */
export function kiali(mesh: Mesh): KubeObject[] {
    const labels = chartLabels("kiali", "kiali");
    const { namespace } = mesh;
    return [
        consolePolicy(mesh, "istio-kiali-ingress", labels, { app: "kiali" }, 20001),
        istio(mesh, KIALI, "kiali", labels, {
            version: "v1.12",
            installation_tag: `Kiali [${namespace}]`,
            istio_namespace: namespace,
            auth: { strategy: "openshift" },
            deployment: {
                accessible_namespaces: [namespace],
                namespace,
                ingress_enabled: mesh.values.kiali.ingress.enabled,
                view_only_mode: mesh.values.kiali.dashboard.viewOnlyMode,
            },
        }),
    ];
}

/** The console's Route; the service serves its own certificate, so the router re-encrypts. */
function consoleRoute(mesh: Mesh, name: string, labels: Record<string, string>): KubeObject[] {
    return mesh.values[name].ingress?.enabled ? [route(mesh, name, labels, { tls: { termination: "reencrypt" } })] : [];
}

function consolePolicy(
    mesh: Mesh,
    name: string,
    labels: Record<string, string>,
    pods: Record<string, string>,
    port: number,
): KubeObject {
    return networkPolicy(mesh, name, labels, { pods, ingress: { ports: [{ port, protocol: "TCP" }] }, internal: true });
}

function oauthProxy(mesh: Mesh, name: string): { name: string; image: string; resources: object } {
    const { hub, image, tag } = mesh.values.global.oauthproxy;
    return { name, image: `${hub}/${image}:v${tag}`, resources: mesh.values.global.defaultResources };
}
