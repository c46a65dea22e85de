import type { KubeObject } from "../../../../kube";
import { concreteVersion } from "../../../crds/sail-versions";
import type { Release } from "../helm";
import { DEFAULT, NAD, REV } from "../names";
import { clusterRole, clusterRoleBinding, configMap, object, rule, serviceAccount } from "./parts";

export const CNI_DAEMON_SET = "istio-cni-node";

/** The CNI plugin: release istio-cni (recorded: sail S1c). Its network lies in the namespace "default". */
export function cniRelease(cni: KubeObject): Release {
    const { namespace } = cni.spec;
    const version = concreteVersion(cni.spec.version);
    const component = { "operator.istio.io/component": "Cni" };
    const labels = { app: "istio-cni", "app.kubernetes.io/name": "istio-cni", [REV]: DEFAULT, ...component };
    const account = { name: "istio-cni", namespace };
    const network = { "app.kubernetes.io/name": "istio-cni", ...component };
    return {
        name: "istio-cni",
        namespace,
        chart: "cni",
        version,
        owner: cni,
        objects: [
            serviceAccount(account.name, labels, namespace),
            configMap("istio-cni-config", labels, namespace, {
                CNI_CONF_NAME: "istio-cni.conf",
                CHAINED_CNI_PLUGIN: "false",
            }),
            clusterRole("istio-cni", labels, [rule("", ["pods", "nodes", "namespaces"], ["get"])]),
            clusterRole("istio-cni-repair-role", labels, [rule("", ["pods"], ["watch", "get", "list", "delete"])]),
            clusterRoleBinding("istio-cni", labels, "istio-cni", account),
            clusterRoleBinding("istio-cni-repair-rolebinding", labels, "istio-cni-repair-role", account),
            object(
                "apps/v1",
                "DaemonSet",
                CNI_DAEMON_SET,
                { ...labels, "k8s-app": CNI_DAEMON_SET },
                { spec: daemonSet(version, cni.spec.values?.cni?.image) },
                namespace,
            ),
            object(NAD.apiVersion, NAD.kind, "istio-cni", network, {}, "default"),
        ],
    };
}

function daemonSet(version: string, image?: string): object {
    const never = { "sidecar.istio.io/inject": "false" };
    const labels = { "k8s-app": CNI_DAEMON_SET };
    return {
        selector: { matchLabels: labels },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
        template: {
            metadata: { labels: { ...labels, ...never, "istio.io/dataplane-mode": "none" }, annotations: never },
            spec: {
                nodeSelector: { "kubernetes.io/os": "linux" },
                tolerations: [{ operator: "Exists" }],
                serviceAccountName: "istio-cni",
                containers: [
                    {
                        name: "install-cni",
                        image: image ?? `registry.redhat.io/openshift-service-mesh/istio-cni-rhel9:${version}`,
                        command: ["install-cni"],
                        args: ["--log_output_level=info"],
                    },
                ],
            },
        },
    };
}
