import type { KubeObject } from "../../../../kube";
import { INTERNAL } from "./names";

/** Objects as charts write them. */

export type Labels = Record<string, string>;

/** Whatever lives in the namespace of a control plane. */
export interface Home {
    namespace: string;
}

export function object(apiVersion: string, kind: string, name: string, labels: Labels, rest: object): KubeObject {
    return { apiVersion, kind, metadata: { name, labels }, ...rest };
}

export function namespaced(mesh: Home, of: KubeObject): KubeObject {
    return { ...of, metadata: { ...of.metadata, namespace: mesh.namespace } };
}

export function serviceAccount(mesh: Home, name: string, labels: Labels): KubeObject {
    return namespaced(mesh, object("v1", "ServiceAccount", name, labels, {}));
}

export function configMap(mesh: Home, name: string, labels: Labels, data: Record<string, string>): KubeObject {
    return namespaced(mesh, object("v1", "ConfigMap", name, labels, { data }));
}

export function secret(mesh: Home, name: string, labels: Labels, stringData: Record<string, string>): KubeObject {
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
    mesh: Home,
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
    mesh: Home,
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

/** An ingress NetworkPolicy; an internal one concerns the control plane's namespace only. */
export function networkPolicy(
    mesh: Home,
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

export function route(mesh: Home, name: string, labels: Labels, spec: object): KubeObject {
    const full = { wildcardPolicy: "None", ...spec, to: { kind: "Service", name, weight: 100 } };
    return namespaced(mesh, object("route.openshift.io/v1", "Route", name, labels, { spec: full }));
}

export function istio(
    mesh: Home,
    kind: { apiVersion: string; kind: string },
    name: string,
    labels: Labels,
    spec: object,
): KubeObject {
    return namespaced(mesh, object(kind.apiVersion, kind.kind, name, labels, { spec }));
}
