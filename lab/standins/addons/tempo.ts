import type { KubeObject } from "../../../kube";
import type { StandInContext } from "../types";
import { type Condition, dated } from "./conditions";
import { type AddonOperator, Misconfigured } from "./operator";
import { account, type Labels, type Port, route, service, workload } from "./parts";

/** Tempo's operator (grafana/tempo-operator, internal/manifests and internal/status). */

const API = "tempo.grafana.com/v1alpha1";
const OPERATOR = { namespace: "openshift-tempo-operator", deployment: "tempo-operator-controller" };
const IMAGE = "registry.redhat.io/rhosdt/tempo-rhel8:2.7.2";
const OTLP_GRPC: Port = ["otlp-grpc", 4317, "otlp-grpc"];
const OTLP_HTTP: Port = ["otlp-http", 4318, "otlp-http"];
const HTTP: Port = ["http", 3200, "http"];
const UI: Port[] = [
    ["jaeger-grpc", 16685, "jaeger-grpc"],
    ["jaeger-ui", 16686, "jaeger-ui"],
    ["jaeger-metrics", 16687, "jaeger-metrics"],
];

export function tempoOperators(): AddonOperator[] {
    return [
        {
            ...OPERATOR,
            kind: { apiVersion: API, kind: "TempoMonolithic" },
            finalizer: "tempo.grafana.com/finalizer",
            objects: monolithicObjects,
            status: tempoStatus,
        },
        {
            ...OPERATOR,
            kind: { apiVersion: API, kind: "TempoStack" },
            finalizer: "tempo.grafana.com/finalizer",
            objects: async (resource, context) => {
                await checkStorage(resource, context);
                return stackObjects(resource);
            },
            status: tempoStatus,
        },
    ];
}

/** "tempo-<name>", with the Jaeger UI as "tempo-<name>-jaegerui": its Service and, if asked for, its Route. */
export function monolithicObjects({ metadata, spec }: KubeObject): KubeObject[] {
    const { name } = metadata;
    const pods = labelsOf(name, "tempo");
    const { grpc, http } = spec?.ingestion?.otlp ?? {};
    const ui = spec?.jaegerui;
    const uiLabels = labelsOf(name, "jaegerui");
    const receivers = [
        ...(grpc?.enabled === false ? [] : [OTLP_GRPC]),
        ...(http?.enabled === false ? [] : [OTLP_HTTP]),
    ];
    return [
        account(nameOf(name), pods),
        workload({
            kind: "StatefulSet",
            name: nameOf(name),
            labels: pods,
            pods,
            account: nameOf(name),
            image: IMAGE,
        }),
        service(nameOf(name), pods, pods, [HTTP, ...receivers]),
        ...(ui?.enabled ? [service(nameOf(name, "jaegerui"), uiLabels, pods, UI)] : []),
        ...(ui?.enabled && ui.route?.enabled
            ? [uiRoute(nameOf(name, "jaegerui"), uiLabels, ui.route.termination, ui.route.host)]
            : []),
    ];
}

/** Its parts are "tempo-<name>-<part>"; the Jaeger UI is the query frontend's, and so is its Route. */
export function stackObjects({ metadata, spec }: KubeObject): KubeObject[] {
    const { name } = metadata;
    const part = (component: string, kind: "Deployment" | "StatefulSet", ports: Port[]) => {
        const labels = labelsOf(name, component);
        const own = nameOf(name, component);
        return [
            workload({ kind, name: own, labels, pods: labels, account: nameOf(name), image: IMAGE }),
            service(own, labels, labels, ports),
        ];
    };
    const { enabled, ingress } = spec?.template?.queryFrontend?.jaegerQuery ?? {};
    const frontend = nameOf(name, "query-frontend");
    return [
        account(nameOf(name), labelsOf(name, "tempo")),
        ...part("compactor", "Deployment", [HTTP]),
        ...part("distributor", "Deployment", [HTTP, OTLP_GRPC, OTLP_HTTP]),
        ...part("ingester", "StatefulSet", [HTTP]),
        ...part("querier", "Deployment", [HTTP]),
        ...part("query-frontend", "Deployment", [HTTP, ...(enabled ? UI : [])]),
        ...(enabled && ingress?.type === "route"
            ? [uiRoute(frontend, labelsOf(name, "query-frontend"), ingress.route?.termination, ingress.host)]
            : []),
    ];
}

/** Errors: the Secret of the object storage is not there. */
async function checkStorage({ metadata, spec }: KubeObject, { kube }: StandInContext): Promise<void> {
    const { name } = spec.storage.secret;
    if (!(await kube.get({ apiVersion: "v1", kind: "Secret", namespace: metadata.namespace, name }))) {
        const message = `could not fetch storage configuration secret: Secret "${name}" not found`;
        throw new Misconfigured("InvalidStorageConfig", message);
    }
}

function tempoStatus({ status }: KubeObject, ready: boolean, error: Misconfigured | undefined): object {
    const is = (value: boolean) => (value ? "True" : "False");
    const conditions: Condition[] = [
        {
            type: "Pending",
            status: is(!ready && !error),
            reason: "PendingComponents",
            message: "Some Tempo components are pending on dependencies",
        },
        {
            type: "ConfigurationError",
            status: is(error !== undefined),
            reason: error?.reason ?? "InvalidStorageConfig",
            message: error?.message ?? "",
        },
        { type: "Ready", status: is(ready), reason: "Ready", message: "All components are operational" },
    ];
    return { tempoVersion: "2.7.2", operatorVersion: "0.16.0", conditions: dated(status?.conditions, conditions) };
}

function uiRoute(name: string, labels: Labels, termination = "edge", host?: string): KubeObject {
    const tls = termination === "insecure" ? undefined : { termination };
    return route(name, labels, name, { tls, port: "jaeger-ui", host });
}

function nameOf(name: string, component = ""): string {
    return component === "" ? `tempo-${name}` : `tempo-${name}-${component}`;
}

function labelsOf(instance: string, component: string): Labels {
    return {
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/instance": instance,
        "app.kubernetes.io/managed-by": "tempo-operator",
        "app.kubernetes.io/name": "tempo",
    };
}
