import type { KubeObject } from "../../../../../kube";
import type { Spec } from "../applied-spec";
import {
    autoscaler,
    binding,
    chartLabels,
    deployment,
    type Labels,
    managedPolicies,
    type Mesh,
    namespaced,
    role,
    route,
    rule,
    service,
    serviceAccount,
} from "./parts";

interface Gateway {
    name: string;
    spec: Spec;
    /** Identify its pods. */
    pods: Labels;
}

const INGRESS = "istio-ingressgateway";
const EGRESS = "istio-egressgateway";
type Ports = [name: string, port: number, targetPort: number][];
const PORTS: Ports = [
    ["http2", 80, 8080],
    ["https", 443, 8443],
];

/** The ways in: istio-ingressgateway with its Route and NetworkPolicy, and additional ones. */
export function istioIngress(mesh: Mesh): KubeObject[] {
    const { ingress, additionalIngress } = gatewaysOf(mesh);
    const ports: Ports = [["status-port", 15021, 15021], ...PORTS];
    const [main] = named(INGRESS, "ingressgateway", ingress);
    const others = additional(additionalIngress);
    return [...(main ? [main] : []), ...others].flatMap((gateway) => {
        const labels = chartLabels(mesh, gateway.pods);
        const policy = { name: gateway.name, labels, pods: gateway.pods, ingress: {}, internal: true };
        const routed = gateway === main && gateway.spec.routeConfig?.enabled !== false;
        return [
            ...managedPolicies(mesh, [policy]),
            ...access(mesh, gateway),
            ...(routed ? [route(mesh, gateway.name, labels, { port: { targetPort: 8080 } })] : []),
            ...workload(mesh, gateway, ports),
        ];
    });
}

/** The ways out. */
export function istioEgress(mesh: Mesh): KubeObject[] {
    const { egress, additionalEgress } = gatewaysOf(mesh);
    return [...named(EGRESS, "egressgateway", egress), ...additional(additionalEgress)].flatMap((gateway) => [
        ...access(mesh, gateway),
        ...workload(mesh, gateway, PORTS),
    ]);
}

/** Whether there are any gateways at all (spec.gateways.enabled). */
export function hasGateways(applied: Spec): boolean {
    return applied.gateways?.enabled !== false;
}

function gatewaysOf(mesh: Mesh): Spec {
    return hasGateways(mesh.applied) ? (mesh.applied.gateways ?? {}) : {};
}

function named(name: string, istio: string, spec: Spec | undefined): Gateway[] {
    return spec?.enabled === true ? [{ name, spec, pods: { app: name, istio, ...labelsIn(spec) } }] : [];
}

function additional(all: Record<string, Spec> = {}): Gateway[] {
    return Object.entries(all)
        .filter(([, spec]) => spec.enabled === true)
        .map(([name, spec]) => ({ name, spec, pods: { app: name, ...labelsIn(spec) } }));
}

function labelsIn(spec: Spec): Labels {
    return spec.service?.metadata?.labels ?? {};
}

function access(mesh: Mesh, { name, pods }: Gateway): KubeObject[] {
    const account = `${name}-service-account`;
    const labels = chartLabels(mesh, {}, true);
    const sds = `${name}-sds`;
    return [
        serviceAccount(mesh, account, chartLabels(mesh, pods, true)),
        role(mesh, sds, labels, [rule("", ["secrets"], ["get", "watch", "list"])]),
        binding(mesh, "RoleBinding", sds, { kind: "Role", name: sds }, account, labels),
    ];
}

/** Its pods come with an image "auto", which the injector replaces: without it they never start (trap 41). */
function workload(mesh: Mesh, { name, spec, pods }: Gateway, ports: Ports): KubeObject[] {
    const labels = chartLabels(mesh, pods, true);
    const { container = {}, deployment: shape = {}, pod = {} } = spec.runtime ?? {};
    const scaling = shape.autoScaling ?? {};
    const made = deployment(mesh, {
        name,
        labels: { ...labels, "maistra.io/gateway": `${name}.${mesh.namespace}` },
        pods,
        podLabels: { "sidecar.istio.io/inject": "true", "istio.io/rev": mesh.name, ...pod.metadata?.labels },
        podAnnotations: {
            "sidecar.istio.io/inject": "true",
            "inject.istio.io/templates": "gateway",
            ...pod.metadata?.annotations,
        },
        account: `${name}-service-account`,
        containers: [
            {
                name: "istio-proxy",
                image: "auto",
                ports: ports.map(([, , containerPort]) => ({ containerPort, protocol: "TCP" })),
                resources: container.resources,
            },
        ],
        replicas: scaling.enabled ? undefined : (shape.replicas ?? 1),
    });
    const { type, ports: given, metadata } = spec.service ?? {};
    const exposed = service(mesh, name, labels, ports, pods, metadata?.annotations);
    const wanted = { ...exposed.spec, type: type ?? "ClusterIP", ...(given ? { ports: given } : {}) };
    return [
        namespaced(mesh, { ...exposed, spec: wanted }),
        made,
        ...(scaling.enabled ? [autoscaler(made, scaling)] : []),
    ];
}
