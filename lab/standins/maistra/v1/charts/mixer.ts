import type { KubeObject } from "../../../../../kube";
import { imageOf, proxyContainer } from "./core";
import {
    autoscaler,
    binding,
    chartLabels,
    clusterRole,
    deployment,
    DESTINATION_RULE,
    istio,
    type Mesh,
    rule,
    service,
    serviceAccount,
} from "./parts";

type Half = "policy" | "telemetry";

/** Mixer, in two halves: policy (checks) and telemetry (reports). */
export function mixer(mesh: Mesh): KubeObject[] {
    const labels = chartLabels("mixer", "mixer");
    const account = "istio-mixer-service-account";
    const roleName = `istio-mixer-${mesh.namespace}`;
    const halves = (["policy", "telemetry"] as const).filter((half) => mesh.values.mixer[half].enabled);
    const scaled = halves.filter((half) => mesh.values.mixer[half].autoscaleEnabled);
    return [
        serviceAccount(mesh, account, labels),
        clusterRole(roleName, labels, [
            rule("config.istio.io", ["*"], ["create", "get", "list", "watch", "patch"]),
            rule("", ["configmaps", "endpoints", "pods", "services", "namespaces"], ["get", "list", "watch"]),
        ]),
        binding(
            mesh,
            "RoleBinding",
            `istio-mixer-admin-role-binding-${mesh.namespace}`,
            { kind: "ClusterRole", name: roleName },
            account,
            labels,
        ),
        ...halves.map((half) => halfService(mesh, half)),
        ...halves.map((half) => halfDeployment(mesh, half, account)),
        ...scaled.map((half) => autoscaler(mesh, `istio-${half}`, labels)),
        ...halves.map((half) => halfDestination(mesh, half, labels)),
    ];
}

function halfService(mesh: Mesh, half: Half): KubeObject {
    const ports: [string, number, number][] = [
        ["grpc-mixer", 9091, 9091],
        ["grpc-mixer-mtls", 15004, 15004],
        ["http-monitoring", 15014, 15014],
    ];
    if (half === "telemetry") {
        ports.push(["prometheus", 42422, 42422]);
    }
    const labels = chartLabels("mixer", "mixer", { istio: "mixer" });
    const selector = { istio: "mixer", "istio-mixer-type": half };
    return service(mesh, `istio-${half}`, labels, ports, selector, { "networking.istio.io/exportTo": "*" });
}

function halfDeployment(mesh: Mesh, half: Half, account: string): KubeObject {
    const { image, resources } = imageOf(mesh, "mixer");
    const own = mesh.values.mixer[half].resources ?? resources;
    return deployment(mesh, {
        name: `istio-${half}`,
        labels: chartLabels("mixer", "istio-mixer", { istio: "mixer" }),
        pods: { app: half, istio: "mixer", "istio-mixer-type": half },
        account,
        containers: [{ name: "mixer", image, resources: own }, proxyContainer(mesh)],
    });
}

function halfDestination(mesh: Mesh, half: Half, labels: Record<string, string>): KubeObject {
    return istio(mesh, DESTINATION_RULE, `istio-${half}`, labels, {
        host: `istio-${half}.${mesh.namespace}.svc.cluster.local`,
        trafficPolicy: {
            connectionPool: { http: { http2MaxRequests: 10_000, maxRequestsPerConnection: 10_000 } },
            portLevelSettings: [
                { port: { number: 15004 }, tls: { mode: "ISTIO_MUTUAL" } },
                { port: { number: 9091 }, tls: { mode: "DISABLE" } },
            ],
        },
    });
}
