import type { KubeObject } from "../../../../../kube";
import { OPERATOR_NAMESPACE } from "../../common/names";
import { clusterRole, type Labels, object, rule } from "./parts";

/** What the operator brings for people, once a cluster: nobody takes it away again (recorded: M1b). */
export function meshRoles(): KubeObject[] {
    const groups = ["networking.istio.io", "security.istio.io", "telemetry.istio.io"];
    const role = (who: "admin" | "edit" | "view", verbs: string[]) =>
        clusterRole(
            `istio-${who}`,
            { [`rbac.authorization.k8s.io/aggregate-to-${who}`]: "true" },
            groups.map((group) => rule(group, ["*"], verbs)),
        );
    return [role("admin", ["*"]), role("edit", ["*"]), role("view", ["get", "list", "watch"])];
}

/** "v2-5": what the network and the DaemonSet of a version's CNI plugin end in. */
export function cniSuffix(version: string): string {
    return version.replace(".", "-");
}

/**
 * Istio's CNI plugin, once a version, in the operator's namespace; nobody takes it away either. `oldName`: account and
 * binding once more as istio-cni, whose ClusterRole is not there (recorded: M1b).
 */
export function cni(version: string, charts: string, oldName: boolean): KubeObject[] {
    const labels: Labels = {
        "app.kubernetes.io/component": "istio_cni",
        "app.kubernetes.io/instance": "istio_cni",
        "app.kubernetes.io/managed-by": "maistra-istio-operator",
        "app.kubernetes.io/name": "istio_cni",
        "app.kubernetes.io/part-of": "istio",
        "maistra-version": charts,
        "maistra.io/owner": "",
        "maistra.io/owner-name": "",
    };
    const here = (apiVersion: string, kind: string, name: string, rest: object = {}): KubeObject => ({
        apiVersion,
        kind,
        metadata: { name, namespace: OPERATOR_NAMESPACE, labels },
        ...rest,
    });
    const rbac = "rbac.authorization.k8s.io";
    const bound = (name: string): KubeObject =>
        object(`${rbac}/v1`, "ClusterRoleBinding", name, labels, {
            roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
            subjects: [{ kind: "ServiceAccount", name, namespace: OPERATOR_NAMESPACE }],
        });
    const rules = [rule("", ["pods", "nodes", "namespaces"], ["get", "list", "watch"])];
    const daemonSet = `istio-cni-node-${cniSuffix(version)}`;
    const accounts = ["ossm-cni", ...(oldName ? ["istio-cni"] : [])];
    return [
        here("v1", "ConfigMap", `ossm-cni-config-${cniSuffix(version)}`, { data: { cni_network_config: "{}" } }),
        ...accounts.map((name) => here("v1", "ServiceAccount", name)),
        clusterRole("ossm-cni", labels, rules),
        ...accounts.map(bound),
        here("apps/v1", "DaemonSet", daemonSet, { spec: daemonSetSpec(daemonSet, charts) }),
    ];
}

function daemonSetSpec(name: string, charts: string): object {
    const pods = { "k8s-app": name };
    const image = `registry.redhat.io/openshift-service-mesh/istio-cni-rhel8:${charts}`;
    return {
        selector: { matchLabels: pods },
        template: {
            metadata: { labels: pods, annotations: { "sidecar.istio.io/inject": "false" } },
            spec: {
                nodeSelector: { "kubernetes.io/os": "linux" },
                serviceAccountName: "ossm-cni",
                tolerations: [{ operator: "Exists" }],
                containers: [{ name: "install-cni", image, command: ["/usr/local/bin/install-cni"] }],
            },
        },
    };
}
