export const CONTROL_PLANE_KIND = { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane" };

/** Label beside OWNER: the control plane's name. */
export const OWNER_NAME = "maistra.io/owner-name";
/** Label of the pods of a control plane and of a proxy: which control plane's, by its name. */
export const REVISION = "istio.io/rev";
