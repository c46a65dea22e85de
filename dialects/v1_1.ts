import { servicesOf } from "../config/hosts";
import type { MeshConfig } from "../config/schema";
import type { Dialect, Leaving } from "./dialect";
import { gateway, homes, OWNS, routes, versionsOf } from "./maistra";
import { elasticsearch, inOrder, jaeger, kiali, OPERATORS } from "./operators";
import { prune } from "./prune";
import { scaling } from "./scaling";
import {
    NO_GATEWAY_API,
    refusal,
    refuseIdleOperators,
    refuseKeys,
    refuseTls,
    refuseTlsOfMeshRoutes,
    refuseWord,
} from "./refusals";

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

// The documented order: the Service Mesh operator comes after the three whose kinds it uses
// (openshift-docs, modules/ossm-install-ossm-operator.adoc).
const operators = inOrder([elasticsearch, jaeger, kiali], {
    key: "servicemesh",
    package: "servicemeshoperator",
    csvPrefix: "servicemeshoperator.",
    namespace: OPERATORS,
    home: "shared",
    after: [],
    webhook: { apiVersion: "maistra.io/v1", kind: "ServiceMeshControlPlane" },
    owns: OWNS,
    leavings,
});

/**
 * Service Mesh 1.1: Istio 1.4 with Mixer, configured by free-form Helm values under spec.istio of maistra.io/v1, a member
 * roll, sidecars asked for by annotation, Routes made from Gateways (IOR). Fields and defaults: maistra/istio-operator,
 * tag maistra-1.1.7, resources/helm/v1.1 and resources/smcp-templates/v1.1.
 */
export const v1_1: Dialect = {
    generation: "1.1",
    // Recorded: maistra117. Source of the types that work: maistra/istio-operator maistra-1.1.7,
    // pkg/controller/servicemesh/memberroll/namespace_reconciler.go.
    isOwn: ({ apiVersion, version = "v1.1" }) => apiVersion.startsWith("maistra.io/") && version.startsWith("v1."),
    networks: {
        OVNKubernetes: "Service Mesh 1.1 configures no member on it and says so only in its operator's log",
    },
    beside: [],

    defaults: {
        name: "basic-install",
        consoles: ["kiali", "grafana", "jaeger"],
        routes: "gateways",
        membership: "roll",
        tracing: "jaeger",
    },

    operators: () => operators,

    refuse: (config) => [
        ...refuseWord(config, "controlPlane.version", ["v1.1", "v1.0"], "leave it out for v1.1"),
        ...refuseWord(config, "membership", ["roll", "member"], "selectors and labels are for later generations"),
        ...refuseWord(config, "controlPlane.tracing.backend", ["jaeger"], "Tempo needs generation 2.6"),
        ...refuseWord(
            config,
            "controlPlane.tracing.storage",
            ["memory", "elasticsearch"],
            "Tempo needs generation 2.6",
        ),
        ...refuseWord(
            config,
            "controlPlane.gateways.ingress.antiAffinity",
            ["none"],
            "its operator does not take it; or generation 3",
        ),
        ...refuseWord(config, "controlPlane.gateways.ingress.api", ["istio"], NO_GATEWAY_API),
        ...refuseKeys(config, {
            "controlPlane.updateStrategy":
                "nothing: version 1.1 takes the place of 1.0; side by side from generation 3",
            "controlPlane.gateways.ingress.namespace": "nothing: the gateway is in mesh:controlPlane.namespace",
            "controlPlane.gateways.ingress.minAvailable":
                "nothing: give the gateway a PodDisruptionBudget yourself, or use generation 3",
        }),
        ...refuseTls(config, ["edge"], "edge: the gateway of 1.1 takes no certificate from a Secret by name"),
        ...refuseTlsOfMeshRoutes(config).filter(({ found }) => found === "edge"),
        ...servicesOf(config).flatMap(({ service: { deny }, path }) =>
            deny.length === 0
                ? []
                : [refusal([...path, "deny"], undefined, "allow: Istio 1.4 has no rules that deny; or generation 2.6")],
        ),
        ...refuseIdleOperators(
            config,
            operators.map(({ key }) => key),
        ),
    ],

    version: (config) => config.controlPlane.version ?? "v1.1",

    versionsOf,

    homes,

    controlPlane(config) {
        const { name, namespace } = config.controlPlane;
        return [
            {
                name,
                apiVersion: "maistra.io/v1",
                kind: "ServiceMeshControlPlane",
                metadata: { name, namespace },
                body: { spec: { version: this.version(config), istio: values(config) } },
                guarded: true,
            },
        ];
    },

    gatewayPieces: () => [],

    consolePieces: () => [],

    gateway,

    consoleRoutes({ controlPlane: { consoles, namespace } }) {
        // Prometheus and the gateway's own Route come with every 1.1 control plane.
        const names = new Set([...consoles, "prometheus", "ingressgateway"]);
        return Object.fromEntries(
            [...names].map((name) => [
                name,
                { namespace, name: name === "ingressgateway" ? "istio-ingressgateway" : name },
            ]),
        );
    },

    // maistra/istio-operator, tag maistra-1.1.7, pkg/controller/servicemesh/memberroll/namespace_reconciler.go.
    // Recorded: maistra117 N2c.
    rollNamesAll: true,
    networkTypes: ["OpenShiftSDN", "Calico"],

    memberLabels: () => undefined,

    memberPieces: () => [],

    sidecar: () => ({ annotations: { "sidecar.istio.io/inject": "true" }, labels: {} }),

    routes,

    apis: {
        networking: "networking.istio.io/v1alpha3",
        security: "security.istio.io/v1beta1",
        membership: "maistra.io/v1",
    },
};

/** The Helm values. A key is there only when it has a value: an empty map would override the template's defaults below it. */
function values(config: MeshConfig): Record<string, unknown> {
    const { consoles, gateways, mixer, mtls, pilot, proxy, tracing } = config.controlPlane;
    const { requests, limits } = gateways.ingress;
    const { scaled, min, max, count } = scaling(gateways.ingress, true);
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
            "istio-egressgateway": { autoscaleEnabled: gateways.egress.autoscale ?? true },
            "istio-ingressgateway": {
                autoscaleEnabled: scaled,
                autoscaleMin: min,
                autoscaleMax: max,
                replicaCount: count,
                resources: { requests, limits },
                ior_enabled: config.controlPlane.routes === "gateways",
            },
        },
        mixer: {
            policy: { autoscaleEnabled: mixer?.policy?.autoscale ?? true },
            telemetry: {
                autoscaleEnabled: mixer?.telemetry?.autoscale ?? true,
                resources: { requests: mixer?.telemetry?.requests, limits: mixer?.telemetry?.limits },
            },
        },
        pilot: { autoscaleEnabled: pilot.autoscale ?? true, traceSampling: tracing.sampling },
        kiali: { enabled: consoles.includes("kiali") },
        grafana: { enabled: consoles.includes("grafana") },
        tracing: {
            enabled: tracing.enabled,
            jaeger: { template: tracing.storage === "elasticsearch" ? "production-elasticsearch" : "all-in-one" },
        },
    }) as Record<string, unknown>;
}
