import type { KubeObject } from "../../../../../kube";
import { imageOf } from "./core";
import {
    binding,
    chartLabels,
    clusterRole,
    deployment,
    type Mesh,
    networkPolicy,
    rule,
    service,
    serviceAccount,
} from "./parts";
import { injectorConfiguration } from "./webhook-configurations";

/** The sidecar injector; its webhook sees every pod that is made in a member. */
export function sidecarInjectorWebhook(mesh: Mesh): KubeObject[] {
    const labels = chartLabels("sidecarInjectorWebhook", "sidecarInjectorWebhook", { istio: "sidecar-injector" });
    const account = "istio-sidecar-injector-service-account";
    const roleName = `istio-sidecar-injector-${mesh.namespace}`;
    return [
        serviceAccount(mesh, account, labels),
        clusterRole(roleName, labels, [rule("", ["configmaps"], ["get", "list", "watch"])]),
        binding(
            mesh,
            "RoleBinding",
            `istio-sidecar-injector-admin-role-binding-${mesh.namespace}`,
            { kind: "ClusterRole", name: roleName },
            account,
            labels,
        ),
        service(
            mesh,
            "istio-sidecar-injector",
            labels,
            [
                ["https-inject", 443, "webhook"],
                ["http-monitoring", 15014, 15014],
            ],
            { istio: "sidecar-injector" },
        ),
        deployment(mesh, {
            name: "istio-sidecar-injector",
            labels,
            pods: { app: "sidecarInjectorWebhook", istio: "sidecar-injector" },
            account,
            containers: [
                {
                    name: "sidecar-injector-webhook",
                    ...imageOf(mesh, "sidecarInjectorWebhook"),
                    ports: [{ containerPort: 9443, name: "webhook" }],
                },
            ],
        }),
        injectorConfiguration(mesh),
        networkPolicy(mesh, "istio-sidecar-injector", labels, {
            pods: { istio: "sidecar-injector" },
            ingress: {},
            internal: true,
        }),
    ];
}
