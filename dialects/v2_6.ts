import type { MeshConfig } from "../config/schema";
import type { Dialect, OperatorSpec } from "./dialect";
import { gateway, homes, OWNS, routes, versionsOf } from "./maistra";
import { elasticsearch, inOrder, jaeger, kiali, opentelemetry, OPERATORS, tempo } from "./operators";
import type { Piece } from "./piece";
import {
    NO_GATEWAY_API,
    refuseIdleOperators,
    refuseKeys,
    refuseLongName,
    refuseTlsOfMeshRoutes,
    refuseWord,
} from "./refusals";
import { telemetry, tracingPieces, tracingRoute, usesTempo } from "./tracing";
import { leavings } from "./v2_6/leavings";
import { controlPlaneSpec, hasPrometheus } from "./v2_6/spec";

/**
 * Service Mesh 2.6: Istio 1.20 without Mixer, configured by a typed maistra.io/v2 control plane that brings its gateway,
 * its injector and the network's rules, as 1.1 does. Fields and defaults: maistra/istio-operator, branch maistra-2.5,
 * pkg/apis/maistra/v2 and resources/smcp-templates.
 */
export const v2_6: Dialect = {
    generation: "2.6",
    isOwn: ({ apiVersion, version = "v2.6" }) => apiVersion === "maistra.io/v2" && version.startsWith("v2."),
    networks: {},
    // No OpenShift takes it and 1.1: the kinds of 1.1 ended with Kubernetes 1.22.
    beside: [],

    defaults: {
        name: "basic",
        consoles: ["kiali", "grafana", "jaeger"],
        routes: "stack",
        membership: "roll",
        tracing: "jaeger",
    },

    operators: (config) => inOrder(others(config), servicemesh),

    refuse: (config) => [
        ...refuseWord(config, "controlPlane.version", ["v2.6", "v2.5"], "leave it out for v2.6"),
        ...refuseWord(config, "membership", ["roll", "member", "selectors"], "labels are for generation 3"),
        ...refuseWord(
            config,
            "controlPlane.gateways.ingress.antiAffinity",
            ["none"],
            "its operator does not take it; or generation 3",
        ),
        ...refuseWord(config, "controlPlane.gateways.ingress.api", ["istio"], NO_GATEWAY_API),
        ...refuseKeys(config, {
            "controlPlane.mixer": "nothing: there is no Mixer since 2.1; who may call a service is its allow and deny",
            "controlPlane.updateStrategy":
                "nothing: a new version takes the old one's place; side by side from generation 3",
            "controlPlane.gateways.ingress.namespace": "nothing: the gateway is in mesh:controlPlane.namespace",
            "controlPlane.gateways.ingress.minAvailable":
                "nothing: give the gateway a PodDisruptionBudget yourself, or use generation 3",
        }),
        ...refuseTlsOfMeshRoutes(config),
        ...refuseLongName(config, 40, "other names are made of it"),
        ...refuseIdleOperators(
            config,
            v2_6.operators(config).map(({ key }) => key),
        ),
    ],

    version: (config) => config.controlPlane.version ?? "v2.6",

    versionsOf,

    homes,

    controlPlane(config) {
        const { name, namespace } = config.controlPlane;
        const version = v2_6.version(config);
        return [
            {
                name,
                apiVersion: "maistra.io/v2",
                kind: "ServiceMeshControlPlane",
                metadata: { name, namespace },
                body: { spec: { version, ...controlPlaneSpec(config) } },
                guarded: true,
            },
        ];
    },

    gatewayPieces: () => [],

    // The operator's own consoles come with the control plane; Tempo and its collector do not.
    consolePieces: (config) => (usesTempo(config) ? [...tracingPieces(config), ...tracingKinds(config)] : []),

    gateway,

    consoleRoutes(config) {
        const { consoles, namespace } = config.controlPlane;
        const names = new Set([...consoles, ...(hasPrometheus(config) ? ["prometheus"] : []), "ingressgateway"]);
        return Object.fromEntries(
            [...names].map((name) => [
                name,
                name === "jaeger" && usesTempo(config)
                    ? tracingRoute(config)
                    : { namespace, name: name === "ingressgateway" ? "istio-ingressgateway" : name },
            ]),
        );
    },

    // Not the label of generation 3: while a stack moves on, both meshes have to know a namespace.
    memberLabels: ({ membership, controlPlane: { namespace } }) =>
        membership === "selectors"
            ? { known: { "openshift-mesh/member-of": namespace }, injected: {}, leaving: {} }
            : undefined,

    memberPieces: () => [],

    // Annotations are still read here, but no more in what comes next (sail-operator, docs/ossm/ossm2-migration).
    sidecar: () => ({ annotations: {}, labels: { "sidecar.istio.io/inject": "true" } }),

    routes,

    apis: {
        networking: "networking.istio.io/v1beta1",
        security: "security.istio.io/v1beta1",
        membership: "maistra.io/v1",
    },
};

/** Kinds that came with 2.1 (maistra/istio-operator, manifests-servicemesh). */
const FEDERATION = ["servicemeshpeers", "exportedservicesets", "importedservicesets"].map(
    (kind) => `${kind}.federation.maistra.io`,
);

const servicemesh: OperatorSpec = {
    key: "servicemesh",
    package: "servicemeshoperator",
    csvPrefix: "servicemeshoperator.",
    namespace: OPERATORS,
    home: "shared",
    after: [],
    webhook: { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane" },
    owns: [...OWNS, ...FEDERATION],
    leavings,
};

/** Those whose kinds the control plane or this stack uses (recorded: maistra25, 2.5: DependencyMissingError). */
function others(config: MeshConfig): OperatorSpec[] {
    const { consoles, tracing } = config.controlPlane;
    const withJaeger = tracing.enabled && tracing.backend === "jaeger";
    return [
        ...(withJaeger && tracing.storage === "elasticsearch" ? [elasticsearch] : []),
        ...(withJaeger ? [jaeger] : []),
        ...(consoles.includes("kiali") ? [kiali] : []),
        ...(usesTempo(config) ? [tempo, opentelemetry] : []),
    ];
}

/**
 * How much is traced, under another name than in generation 3, beside which it stands for a while; and that the collector is spoken to in plain text: it has no sidecar, and the operator's
 * DestinationRule `default` asks for mutual TLS everywhere.
 */
function tracingKinds(config: MeshConfig): Piece[] {
    const { namespace } = config.controlPlane;
    return [
        telemetry(config, "telemetry.istio.io/v1alpha1", "mesh-tracing"),
        {
            name: "otel-plain",
            apiVersion: v2_6.apis.networking,
            kind: "DestinationRule",
            metadata: { name: "otel-collector", namespace },
            body: {
                spec: {
                    host: `otel-collector.${namespace}.svc.cluster.local`,
                    trafficPolicy: { tls: { mode: "DISABLE" } },
                },
            },
            goesWithNamespace: true,
        },
    ];
}
