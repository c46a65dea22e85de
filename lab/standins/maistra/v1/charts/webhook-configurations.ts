import type { KubeObject } from "../../../../../kube";
import { NOBODY } from "../../common/names";
import { chartLabels, type Mesh } from "./parts";

export const INJECTOR_CONFIGURATION = "istio-sidecar-injector-";
export const GALLEY_CONFIGURATION = "istio-galley-";

/** Which pods are shown to the injector: those of members, never the control plane's own. */
export function injectorConfiguration(mesh: Mesh): KubeObject {
    const webhook = {
        name: "sidecar-injector.istio.io",
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        namespaceSelector: {
            matchExpressions: [memberOf(mesh), { key: "maistra.io/ignore-namespace", operator: "DoesNotExist" }],
        },
        ...unanswered("/inject"),
    };
    return configuration(
        "MutatingWebhookConfiguration",
        `${INJECTOR_CONFIGURATION}${mesh.namespace}`,
        chartLabels("sidecarInjectorWebhook", "sidecarInjectorWebhook"),
        [webhook],
    );
}

/** Galley's look at Istio's own objects before they are stored. */
export function galleyConfiguration(mesh: Mesh): KubeObject {
    const seen = (name: string, path: string, apiGroups: string[]) => ({
        name,
        rules: [{ apiGroups, apiVersions: ["*"], operations: ["CREATE", "UPDATE"], resources: ["*"] }],
        namespaceSelector: { matchExpressions: [memberOf(mesh)] },
        ...unanswered(path),
    });
    const pilotGroups = ["authentication.istio.io", "networking.istio.io", "rbac.istio.io", "security.istio.io"];
    return configuration(
        "ValidatingWebhookConfiguration",
        `${GALLEY_CONFIGURATION}${mesh.namespace}`,
        chartLabels("galley", "galley", { istio: "galley" }),
        [
            seen("pilot.validation.istio.io", "/admitpilot", pilotGroups),
            seen("mixer.validation.istio.io", "/admitmixer", ["config.istio.io"]),
        ],
    );
}

function memberOf(mesh: Mesh): object {
    return { key: "maistra.io/member-of", operator: "In", values: [mesh.namespace] };
}

/** Until the component's pod is ready nobody answers, and what would have been asked is refused. */
function unanswered(path: string): object {
    return {
        admissionReviewVersions: ["v1"],
        clientConfig: { url: `${NOBODY}${path}` },
        failurePolicy: "Fail",
        sideEffects: "None",
        timeoutSeconds: 10,
    };
}

function configuration(kind: string, name: string, labels: Record<string, string>, webhooks: object[]): KubeObject {
    return { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata: { name, labels }, webhooks };
}
