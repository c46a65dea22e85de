import type { Leaving } from "../dialect";
import { OPERATORS } from "../operators";

const RBAC = "rbac.authorization.k8s.io/v1";

/**
 * What the operator 2.x makes at its start and with its first control plane, outside its CSV, and leaves behind
 * (recorded: maistra25, 2.1, 2.2, 2.8; sail-operator, docs/ossm/ossm2-migration/cleaning-2.6). Webhooks left behind refuse
 * every later installation.
 */
export const leavings: Leaving[] = [
    ...["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"].map((kind) => ({
        apiVersion: "admissionregistration.k8s.io/v1",
        kind,
        name: "openshift-operators.servicemesh-resources.maistra.io",
    })),
    ...[
        ["v1", "Service", "maistra-admission-controller"],
        ["v1", "Secret", "maistra-operator-serving-cert"],
        ["v1", "ConfigMap", "maistra-operator-cabundle"],
        ["v1", "ServiceAccount", "istio-cni"],
        ["v1", "ServiceAccount", "ossm-cni"],
    ].map(([apiVersion, kind, name]) => ({ apiVersion, kind, namespace: OPERATORS, name })),
    // One set a version of the control plane.
    ...["v2-5", "v2-6"].flatMap((version) => [
        { apiVersion: "apps/v1", kind: "DaemonSet", namespace: OPERATORS, name: `istio-cni-node-${version}` },
        { apiVersion: "v1", kind: "ConfigMap", namespace: OPERATORS, name: `ossm-cni-config-${version}` },
    ]),
    ...["istio-admin", "istio-edit", "istio-view"].map((name) => ({ apiVersion: RBAC, kind: "ClusterRole", name })),
    // Service Mesh 3 has one of these names too.
    ...["istio-cni", "ossm-cni"].flatMap((name) =>
        ["ClusterRole", "ClusterRoleBinding"].map((kind) => ({
            apiVersion: RBAC,
            kind,
            name,
            labelled: "maistra-version",
        })),
    ),
];
