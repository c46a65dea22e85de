import type { PackageInput } from "./settings";

/** Red Hat's catalogue of an OpenShift 4.5, as far as the lab needs it: the operators of Service Mesh 1.1. */
export const RED_HAT_45: PackageInput[] = [
    {
        name: "elasticsearch-operator",
        displayName: "Elasticsearch Operator",
        defaultChannel: "4.5",
        channels: { "4.5": ["elasticsearch-operator.4.5.0-202008100413.p0"] },
        bundles: [{ csv: "elasticsearch-operator.4.5.0-202008100413.p0", version: "4.5.0-202008100413.p0" }],
        deployment: "elasticsearch-operator",
        provides: [{ group: "logging.openshift.io", version: "v1", kind: "Elasticsearch", plural: "elasticsearches" }],
        // ES@release-4.5: OwnNamespace and AllNamespaces.
        installModes: ["OwnNamespace", "SingleNamespace", "AllNamespaces"],
    },
    {
        name: "jaeger-product",
        displayName: "Red Hat OpenShift Jaeger",
        channels: { stable: ["jaeger-operator.v1.17.4"] },
        bundles: [{ csv: "jaeger-operator.v1.17.4", version: "1.17.4" }],
        deployment: "jaeger-operator",
        provides: [{ group: "jaegertracing.io", version: "v1", kind: "Jaeger", plural: "jaegers" }],
    },
    {
        name: "kiali-ossm",
        displayName: "Kiali Operator",
        channels: { stable: ["kiali-operator.v1.12.7", "kiali-operator.v1.12.15"] },
        bundles: [
            { csv: "kiali-operator.v1.12.7", version: "1.12.7" },
            { csv: "kiali-operator.v1.12.15", version: "1.12.15", replaces: "kiali-operator.v1.12.7" },
        ],
        deployment: "kiali-operator",
        provides: [
            { group: "kiali.io", version: "v1alpha1", kind: "Kiali", plural: "kialis" },
            {
                group: "monitoring.kiali.io",
                version: "v1alpha1",
                kind: "MonitoringDashboard",
                plural: "monitoringdashboards",
            },
        ],
    },
    {
        name: "servicemeshoperator",
        displayName: "Red Hat OpenShift Service Mesh",
        channels: {
            stable: ["servicemeshoperator.v1.1.6", "servicemeshoperator.v1.1.7"],
            "1.0": ["servicemeshoperator.v1.1.6", "servicemeshoperator.v1.1.7"],
        },
        bundles: [
            {
                csv: "servicemeshoperator.v1.1.6",
                version: "1.1.6",
                replaces: "servicemeshoperator.v1.1.5",
                skipRange: { from: "1.0.2", below: "1.1.6" },
            },
            {
                // IO@maistra-1.1.7: manifests-servicemesh/1.1.7, olm.skipRange ">=1.0.2 <1.1.7"; no required CRDs.
                csv: "servicemeshoperator.v1.1.7",
                version: "1.1.7",
                replaces: "servicemeshoperator.v1.1.6",
                skipRange: { from: "1.0.2", below: "1.1.7" },
            },
        ],
        deployment: "istio-operator",
        provides: [
            { group: "maistra.io", version: "v1", kind: "ServiceMeshControlPlane", plural: "servicemeshcontrolplanes" },
            { group: "maistra.io", version: "v1", kind: "ServiceMeshMemberRoll", plural: "servicemeshmemberrolls" },
            { group: "maistra.io", version: "v1", kind: "ServiceMeshMember", plural: "servicemeshmembers" },
        ],
    },
];
