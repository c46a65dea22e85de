import { randomBytes } from "node:crypto";
import type { KubeObject } from "../../../../../kube";
import { JAEGER, KIALI } from "../../common/names";
import { isEnabled, jaegerName, kialiName } from "../applied-spec";
import {
    annotated,
    binding,
    chartLabels,
    clusterRole,
    configMap,
    deployment,
    DESTINATION_RULE,
    istio,
    type Labels,
    managedPolicies,
    type Mesh,
    namespaced,
    PEER_AUTHENTICATION,
    route,
    rule,
    runtimeOf,
    secret,
    service,
    serviceAccount,
} from "./parts";

type Console = "grafana" | "prometheus";

export function prometheus(mesh: Mesh): KubeObject[] {
    const labels = chartLabels(mesh, { app: "prometheus" });
    const name = `prometheus-${mesh.namespace}`;
    const role = { kind: "ClusterRole" as const, name };
    return [
        ...(isEnabled(mesh.applied, "prometheus") ? [htpasswd(mesh)] : []),
        ...consolePolicy(mesh, "prometheus", labels),
        secret(mesh, "prometheus-proxy", chartLabels(mesh, { app: "istio" }), sessionSecret()),
        configMap(mesh, "prometheus", labels, {
            "prometheus.yml": `global:\n  scrape_interval: 15s\n# namespaces: ${mesh.members.join(", ")}\n`,
        }),
        consoleAccount(mesh, "prometheus", labels),
        clusterRole(name, labels, [rule("", ["services", "endpoints", "pods"], ["get", "list", "watch"])]),
        binding(mesh, "RoleBinding", name, role, "prometheus", labels),
        consoleRoute(mesh, "prometheus", labels),
        service(
            mesh,
            "prometheus",
            labels,
            [["http-prometheus", 9090, 3001]],
            { app: "prometheus" },
            {
                "prometheus.io/scrape": "true",
                ...serving(mesh, "prometheus"),
            },
        ),
        consoleDeployment(mesh, "prometheus", labels),
    ];
}

export function grafana(mesh: Mesh): KubeObject[] {
    const labels = chartLabels(mesh, { app: "grafana" });
    const own = chartLabels(mesh, { app: "grafana", istio: "grafana" });
    return [
        ...consolePolicy(mesh, "grafana", labels),
        secret(mesh, "grafana-proxy", labels, sessionSecret()),
        configMap(mesh, "istio-grafana", own, { "grafana.ini": "[auth]\ndisable_login_form = true\n" }),
        consoleAccount(mesh, "grafana", labels),
        consoleRoute(mesh, "grafana", labels),
        service(mesh, "grafana", labels, [["http", 3000, 3001]], { app: "grafana" }, serving(mesh, "grafana")),
        consoleDeployment(mesh, "grafana", labels),
        istio(mesh, PEER_AUTHENTICATION, "grafana-ports-mtls-disabled", labels, {
            mtls: { mode: "PERMISSIVE" },
            portLevelMtls: { "3000": { mode: "DISABLE" } },
            selector: { matchLabels: { app: "grafana" } },
        }),
    ];
}

/** A Jaeger resource, for which the Jaeger operator makes the rest, and what lets proxies send to it (M4c). */
export function tracing(mesh: Mesh): KubeObject[] {
    const labels = chartLabels(mesh, { app: "jaeger" });
    const name = jaegerName(mesh.applied);
    const install = mesh.applied.addons?.jaeger?.install ?? {};
    const { type, elasticsearch } = install.storage ?? {};
    const production = type === "Elasticsearch";
    const pods = {
        "app.kubernetes.io/component": production ? "collector" : "all-in-one",
        "app.kubernetes.io/instance": name,
    };
    const storage = production ? { type: "elasticsearch", elasticsearch: elasticsearch ?? {} } : { type: "memory" };
    const spec = {
        strategy: production ? "production" : "allInOne",
        ingress: { enabled: install.ingress?.enabled !== false, security: "oauth-proxy" },
        storage,
    };
    const plain = (own: string, host: string) =>
        istio(mesh, DESTINATION_RULE, own, labels, { host, trafficPolicy: { tls: { mode: "DISABLE" } } });
    return [
        ...managedPolicies(mesh, [
            {
                name: "istio-jaeger-ingress",
                labels,
                pods: { "app.kubernetes.io/instance": name, "app.kubernetes.io/part-of": "jaeger" },
                ingress: {},
                internal: true,
            },
        ]),
        service(mesh, "zipkin", labels, [["zipkin", 9411, 9411]], pods),
        namespaced(mesh, { ...JAEGER, metadata: { name, labels }, spec }),
        istio(mesh, PEER_AUTHENTICATION, "disable-mtls-jaeger-collector", labels, {
            mtls: { mode: "DISABLE" },
            selector: { matchLabels: pods },
        }),
        plain("disable-mtls-jaeger-collector", `${name}-collector.${mesh.namespace}.svc.cluster.local`),
        plain("disable-mtls-zipkin", "zipkin"),
    ];
}

/** A Kiali resource, for which the Kiali operator makes the rest (recorded: status/m25-kiali). */
export function kiali(mesh: Mesh): KubeObject[] {
    const labels = chartLabels(mesh, { app: "kiali" });
    const { dashboard, service: exposed, deployment: shape } = mesh.applied.addons?.kiali?.install ?? {};
    const istiod = `istiod-${mesh.name}`;
    const spec = {
        version: "v1.73",
        installation_tag: `Kiali [${mesh.namespace}]`,
        istio_namespace: mesh.namespace,
        auth: { strategy: "openshift" },
        deployment: {
            accessible_namespaces: [],
            ingress: { enabled: exposed?.ingress?.enabled !== false },
            namespace: mesh.namespace,
            pod_labels: { "sidecar.istio.io/inject": "false" },
            ...(shape?.resources ? { resources: shape.resources } : {}),
            ...(dashboard?.viewOnly ? { view_only_mode: true } : {}),
        },
        external_services: {
            istio: {
                config_map_name: `istio-${mesh.name}`,
                istiod_deployment_name: istiod,
                istio_sidecar_injector_config_map_name: `istio-sidecar-injector-${mesh.name}`,
                url_service_version: `http://${istiod}.${mesh.namespace}:15014/version`,
            },
            prometheus: { url: `https://prometheus.${mesh.namespace}.svc:9090` },
        },
    };
    return [
        ...consolePolicy(mesh, "kiali", labels),
        namespaced(mesh, { ...KIALI, metadata: { name: kialiName(mesh.applied), labels }, spec }),
    ];
}

function htpasswd(mesh: Mesh): KubeObject {
    const rawPassword = randomBytes(16).toString("base64url");
    const contents = { auth: `internal:${rawPassword}`, rawPassword };
    return secret(mesh, "htpasswd", chartLabels(mesh, { app: "istio" }), contents);
}

function sessionSecret(): Record<string, string> {
    return { session_secret: randomBytes(32).toString("base64") };
}

function consolePolicy(mesh: Mesh, app: string, labels: Labels): KubeObject[] {
    return managedPolicies(mesh, [
        { name: `istio-${app}-ingress`, labels, pods: { app }, ingress: {}, internal: true },
    ]);
}

function consoleAccount(mesh: Mesh, name: Console, labels: Labels): KubeObject {
    const reference = { kind: "OAuthRedirectReference", apiVersion: "v1", reference: { kind: "Route", name } };
    return annotated(serviceAccount(mesh, name, labels), {
        "serviceaccounts.openshift.io/oauth-redirectreference.primary": JSON.stringify(reference),
    });
}

function serving(mesh: Mesh, name: Console): Labels {
    return mesh.applied.addons?.[name]?.install?.service?.metadata?.annotations ?? {};
}

function consoleRoute(mesh: Mesh, name: Console, labels: Labels): KubeObject {
    return route(mesh, name, labels, { tls: { termination: "reencrypt", insecureEdgeTerminationPolicy: "Redirect" } });
}

function consoleDeployment(mesh: Mesh, name: Console, labels: Labels): KubeObject {
    const proxy = { name: `${name}-proxy`, image: "registry.redhat.io/openshift4/ose-oauth-proxy:v4.9" };
    return deployment(mesh, {
        name,
        labels,
        pods: { app: name },
        podAnnotations: { "sidecar.istio.io/inject": "false" },
        account: name,
        containers: [proxy, { name, ...runtimeOf(mesh, name) }],
        replicas: 1,
    });
}
