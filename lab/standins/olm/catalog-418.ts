import type { PackageInput, WebhookDefinition } from "./settings";

/** From 2.6 on OLM makes the operator's webhooks (maistra/maistra-test-tool, olm_webhooks_test.go); names as before. */
const WEBHOOKS_26: WebhookDefinition[] = [
    webhook("Validating", "smcp", "servicemeshcontrolplanes", ["v1", "v2"]),
    webhook("Validating", "smmr", "servicemeshmemberrolls", ["v1"]),
    webhook("Validating", "smm", "servicemeshmembers", ["v1"]),
    webhook("Mutating", "smcp", "servicemeshcontrolplanes", ["v1", "v2"]),
    webhook("Mutating", "smmr", "servicemeshmemberrolls", ["v1"]),
];

function webhook(
    type: WebhookDefinition["type"],
    short: string,
    resource: string,
    apiVersions: string[],
): WebhookDefinition {
    const mutating = type === "Mutating";
    return {
        type,
        generateName: `${short}.${mutating ? "mutation" : "validation"}.maistra.io`,
        webhookPath: `/${mutating ? "mutate" : "validate"}-${short}`,
        rules: [{ apiGroups: ["maistra.io"], apiVersions, operations: ["CREATE", "UPDATE"], resources: [resource] }],
    };
}

/**
 * Red Hat's catalogue of an OpenShift 4.18, as far as the lab needs it: the operators of Service Mesh 2. The last
 * digits of Kiali's, Jaeger's and Elasticsearch's versions are made up.
 */
export const RED_HAT_418: PackageInput[] = [
    {
        name: "elasticsearch-operator",
        displayName: "OpenShift Elasticsearch Operator",
        channels: { stable: ["elasticsearch-operator.v5.8.13"] },
        bundles: [{ csv: "elasticsearch-operator.v5.8.13", version: "5.8.13" }],
        deployment: "elasticsearch-operator",
        provides: [{ group: "logging.openshift.io", version: "v1", kind: "Elasticsearch", plural: "elasticsearches" }],
    },
    {
        name: "jaeger-product",
        displayName: "Red Hat OpenShift distributed tracing platform",
        channels: { stable: ["jaeger-operator.v1.57.0-5"] },
        bundles: [{ csv: "jaeger-operator.v1.57.0-5", version: "1.57.0-5" }],
        deployment: "jaeger-operator",
        provides: [{ group: "jaegertracing.io", version: "v1", kind: "Jaeger", plural: "jaegers" }],
    },
    {
        name: "kiali-ossm",
        displayName: "Kiali Operator",
        channels: { stable: ["kiali-operator.v2.11.3"] },
        bundles: [{ csv: "kiali-operator.v2.11.3", version: "2.11.3" }],
        deployment: "kiali-operator",
        provides: [
            { group: "kiali.io", version: "v1alpha1", kind: "Kiali", plural: "kialis" },
            { group: "kiali.io", version: "v1alpha1", kind: "OSSMConsole", plural: "ossmconsoles" },
        ],
    },
    {
        name: "servicemeshoperator",
        displayName: "Red Hat OpenShift Service Mesh 2",
        channels: { stable: ["servicemeshoperator.v2.5.1", "servicemeshoperator.v2.6.8"] },
        bundles: [
            {
                // maistra/istio-operator@maistra-2.5: manifests-servicemesh/2.5.1, olm.skipRange ">=1.0.2 <2.5.1-0".
                csv: "servicemeshoperator.v2.5.1",
                version: "2.5.1-0",
                replaces: "servicemeshoperator.v2.5.0",
                skipRange: { from: "1.0.2", below: "2.5.1-0" },
            },
            {
                csv: "servicemeshoperator.v2.6.8",
                version: "2.6.8-0",
                replaces: "servicemeshoperator.v2.6.7",
                skipRange: { from: "1.0.2", below: "2.6.8-0" },
                webhooks: WEBHOOKS_26,
            },
        ],
        deployment: "istio-operator",
        crds: "maistra-2",
        provides: [
            { group: "maistra.io", version: "v2", kind: "ServiceMeshControlPlane", plural: "servicemeshcontrolplanes" },
            { group: "maistra.io", version: "v1", kind: "ServiceMeshMemberRoll", plural: "servicemeshmemberrolls" },
            { group: "maistra.io", version: "v1", kind: "ServiceMeshMember", plural: "servicemeshmembers" },
        ],
    },
];
