import type { MeshConfig } from "../config/schema";
import type { Dialect, Leaving } from "./dialect";
import { prune } from "./prune";

/** Where OperatorHub puts operators that watch all namespaces; it comes with an OperatorGroup of its own. */
const OPERATORS = "openshift-operators";

/**
 * What the operator 1.1 makes at its start, outside its CSV (maistra/istio-operator, tag maistra-1.1.7; openshift-docs,
 * modules/ossm-remove-cleanup-1x.adoc). Webhooks left behind refuse every later installation.
 */
const leavings: Leaving[] = [
    ...["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"].map((kind) => ({
        apiVersion: "admissionregistration.k8s.io/v1",
        kind,
        name: "openshift-operators.servicemesh-resources.maistra.io",
    })),
    { apiVersion: "v1", kind: "Service", namespace: OPERATORS, name: "admission-controller" },
    { apiVersion: "v1", kind: "Secret", namespace: OPERATORS, name: "maistra-operator-serving-cert" },
    { apiVersion: "v1", kind: "ConfigMap", namespace: OPERATORS, name: "maistra-operator-cabundle" },
    { apiVersion: "apps/v1", kind: "DaemonSet", namespace: OPERATORS, name: "istio-node" },
    { apiVersion: "v1", kind: "ConfigMap", namespace: OPERATORS, name: "istio-cni-config" },
    { apiVersion: "v1", kind: "ServiceAccount", namespace: OPERATORS, name: "istio-cni" },
    ...["istio-admin", "istio-cni", "istio-edit", "istio-view"].map((name) => ({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        name,
    })),
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", name: "istio-cni" },
];

/**
 * Service Mesh 1.1: Istio 1.4 with Mixer, configured by free-form Helm values under spec.istio of maistra.io/v1, a member
 * roll, sidecars asked for by annotation, Routes made from Gateways (IOR). Fields and defaults: maistra/istio-operator,
 * tag maistra-1.1.7, resources/helm/v1.1 and resources/smcp-templates/v1.1.
 */
export const v1_1: Dialect = {
    generation: "1.1",

    // The documented order: the Service Mesh operator comes after the three whose kinds it uses
    // (openshift-docs, modules/ossm-install-ossm-operator.adoc).
    operators: [
        {
            key: "elasticsearch",
            package: "elasticsearch-operator",
            csvPrefix: "elasticsearch-operator.",
            namespace: "openshift-operators-redhat",
            home: "own",
            after: [],
            leavings: [],
        },
        {
            key: "jaeger",
            package: "jaeger-product",
            csvPrefix: "jaeger-operator.",
            namespace: OPERATORS,
            home: "shared",
            after: [],
            leavings: [],
        },
        {
            key: "kiali",
            package: "kiali-ossm",
            csvPrefix: "kiali-operator.",
            namespace: OPERATORS,
            home: "shared",
            after: [],
            leavings: [],
        },
        {
            key: "servicemesh",
            package: "servicemeshoperator",
            csvPrefix: "servicemeshoperator.",
            namespace: OPERATORS,
            home: "shared",
            after: ["elasticsearch", "jaeger", "kiali"],
            webhook: { apiVersion: "maistra.io/v1", kind: "ServiceMeshControlPlane" },
            leavings,
        },
    ],

    refuse(config) {
        const problems = [];
        const version = config.controlPlane.version;
        if (version !== undefined && !["v1.0", "v1.1"].includes(version)) {
            problems.push({
                key: "mesh:controlPlane.version",
                found: version,
                allowed: "v1.1 or v1.0 with generation 1.1; leave it out for v1.1",
            });
        }
        return problems;
    },

    version: (config) => config.controlPlane.version ?? "v1.1",

    controlPlaneKind: { apiVersion: "maistra.io/v1", kind: "ServiceMeshControlPlane" },

    controlPlaneSpec(config) {
        return { version: this.version(config), istio: values(config) };
    },

    consoleRoutes(config) {
        // Prometheus and the gateway's own Route come with every 1.1 control plane.
        const names = new Set([...config.controlPlane.consoles, "prometheus", "ingressgateway"]);
        const routes: Record<string, string> = {};
        for (const name of names) {
            routes[name] = name === "ingressgateway" ? "istio-ingressgateway" : name;
        }
        return routes;
    },

    routesFromGateways: (config) => config.controlPlane.routes === "gateways",

    sidecar: { annotations: { "sidecar.istio.io/inject": "true" }, labels: {} },

    apis: {
        networking: "networking.istio.io/v1alpha3",
        security: "security.istio.io/v1beta1",
        membership: "maistra.io/v1",
    },
};

/** The Helm values. A key is there only when it has a value: an empty map would override the template's defaults below it. */
function values(config: MeshConfig): Record<string, unknown> {
    const { consoles, gateways, mixer, mtls, pilot, proxy, tracing } = config.controlPlane;
    const { requests, limits } = mixer.telemetry;
    return prune({
        global: {
            proxy: { resources: { requests: proxy.requests, limits: proxy.limits } },
            mtls: {
                enabled: mtls === "strict",
                // Permissive: servers take both, and clients use mTLS wherever the other side has a sidecar.
                auto: mtls === "permissive" ? true : undefined,
            },
        },
        gateways: {
            "istio-egressgateway": { autoscaleEnabled: gateways.egress.autoscale },
            "istio-ingressgateway": {
                autoscaleEnabled: gateways.ingress.autoscale,
                ior_enabled: config.controlPlane.routes === "gateways",
            },
        },
        mixer: {
            policy: { autoscaleEnabled: mixer.policy.autoscale },
            telemetry: { autoscaleEnabled: mixer.telemetry.autoscale, resources: { requests, limits } },
        },
        pilot: { autoscaleEnabled: pilot.autoscale, traceSampling: tracing.sampling },
        kiali: { enabled: consoles.includes("kiali") },
        grafana: { enabled: consoles.includes("grafana") },
        tracing: {
            enabled: tracing.enabled,
            jaeger: { template: tracing.storage === "elasticsearch" ? "production-elasticsearch" : "all-in-one" },
        },
    }) as Record<string, unknown>;
}
