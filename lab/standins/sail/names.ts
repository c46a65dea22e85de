import type { KindRef } from "../../../kube";

/** Words of the Sail operator that more than one part needs. */

export const OPERATOR_NAMESPACE = "openshift-operators";
export const OPERATOR_DEPLOYMENT = "servicemesh-operator3";
export const FINALIZER = "sailoperator.io/sail-operator";
/** Whom the API server names as the author of what the operator writes. */
export const FIELD_MANAGER = "sail-operator";

const API = "sailoperator.io/v1";
export const ISTIO = { apiVersion: API, kind: "Istio" };
export const REVISION = { apiVersion: API, kind: "IstioRevision" };
export const CNI = { apiVersion: API, kind: "IstioCNI" };
export const TAG = { apiVersion: API, kind: "IstioRevisionTag" };
export const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" };
export const DAEMON_SET = { apiVersion: "apps/v1", kind: "DaemonSet" };
export const NAD: KindRef = { apiVersion: "k8s.cni.cncf.io/v1", kind: "NetworkAttachmentDefinition" };
export const MUTATING = { apiVersion: "admissionregistration.k8s.io/v1", kind: "MutatingWebhookConfiguration" };
export const VALIDATING = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration" };

/** The revision that the label istio-injection=enabled means, and the only name that an IstioCNI may have. */
export const DEFAULT = "default";
export const REV = "istio.io/rev";
/** Label of everything that the operator installs. */
export const MANAGED = "managed-by=sail-operator";

/** An address where nothing ever listens: what a webhook configuration says before its istiod does. */
export const NOBODY = "https://127.0.0.1:9";

/** What the parts of a revision are called: "istiod" of revision default, "istiod-x" of revision x. */
export function suffixed(name: string, revision: string): string {
    return revision === DEFAULT || revision === "" ? name : `${name}-${revision}`;
}
