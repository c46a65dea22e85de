import type { seen } from "./telling";

/** What a journal of a control plane 2.5 follows. */
export const KINDS_25 = [
    ["maistra.io/v2", "ServiceMeshControlPlane"],
    ...["ServiceMeshMemberRoll", "ServiceMeshMember"].map((kind) => ["maistra.io/v1", kind]),
    ...["Namespace", "Event"].map((kind) => ["v1", kind]),
    ...["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"].map((kind) => [
        "admissionregistration.k8s.io/v1",
        kind,
    ]),
    ["apps/v1", "Deployment"],
    ["networking.k8s.io/v1", "NetworkPolicy"],
    ["rbac.authorization.k8s.io/v1", "RoleBinding"],
    ["route.openshift.io/v1", "Route"],
    ["networking.istio.io/v1beta1", "DestinationRule"],
    ["security.istio.io/v1beta1", "PeerAuthentication"],
    ["kiali.io/v1alpha1", "Kiali"],
    ["jaegertracing.io/v1", "Jaeger"],
].map(([apiVersion, kind]) => ({ apiVersion, kind }));

export type Happening = ReturnType<typeof seen>[number];

const MESH_OBJECTS = [
    ...[
        "Deployment",
        "DestinationRule",
        "Jaeger",
        "Kiali",
        "NetworkPolicy",
        "PeerAuthentication",
        "RoleBinding",
        "Route",
    ],
];

/** What the controller of control planes does to the one in this namespace, in an order of its own. */
export function ofControlPlane(namespace: string): (happening: Happening) => boolean {
    return (h) =>
        h.kind === "ServiceMeshControlPlane" ||
        (h.kind === "Namespace" && h.name === namespace) ||
        (h.namespace === namespace && MESH_OBJECTS.includes(h.kind)) ||
        h.kind.endsWith("WebhookConfiguration");
}

/** The smallest control plane of the recordings. */
export const BASIC = {
    addons: { grafana: { enabled: false }, kiali: { enabled: false }, prometheus: { enabled: false } },
    security: { dataPlane: { mtls: false } },
    tracing: { sampling: 10_000, type: "None" },
    version: "v2.5",
};
