import type { KubeObject } from "../../../../kube";
import { DEFAULT, NOBODY, REV } from "../names";
import { object } from "./parts";

/**
 * The webhook configurations of a revision and of a tag (istio/istio, manifests/charts/istio-control/istio-discovery/
 * templates/mutatingwebhook.yaml and revision-tags; recorded: sail S1a, S5a, S5b). Each address names the Service that
 * it means in its path; that Service's istiod fills in where it really listens.
 */

type Labels = Record<string, string>;

const INJECTION = "istio-injection";
const INJECT = "sidecar.istio.io/inject";

const has = (key: string, ...values: string[]) => ({ key, operator: "In", values });
const hasNot = (key: string) => ({ key, operator: "DoesNotExist" });
const otherThan = (key: string, ...values: string[]) => ({ key, operator: "NotIn", values });

/** An istiod by the namespace and the name of its Service. */
export interface Target {
    namespace: string;
    service: string;
}

export function addressOf({ namespace, service }: Target, path: "inject" | "validate"): string {
    return `${NOBODY}/${namespace}/${service}/${path}`;
}

/** Who asks for injection by a revision or a tag of this name; "default" also by the old label and by the pod alone. */
export function injectorConfiguration(name: string, labels: Labels, selects: string, target: Target): KubeObject {
    const webhook = (prefix: string, namespaces: object[], pods: object[]) => ({
        name: `${prefix}sidecar-injector.istio.io`,
        clientConfig: { url: addressOf(target, "inject") },
        sideEffects: "None",
        rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
        failurePolicy: "Fail",
        reinvocationPolicy: "Never",
        admissionReviewVersions: ["v1"],
        namespaceSelector: { matchExpressions: namespaces },
        objectSelector: { matchExpressions: pods },
    });
    const willing = otherThan(INJECT, "false");
    const webhooks = [
        webhook("rev.namespace.", [has(REV, selects), hasNot(INJECTION)], [willing]),
        webhook("rev.object.", [hasNot(REV), hasNot(INJECTION)], [willing, has(REV, selects)]),
    ];
    if (selects === DEFAULT) {
        webhooks.push(
            webhook("namespace.", [has(INJECTION, "enabled")], [willing]),
            webhook("object.", [hasNot(INJECTION), hasNot(REV)], [has(INJECT, "true"), hasNot(REV)]),
        );
    }
    return object("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", name, labels, { webhooks });
}

/** istiod's look at Istio's own objects: those of one revision, or those of none. */
export function validatorConfiguration(
    name: string,
    labels: Labels,
    target: Target,
    revision: string | undefined,
): KubeObject {
    const webhook = {
        name: revision === undefined ? "validation.istio.io" : "rev.validation.istio.io",
        clientConfig: { url: addressOf(target, "validate") },
        rules: [
            {
                operations: ["CREATE", "UPDATE"],
                apiGroups: ["security.istio.io", "networking.istio.io", "telemetry.istio.io", "extensions.istio.io"],
                apiVersions: ["*"],
                resources: ["*"],
            },
        ],
        // Open until the operator looks again.
        failurePolicy: "Ignore",
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        ...(revision === undefined ? {} : { objectSelector: { matchExpressions: [has(REV, revision)] } }),
    };
    const webhooks = [webhook];
    return object("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", name, labels, { webhooks });
}
