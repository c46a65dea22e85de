import type { KubeObject } from "../../../../../kube";
import { CONTROL_PLANE, INTERNAL } from "../../common/names";
import type { Values } from "../values";

/** One control plane, as its charts see it. */
export interface Mesh {
    namespace: string;
    values: Values;
}

type Labels = Record<string, string>;

/** The labels that Helm gave to every object of a chart. */
export function chartLabels(chart: string, app: string, extra: Labels = {}): Labels {
    return { app, chart, heritage: "Tiller", "maistra-version": "1.1.7", release: "istio", ...extra };
}

function object(apiVersion: string, kind: string, name: string, labels: Labels, rest: object): KubeObject {
    return { apiVersion, kind, metadata: { name, labels }, ...rest };
}

export function namespaced(mesh: Mesh, of: KubeObject): KubeObject {
    return { ...of, metadata: { ...of.metadata, namespace: mesh.namespace } };
}

export function serviceAccount(mesh: Mesh, name: string, labels: Labels): KubeObject {
    return namespaced(mesh, object("v1", "ServiceAccount", name, labels, {}));
}

export function configMap(mesh: Mesh, name: string, labels: Labels, data: Record<string, string>): KubeObject {
    return namespaced(mesh, object("v1", "ConfigMap", name, labels, { data }));
}

export function secret(mesh: Mesh, name: string, labels: Labels, stringData: Record<string, string>): KubeObject {
    return namespaced(mesh, object("v1", "Secret", name, labels, { stringData }));
}

export function clusterRole(name: string, labels: Labels, rules: object[]): KubeObject {
    return object("rbac.authorization.k8s.io/v1", "ClusterRole", name, labels, { rules });
}

/** A rule of a role: everything that its verbs allow on these resources of one API group. */
export function rule(apiGroup: string, resources: string[], verbs: string[]): object {
    return { apiGroups: [apiGroup], resources, verbs };
}

export function binding(
    mesh: Mesh,
    kind: "RoleBinding" | "ClusterRoleBinding",
    name: string,
    role: { kind: "Role" | "ClusterRole"; name: string },
    account: string,
    labels: Labels,
): KubeObject {
    const bound = object("rbac.authorization.k8s.io/v1", kind, name, labels, {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", ...role },
        subjects: [{ kind: "ServiceAccount", name: account, namespace: mesh.namespace }],
    });
    return kind === "RoleBinding" ? namespaced(mesh, bound) : bound;
}

export function service(
    mesh: Mesh,
    name: string,
    labels: Labels,
    ports: [name: string, port: number, targetPort: number | string][],
    selector: Labels,
    annotations?: Labels,
): KubeObject {
    const made = object("v1", "Service", name, labels, {
        spec: {
            type: "ClusterIP",
            ports: ports.map(([port, number, targetPort]) => ({
                name: port,
                protocol: "TCP",
                port: number,
                targetPort,
            })),
            selector,
        },
    });
    return namespaced(mesh, annotations ? annotated(made, annotations) : made);
}

export function annotated(of: KubeObject, annotations: Labels): KubeObject {
    return { ...of, metadata: { ...of.metadata, annotations: { ...of.metadata.annotations, ...annotations } } };
}

export interface Workload {
    name: string;
    labels: Labels;
    /** Identify its pods: the selector. */
    pods: Labels;
    podAnnotations?: Labels;
    account: string;
    containers: { name: string; image: string; resources?: object; ports?: object[]; env?: object[] }[];
}

/** A Deployment with one replica, whose pods never get a sidecar. */
export function deployment(mesh: Mesh, of: Workload): KubeObject {
    const { name, labels, pods, account, containers } = of;
    const podLabels: Labels = { ...pods, heritage: "Tiller", release: "istio", [CONTROL_PLANE]: mesh.namespace };
    if (labels.chart !== undefined) {
        podLabels.chart = labels.chart;
    }
    const made = object("apps/v1", "Deployment", name, labels, {
        spec: {
            replicas: 1,
            selector: { matchLabels: pods },
            strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
            template: {
                metadata: {
                    labels: podLabels,
                    annotations: { "sidecar.istio.io/inject": "false", ...of.podAnnotations },
                },
                spec: {
                    serviceAccountName: account,
                    containers: containers.map((c) => ({ ...c, resources: withoutNull(c.resources) })),
                },
            },
        },
    });
    return namespaced(mesh, made);
}

/** The template writes "limits:" without a value; the API wants the key left out. */
function withoutNull(resources: object = {}): object {
    return Object.fromEntries(Object.entries(resources).filter(([, value]) => value !== null));
}

export function autoscaler(mesh: Mesh, deploymentName: string, labels: Labels): KubeObject {
    return namespaced(
        mesh,
        object("autoscaling/v1", "HorizontalPodAutoscaler", deploymentName, labels, {
            spec: {
                scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deploymentName },
                minReplicas: 1,
                maxReplicas: 5,
                targetCPUUtilizationPercentage: 80,
            },
        }),
    );
}

/** An ingress NetworkPolicy; an internal one concerns the control plane's namespace only. */
export function networkPolicy(
    mesh: Mesh,
    name: string,
    labels: Labels,
    policy: { pods?: Labels; ingress: object; internal?: boolean },
): KubeObject {
    const made = object("networking.k8s.io/v1", "NetworkPolicy", name, labels, {
        spec: {
            podSelector: policy.pods ? { matchLabels: policy.pods } : {},
            ingress: [policy.ingress],
            policyTypes: ["Ingress"],
        },
    });
    return namespaced(mesh, policy.internal ? annotated(made, { [INTERNAL]: "true" }) : made);
}

export function fromNamespaces(labels: Labels): object {
    return { from: [{ namespaceSelector: { matchLabels: labels } }] };
}

export function route(mesh: Mesh, name: string, labels: Labels, spec: object): KubeObject {
    const full = { wildcardPolicy: "None", ...spec, to: { kind: "Service", name, weight: 100 } };
    return namespaced(mesh, object("route.openshift.io/v1", "Route", name, labels, { spec: full }));
}

export function istio(
    mesh: Mesh,
    kind: { apiVersion: string; kind: string },
    name: string,
    labels: Labels,
    spec: object,
): KubeObject {
    return namespaced(mesh, object(kind.apiVersion, kind.kind, name, labels, { spec }));
}

export const DESTINATION_RULE = { apiVersion: "networking.istio.io/v1alpha3", kind: "DestinationRule" };
export const MESH_POLICY = { apiVersion: "authentication.maistra.io/v1", kind: "ServiceMeshPolicy" };
export const POLICY = { apiVersion: "authentication.istio.io/v1alpha1", kind: "Policy" };
