import type { KubeObject } from "../../../../kube";

/** Pieces of which the charts' objects are made; labels that Helm puts on all of them are added later. */

type Labels = Record<string, string>;

const RBAC = "rbac.authorization.k8s.io";

export function object(
    apiVersion: string,
    kind: string,
    name: string,
    labels: Labels,
    rest: object = {},
    namespace?: string,
): KubeObject {
    return { apiVersion, kind, metadata: { name, labels, ...(namespace ? { namespace } : {}) }, ...rest };
}

export function serviceAccount(name: string, labels: Labels, namespace: string): KubeObject {
    return object("v1", "ServiceAccount", name, labels, {}, namespace);
}

export function configMap(name: string, labels: Labels, namespace: string, data: Labels): KubeObject {
    return object("v1", "ConfigMap", name, labels, { data }, namespace);
}

export function clusterRole(name: string, labels: Labels, rules: object[]): KubeObject {
    return object(`${RBAC}/v1`, "ClusterRole", name, labels, { rules });
}

export function clusterRoleBinding(
    name: string,
    labels: Labels,
    role: string,
    account: { name: string; namespace: string },
): KubeObject {
    return object(`${RBAC}/v1`, "ClusterRoleBinding", name, labels, bound("ClusterRole", role, account));
}

/** A Role and its binding, of one name. */
export function roleFor(
    name: string,
    labels: Labels,
    rules: object[],
    account: { name: string; namespace: string },
): KubeObject[] {
    return [
        object(`${RBAC}/v1`, "Role", name, labels, { rules }, account.namespace),
        object(`${RBAC}/v1`, "RoleBinding", name, labels, bound("Role", name, account), account.namespace),
    ];
}

function bound(kind: string, name: string, account: { name: string; namespace: string }): object {
    return {
        roleRef: { apiGroup: RBAC, kind, name },
        subjects: [{ kind: "ServiceAccount", ...account }],
    };
}

export function rule(apiGroup: string, resources: string[], verbs: string[] = ["get", "list", "watch"]): object {
    return { apiGroups: [apiGroup], resources, verbs };
}
