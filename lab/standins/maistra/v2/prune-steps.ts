import type { PruneStep } from "../common/prune";

/**
 * First to last (maistra/istio-operator@maistra-2.5, controlplane/pruner.go); the waits are the operator's client
 * throttle (recorded: M6d). Everywhere, since additional gateways may live in members.
 */
export const PRUNE_STEPS: readonly PruneStep[] = [
    {
        at: 0.12,
        cluster: true,
        kinds: [
            ["autoscaling/v2", "HorizontalPodAutoscaler"],
            ["route.openshift.io/v1", "Route"],
            ["apps/v1", "Deployment"],
        ],
    },
    {
        at: 0.6,
        cluster: true,
        kinds: [
            ["v1", "Service"],
            ["v1", "ConfigMap"],
            ["v1", "Secret"],
            ["v1", "ServiceAccount"],
            ["networking.k8s.io/v1", "NetworkPolicy"],
            ["rbac.authorization.k8s.io/v1", "RoleBinding"],
            ["rbac.authorization.k8s.io/v1", "Role"],
            ["admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"],
            ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"],
            ["rbac.authorization.k8s.io/v1", "ClusterRole"],
            ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding"],
        ],
    },
    {
        at: 0.88,
        cluster: true,
        kinds: [
            ["kiali.io/v1alpha1", "Kiali"],
            ["jaegertracing.io/v1", "Jaeger"],
            ["networking.istio.io/v1beta1", "DestinationRule"],
        ],
    },
    { at: 1, cluster: true, kinds: [["security.istio.io/v1beta1", "PeerAuthentication"]] },
];
