import type { KubeObject, OwnerReference } from "../../../../kube";

/** The owner reference that everything in the control plane's namespace carries. */
export function ownedBy(controlPlane: KubeObject): OwnerReference {
    const { apiVersion, kind, metadata } = controlPlane;
    const { name, uid = "" } = metadata;
    return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** The role that lets people join, bound to nobody yet. It carries no labels and so is never pruned. */
export function meshUsers(smcp: KubeObject): KubeObject[] {
    const rbac = "rbac.authorization.k8s.io";
    const { namespace, name } = smcp.metadata;
    const owned = (kind: string, own: string, rest: object): KubeObject => ({
        apiVersion: `${rbac}/v1`,
        kind,
        metadata: { name: own, namespace, ownerReferences: [ownedBy(smcp)] },
        ...rest,
    });
    const resources = ["servicemeshcontrolplanes"];
    return [
        owned("Role", "mesh-user", {
            rules: [{ apiGroups: ["maistra.io"], resources, resourceNames: [name], verbs: ["use"] }],
        }),
        owned("RoleBinding", "mesh-users", { roleRef: { apiGroup: rbac, kind: "Role", name: "mesh-user" } }),
    ];
}
