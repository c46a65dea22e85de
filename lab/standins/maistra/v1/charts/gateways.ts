import type { KubeObject } from "../../../../../kube";
import { proxyContainer } from "./core";
import {
    autoscaler,
    binding,
    chartLabels,
    deployment,
    type Mesh,
    namespaced,
    networkPolicy,
    route,
    rule,
    service,
    serviceAccount,
} from "./parts";

type Side = "egress" | "ingress";

/** The gateways at the mesh's edge, the Route to the inner one, and IOR where it is asked for. */
export function gateways(mesh: Mesh): KubeObject[] {
    const all = mesh.values.gateways;
    const sides = (["egress", "ingress"] as const).filter((side) => all[nameOf(side)].enabled);
    const ingress = sides.includes("ingress");
    const scaled = sides.filter((side) => all[nameOf(side)].autoscaleEnabled);
    const ior = ingress && iorEnabled(mesh);
    return [
        ...sides.map((side) => serviceAccount(mesh, accountOf(side), chartLabels("gateways", nameOf(side)))),
        ...(ior ? iorAccess(mesh) : []),
        ...(ingress ? [route(mesh, nameOf("ingress"), labelsOf("ingress"), { port: { targetPort: 8080 } })] : []),
        ...sides.map((side) => gatewayService(mesh, side)),
        ...sides.map((side) => gatewayDeployment(mesh, side)),
        ...(ior ? [iorDeployment(mesh)] : []),
        ...scaled.map((side) => autoscaler(mesh, nameOf(side), labelsOf(side))),
        ...(ingress
            ? [
                  networkPolicy(mesh, nameOf("ingress"), chartLabels("gateways", "ingressgateway"), {
                      pods: { istio: "ingressgateway" },
                      ingress: {},
                      internal: true,
                  }),
              ]
            : []),
    ];
}

export function iorEnabled(mesh: Mesh): boolean {
    return mesh.values.gateways[nameOf("ingress")].ior_enabled === true;
}

function nameOf(side: Side): string {
    return `istio-${side}gateway`;
}

function accountOf(side: Side): string {
    return `${nameOf(side)}-service-account`;
}

function labelsOf(side: Side): Record<string, string> {
    return chartLabels("gateways", nameOf(side), { istio: `${side}gateway` });
}

function gatewayService(mesh: Mesh, side: Side): KubeObject {
    const ports: [string, number, number][] = [
        ["http2", 80, 8080],
        ["https", 443, 8443],
        ["tls", 15443, 15443],
    ];
    if (side === "ingress") {
        ports.unshift(["status-port", 15020, 15020]);
    }
    const selector = { app: nameOf(side), istio: `${side}gateway`, release: "istio" };
    return service(mesh, nameOf(side), labelsOf(side), ports, selector);
}

function gatewayDeployment(mesh: Mesh, side: Side): KubeObject {
    const { resources } = mesh.values.gateways[nameOf(side)];
    const proxy = proxyContainer(mesh);
    return deployment(mesh, {
        name: nameOf(side),
        labels: labelsOf(side),
        pods: { app: nameOf(side), istio: `${side}gateway` },
        account: accountOf(side),
        containers: [{ ...proxy, resources: resources ?? proxy.resources }],
    });
}

function iorAccess(mesh: Mesh): KubeObject[] {
    const labels = chartLabels("gateways", "ior");
    const verbs = ["get", "list", "watch", "create", "delete"];
    return [
        serviceAccount(mesh, "ior", labels),
        namespaced(mesh, {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "Role",
            metadata: { name: "ior", labels },
            rules: [
                rule("route.openshift.io", ["routes", "routes/custom-host"], verbs),
                rule("", ["services", "pods"], ["get", "list"]),
            ],
        }),
        binding(mesh, "RoleBinding", "ior", { kind: "Role", name: "ior" }, "ior", labels),
    ];
}

function iorDeployment(mesh: Mesh): KubeObject {
    return deployment(mesh, {
        name: "ior",
        labels: chartLabels("gateways", "ior"),
        pods: { app: "ior" },
        account: "ior",
        containers: [
            {
                name: "ior",
                image: mesh.values.gateways[nameOf("ingress")].ior_image,
                resources: mesh.values.global.defaultResources,
            },
        ],
    });
}
