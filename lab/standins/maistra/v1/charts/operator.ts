import type { KubeObject } from "../../../../../kube";
import { OPERATOR_NAMESPACE } from "../../common/names";
import { clusterRole, rule } from "./parts";

const CNI_LABELS = {
    "app.kubernetes.io/component": "istio_cni",
    "app.kubernetes.io/instance": "istio_cni",
    "app.kubernetes.io/managed-by": "maistra-istio-operator",
    "app.kubernetes.io/name": "istio_cni",
    "app.kubernetes.io/part-of": "istio",
    "app.kubernetes.io/version": "TODO",
    "maistra.io/owner": "maistra-istio-operator",
};

/** What the operator brings for people, once a cluster: nobody takes it away again (recorded: N1 +1.0 s). */
export function meshRoles(): KubeObject[] {
    const groups = ["config.istio.io", "networking.istio.io", "authentication.istio.io", "security.istio.io"];
    const role = (who: "admin" | "edit" | "view", verbs: string[]) =>
        clusterRole(
            `istio-${who}`,
            { [`rbac.authorization.k8s.io/aggregate-to-${who}`]: "true" },
            groups.map((group) => rule(group, ["*"], verbs)),
        );
    return [role("admin", ["*"]), role("edit", ["*"]), role("view", ["get", "list", "watch"])];
}

/** Istio's CNI plugin, once a cluster, in the operator's namespace; nobody takes it away either. */
export function cni(): KubeObject[] {
    const own = (apiVersion: string, kind: string, name: string, rest: object, labels: object = {}): KubeObject => ({
        apiVersion,
        kind,
        metadata: { name, namespace: OPERATOR_NAMESPACE, labels: { ...CNI_LABELS, ...labels } },
        ...rest,
    });
    const global = (object: KubeObject): KubeObject => {
        const { namespace: _, ...metadata } = object.metadata;
        return { ...object, metadata };
    };
    const rbac = "rbac.authorization.k8s.io/v1";
    return [
        own("v1", "ConfigMap", "istio-cni-config", {
            data: { cni_network_config_v1_0: "{}", cni_network_config_v1_1: "{}" },
        }),
        own("v1", "ServiceAccount", "istio-cni", {}),
        global(own(rbac, "ClusterRole", "istio-cni", { rules: [rule("", ["pods", "nodes"], ["get"])] })),
        global(
            own(rbac, "ClusterRoleBinding", "istio-cni", {
                roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "istio-cni" },
                subjects: [{ kind: "ServiceAccount", name: "istio-cni", namespace: OPERATOR_NAMESPACE }],
            }),
        ),
        own(
            "apps/v1",
            "DaemonSet",
            "istio-node",
            { spec: cniSpec() },
            {
                heritage: "Tiller",
                istio: "cni",
                "maistra-version": "1.1.7",
                release: "istio",
            },
        ),
    ];
}

function cniSpec(): object {
    const pods = { "k8s-app": "istio-cni-node" };
    const image = "registry.redhat.io/openshift-service-mesh/istio-cni-rhel8:1.1.7";
    return {
        selector: { matchLabels: pods },
        template: {
            metadata: { labels: pods, annotations: { "sidecar.istio.io/inject": "false" } },
            spec: {
                nodeSelector: { "kubernetes.io/os": "linux" },
                serviceAccountName: "istio-cni",
                tolerations: [{ operator: "Exists" }],
                containers: [{ name: "install-cni-v1-1", image, command: ["/install-cni.sh"] }],
            },
        },
    };
}
