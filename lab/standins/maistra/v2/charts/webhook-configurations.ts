import type { KubeObject } from "../../../../../kube";
import { IGNORE_NAMESPACE, MEMBER_OF, NOBODY } from "../../common/names";
import { chartLabels, type Labels, type Mesh } from "./parts";

/** What istiod's two webhook configurations are called, before "<control plane>-<its namespace>". */
export const INJECTOR_PREFIX = "istiod-";
export const VALIDATOR_PREFIX = "istio-validator-";

/**
 * Which pods are shown to the injector: those of members that do not opt out, the gateways' of the control plane's own
 * namespace among them (helm/v2.5, istio-discovery/templates/mutatingwebhook.yaml; recorded: M1b).
 */
export function injectorConfiguration(mesh: Mesh): KubeObject {
    const webhook = {
        name: "sidecar-injector.istio.io",
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        namespaceSelector: {
            matchExpressions: [
                memberOf(mesh),
                { key: IGNORE_NAMESPACE, operator: "DoesNotExist" },
                { key: "istio-injection", operator: "NotIn", values: ["disabled"] },
                { key: "istio-env", operator: "DoesNotExist" },
            ],
        },
        objectSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["istiod"] }] },
        ...unanswered("/inject"),
    };
    const labels = chartLabels(mesh, { app: "sidecar-injector" }, true);
    return configuration("MutatingWebhookConfiguration", INJECTOR_PREFIX, mesh, labels, webhook);
}

/** istiod's look at Istio's own objects of members before they are stored; the operator's own it lets pass unseen. */
export function validatorConfiguration(mesh: Mesh): KubeObject {
    const webhook = {
        name: "rev.validation.istio.io",
        rules: [
            {
                apiGroups: ["security.istio.io", "networking.istio.io", "telemetry.istio.io", "extensions.istio.io"],
                apiVersions: ["*"],
                operations: ["CREATE", "UPDATE"],
                resources: ["*"],
            },
        ],
        namespaceSelector: { matchExpressions: [memberOf(mesh)] },
        objectSelector: { matchExpressions: [{ key: "maistra-version", operator: "DoesNotExist" }] },
        ...unanswered("/validate"),
    };
    const labels = chartLabels(mesh, { app: "istiod", istio: "istiod" }, true);
    return configuration("ValidatingWebhookConfiguration", VALIDATOR_PREFIX, mesh, labels, webhook);
}

function memberOf(mesh: Mesh): object {
    return { key: MEMBER_OF, operator: "In", values: [mesh.namespace] };
}

/** Until istiod's pod is ready nobody answers, and what would have been asked is refused. */
function unanswered(path: string): object {
    return {
        admissionReviewVersions: ["v1"],
        clientConfig: { url: `${NOBODY}${path}` },
        failurePolicy: "Fail",
        sideEffects: "None",
        timeoutSeconds: 10,
    };
}

function configuration(kind: string, prefix: string, mesh: Mesh, labels: Labels, webhook: object): KubeObject {
    const metadata = { name: `${prefix}${mesh.name}-${mesh.namespace}`, labels };
    return { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata, webhooks: [webhook] };
}
