import type { Problem } from "../config/problems";
import type { MeshConfig } from "../config/schema";
import { internalHost } from "../specs/ingress";
import type { Dialect, OperatorSpec } from "./dialect";
import { inOrder, kiali, opentelemetry, OPERATORS, tempo } from "./operators";
import type { Member, Piece } from "./piece";
import { refusal, refuseIdleOperators, refuseKeys, refuseLongName, refuseWord } from "./refusals";
import { usesTempo } from "./tracing";
import { consolePieces, consoleRoutes, kialiName } from "./v3/consoles";
import { refuseParameters } from "./v3/api-gateway";
import { CNI_NAMESPACE, controlPlane } from "./v3/control-plane";
import { defaultNamespace, gateway, gatewayNamespace, gatewayPieces } from "./v3/gateway";
import { injected, known, memberLabels, revisionName } from "./v3/membership";
import { proxyMonitor } from "./v3/monitoring";
import { networkPolicies } from "./v3/network-policies";
import { versionsOf } from "./v3/versions";

const NETWORKING = "networking.istio.io/v1";

/**
 * Service Mesh 3: Istio by the Sail operator, which makes the control plane and nothing else. The gateway, the network's
 * rules, mutual TLS, the consoles and what leads to hosts are objects of the stack's own; a namespace joins by its labels.
 * Kinds and examples: openshift-service-mesh/sail-operator, api/v1 and docs/ossm.
 */
export const v3: Dialect = {
    generation: "3",
    isOwn: ({ apiVersion }) => apiVersion.startsWith("sailoperator.io/"),
    networks: {},
    // openshift-service-mesh/sail-operator, docs/ossm/ossm2-migration.
    beside: ["2.6"],

    defaults: {
        name: "default",
        consoles: ["kiali", "jaeger"],
        routes: "stack",
        membership: "labels",
        tracing: "tempo",
        gatewayNamespace: defaultNamespace,
    },

    operators: (config) => inOrder(others(config), servicemesh),

    refuse: (config) => [
        ...refuseVersion(config),
        ...refuseWord(config, "membership", ["labels"], "namespaces join by their labels"),
        ...refuseWord(config, "controlPlane.routes", ["stack", "none"], "no mesh of 3 makes Routes"),
        ...refuseWord(config, "controlPlane.tracing.backend", ["tempo"], "Jaeger ended with 2.6"),
        ...refuseKeys(config, {
            "controlPlane.mixer": "nothing: there is no Mixer since 2.1; who may call a service is its allow and deny",
            "controlPlane.gateways.egress.autoscale":
                "nothing: no egress gateway comes with 3; deploy one of your own by gateway injection",
        }),
        ...refuseConsoles(config),
        ...refuseParameters(config),
        ...refuseLong(config),
        ...refuseIdleOperators(
            config,
            v3.operators(config).map(({ key }) => key),
        ),
    ],

    version: (config) => config.controlPlane.version,

    versionsOf,

    homes(config) {
        const { namespace } = config.controlPlane;
        return [
            // It is part of its own mesh: what it selects by labels holds for its own namespace too.
            { purpose: "control plane", name: namespace, labels: known(config) },
            { purpose: "gateway", name: gatewayNamespace(config), labels: { ...known(config), ...injected(config) } },
            { purpose: "cni", name: CNI_NAMESPACE, labels: {}, shared: true },
        ];
    },

    controlPlane,
    gatewayPieces,
    consolePieces,
    gateway,
    consoleRoutes,
    memberLabels,

    memberPieces: (config, member) => [
        ...networkPolicies(config, member.namespace),
        proxyMonitor(config, member.namespace),
        ...member.withoutSidecar.map((service) => spokenToPlainly(service, member)),
    ],

    // By label alone: annotations are not read any more (sail-operator, docs/ossm/injection). The revision is noted so that
    // pods are made anew when it is another: only then do they get its sidecar.
    sidecar: (config) => ({
        annotations: { "openshift-mesh/revision": revisionName(config) },
        labels: { "sidecar.istio.io/inject": "true" },
    }),

    routes: ({ controlPlane: { routes } }) => (routes === "stack" ? "stack" : "nobody"),

    apis: { networking: NETWORKING, security: "security.istio.io/v1" },
};

const servicemesh: OperatorSpec = {
    key: "servicemesh",
    package: "servicemeshoperator3",
    csvPrefix: "servicemeshoperator3.",
    namespace: OPERATORS,
    home: "shared",
    after: [],
    // openshift-service-mesh/sail-operator, bundle/manifests; Istio's own kinds stay (components/operator-removal.ts).
    owns: ["istios", "istiocnis", "istiorevisions", "istiorevisiontags", "ztunnels"].map((k) => `${k}.sailoperator.io`),
    // Recorded: sail. What it makes is owned by Istio, IstioCNI and their like, and goes with them.
    leavings: [],
};

/** Those whose kinds the stack uses. */
function others(config: MeshConfig): OperatorSpec[] {
    return [
        ...(config.controlPlane.consoles.includes("kiali") ? [kiali] : []),
        ...(usesTempo(config) ? [tempo, opentelemetry] : []),
    ];
}

/** Which of them there are is the installed operator's to say: it changes with its release (trap 34). */
function refuseVersion({ controlPlane: { version } }: MeshConfig): Problem[] {
    const allowed =
        "an Istio version like v1.27.9 or v1.27-latest with generation 3; leave it out for the operator's own";
    return version === undefined || /^v1\.\d\d(\.\d+|-latest)$/.test(version)
        ? []
        : [refusal(["controlPlane", "version"], version, allowed)];
}

const INSTEAD: Record<string, string> = {
    grafana: "metrics are shown by Kiali and by OpenShift's own console",
    prometheus: "metrics are in OpenShift's own monitoring",
};

function refuseConsoles({ controlPlane: { consoles } }: MeshConfig): Problem[] {
    return consoles.flatMap((name, index) =>
        INSTEAD[name] === undefined
            ? []
            : [
                  refusal(
                      ["controlPlane", "consoles", index],
                      name,
                      `kiali or jaeger with generation 3; ${INSTEAD[name]}`,
                  ),
              ],
    );
}

/** Kiali's operator takes no longer one (kiali/kiali-operator, roles/default/kiali-deploy/tasks/main.yml). */
const KIALI_NAME = 40;
/** Leaves room for the longest name that is made of it, the Service istiod-<name>-v1-27-latest. */
const NAME = 40;

function refuseLong(config: MeshConfig): Problem[] {
    const { consoles, name } = config.controlPlane;
    const kialis = KIALI_NAME - (kialiName(config).length - name.length);
    return consoles.includes("kiali")
        ? refuseLongName(config, kialis, `Kiali is called kiali-<name>, at most ${KIALI_NAME}`)
        : refuseLongName(config, NAME, "other names are made of it");
}

/** Pods of the mesh would otherwise speak TLS to a service that has no sidecar and never will. */
function spokenToPlainly(service: string, { namespace }: Member): Piece {
    return {
        name: `${namespace}/${service}-plain`,
        apiVersion: NETWORKING,
        kind: "DestinationRule",
        metadata: { name: service, namespace },
        body: {
            spec: { host: internalHost(service, namespace), trafficPolicy: { tls: { mode: "DISABLE" } } },
        },
        goesWithNamespace: true,
    };
}
