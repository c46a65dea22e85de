import type { MeshConfig } from "../../config/schema";
import type { Piece } from "../piece";
import { prune } from "../prune";
import { telemetry, tracingProvider, usesTempo } from "../tracing";
import { byRevision, known, tagName } from "./membership";
import { istiodMonitor } from "./monitoring";
import { istiodPolicy, networkPolicies } from "./network-policies";

const SAIL = "sailoperator.io/v1";

/** Where the CNI plugin runs, for all meshes of a cluster. */
export const CNI_NAMESPACE = "istio-cni";

/** The control plane, and what holds for the whole mesh: mutual TLS, tracing, the network's rules in its namespace. */
export function controlPlane(config: MeshConfig): Piece[] {
    const { name, namespace } = config.controlPlane;
    // Istio's own kinds are checked by a webhook of the control plane, which refuses what it cannot be asked about.
    const answered = [name];
    return [
        istio(config),
        cni(config),
        ...(byRevision(config) ? [{ ...tag(config), after: answered }] : []),
        { ...peerAuthentication(config), after: answered },
        ...(usesTempo(config)
            ? [{ ...telemetry(config, "telemetry.istio.io/v1", "mesh-default"), after: answered }]
            : []),
        ...networkPolicies(config, namespace),
        istiodPolicy(config),
        istiodMonitor(config),
    ];
}

/** openshift-service-mesh/sail-operator, api/v1/istio_types.go; values: docs/ossm/ossm2-migration/smcp-fields-migration. */
function istio(config: MeshConfig): Piece {
    const { name, namespace, version, updateStrategy, proxy, mtls, pilot } = config.controlPlane;
    return {
        name,
        apiVersion: SAIL,
        kind: "Istio",
        metadata: { name },
        body: {
            spec: prune({
                version,
                namespace,
                updateStrategy: {
                    type: updateStrategy?.type ?? "InPlace",
                    inactiveRevisionDeletionGracePeriodSeconds: updateStrategy?.gracePeriodSeconds,
                },
                values: {
                    global: {
                        proxy: {
                            // Only pods that ask for a sidecar get one, as in every generation.
                            autoInject: "disabled",
                            resources: { requests: proxy.requests, limits: proxy.limits },
                        },
                    },
                    meshConfig: {
                        discoverySelectors: [{ matchLabels: known(config) }],
                        enableAutoMtls: mtls === "off" ? false : undefined,
                        extensionProviders: usesTempo(config) ? [tracingProvider(config)] : undefined,
                    },
                    pilot: { autoscaleEnabled: pilot.autoscale },
                },
            }),
        },
    };
}

/** The plugin that leads pods' traffic into their sidecars: one a cluster, with a name that is prescribed (trap 35). */
function cni({ controlPlane: { version } }: MeshConfig): Piece {
    return {
        name: "istio-cni/default",
        apiVersion: SAIL,
        kind: "IstioCNI",
        metadata: { name: "default" },
        body: { spec: { ...(version === undefined ? {} : { version }), namespace: CNI_NAMESPACE } },
        shared: true,
        // Names of the chart's that Maistra's plugin has too (recorded: sail 1.8; trap 48).
        adopts: {
            release: { name: "istio-cni", namespace: CNI_NAMESPACE },
            objects: ["ClusterRole", "ClusterRoleBinding"].map((kind) => ({
                apiVersion: "rbac.authorization.k8s.io/v1",
                kind,
                name: "istio-cni",
            })),
        },
        usedBy: [{ apiVersion: SAIL, kind: "Istio" }],
    };
}

/** What namespaces refer to, whatever revision is the present one. */
function tag(config: MeshConfig): Piece {
    const { name } = config.controlPlane;
    return {
        name: tagName(config),
        apiVersion: SAIL,
        kind: "IstioRevisionTag",
        metadata: { name: tagName(config) },
        body: { spec: { targetRef: { kind: "Istio", name } } },
    };
}

const MODES = { off: "DISABLE", permissive: "PERMISSIVE", strict: "STRICT" } as const;

/** Without a selector, in the root namespace: for the whole mesh (istio.io/api, security/v1beta1). */
function peerAuthentication({ controlPlane: { mtls, namespace } }: MeshConfig): Piece {
    return {
        name: `${namespace}/mesh-wide`,
        apiVersion: "security.istio.io/v1",
        kind: "PeerAuthentication",
        metadata: { name: "mesh-wide", namespace },
        body: { spec: { mtls: { mode: MODES[mtls] } } },
        goesWithNamespace: true,
    };
}
