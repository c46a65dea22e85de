/** Words of Maistra that more than one part needs, in every release. */

export const OPERATOR_NAMESPACE = "openshift-operators";
export const OPERATOR_DEPLOYMENT = "istio-operator";
export const FINALIZER = "maistra.io/istio-operator";
/** Whom the API server names as the author of what the operator writes. */
export const FIELD_MANAGER = "istio-operator";

export const MEMBER_OF = "maistra.io/member-of";
export const IGNORE_NAMESPACE = "maistra.io/ignore-namespace";
/** Label of everything that a control plane consists of; its value is the control plane's namespace. */
export const OWNER = "maistra.io/owner";
/** Annotation of the same: for which generation of the control plane it was last written. */
export const MESH_GENERATION = "maistra.io/mesh-generation";
/** Annotation of NetworkPolicies that are not copied into members. */
export const INTERNAL = "maistra.io/internal";
export const COMPONENT = "app.kubernetes.io/component";
/** Label of the pods of a control plane; its value is the control plane's namespace. */
export const CONTROL_PLANE = "maistra-control-plane";
export const CREATED_BY = "maistra.io/created-by";

export const MAISTRA_API = "maistra.io/v1";
export const ROLL_KIND = { apiVersion: MAISTRA_API, kind: "ServiceMeshMemberRoll" };
export const MEMBER_KIND = { apiVersion: MAISTRA_API, kind: "ServiceMeshMember" };
/** The only name that a roll or a member may have. */
export const DEFAULT_NAME = "default";

export const NAD_KIND = { apiVersion: "k8s.cni.cncf.io/v1", kind: "NetworkAttachmentDefinition" };

/** An address where nothing ever listens: what a webhook configuration says before its server does. */
export const NOBODY = "https://127.0.0.1:9";

export const KIALI = { apiVersion: "kiali.io/v1alpha1", kind: "Kiali" };
export const JAEGER = { apiVersion: "jaegertracing.io/v1", kind: "Jaeger" };
