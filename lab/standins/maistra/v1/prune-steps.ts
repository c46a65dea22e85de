import type { PruneStep } from "../common/prune";

/**
 * First to last (maistra/istio-operator, controlplane/pruner.go); the waits are the operator's client throttle
 * (recorded: N6a).
 */
export const PRUNE_STEPS: readonly PruneStep[] = [
    {
        at: 0.016,
        kinds: [
            ["kiali.io/v1alpha1", "Kiali"],
            ["autoscaling/v1", "HorizontalPodAutoscaler"],
            ["route.openshift.io/v1", "Route"],
            ["apps/v1", "Deployment"],
            ["v1", "Service"],
            ["v1", "ConfigMap"],
            ["v1", "Secret"],
            ["v1", "ServiceAccount"],
            ["networking.k8s.io/v1", "NetworkPolicy"],
            ["rbac.authorization.k8s.io/v1", "RoleBinding"],
            ["rbac.authorization.k8s.io/v1", "Role"],
        ],
    },
    { at: 0.05, kinds: [["authentication.istio.io/v1alpha1", "Policy"]] },
    { at: 0.31, kinds: [["networking.istio.io/v1alpha3", "DestinationRule"]] },
    {
        at: 0.41,
        kinds: [
            ["jaegertracing.io/v1", "Jaeger"],
            ["authentication.maistra.io/v1", "ServiceMeshPolicy"],
        ],
    },
    {
        at: 0.9,
        cluster: true,
        kinds: [
            ["admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"],
            ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"],
        ],
    },
    {
        at: 1,
        cluster: true,
        kinds: [
            ["rbac.authorization.k8s.io/v1", "ClusterRole"],
            ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding"],
        ],
    },
];
