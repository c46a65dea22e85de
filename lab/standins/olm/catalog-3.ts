import type { Api, PackageInput } from "./settings";

/** Kinds of one API group: [version, kind, plural]. */
function apis(group: string, kinds: [version: string, kind: string, plural: string][]): Api[] {
    return kinds.map(([version, kind, plural]) => ({ group, version, kind, plural }));
}

const OSSM_3_1 = "servicemeshoperator3.v3.1.12";
const OSSM_3_2 = "servicemeshoperator3.v3.2.9";

/**
 * The operators of Service Mesh 3 in Red Hat's catalogue of an OpenShift 4.18. servicemeshoperator3: as its bundles say
 * (openshift-service-mesh/sail-operator, release-3.1 and release-3.2); Istio's own kinds come with it, not with the
 * first control plane. The last digits of the versions of Tempo and OpenTelemetry are made up.
 */
export const RED_HAT_3: PackageInput[] = [
    {
        name: "servicemeshoperator3",
        displayName: "Red Hat OpenShift Service Mesh 3",
        provider: "Red Hat, Inc.",
        channels: { stable: [OSSM_3_1, OSSM_3_2], "stable-3.1": [OSSM_3_1], "stable-3.2": [OSSM_3_2] },
        bundles: [
            { csv: OSSM_3_1, version: "3.1.12" },
            { csv: OSSM_3_2, version: "3.2.9", replaces: OSSM_3_1 },
        ],
        deployment: "servicemesh-operator3",
        provides: [
            ...apis("sailoperator.io", [
                ["v1", "Istio", "istios"],
                ["v1", "IstioRevision", "istiorevisions"],
                ["v1", "IstioRevisionTag", "istiorevisiontags"],
                ["v1", "IstioCNI", "istiocnis"],
                ["v1", "ZTunnel", "ztunnels"],
            ]),
            ...apis("networking.istio.io", [
                ["v1", "DestinationRule", "destinationrules"],
                ["v1alpha3", "EnvoyFilter", "envoyfilters"],
                ["v1", "Gateway", "gateways"],
                ["v1beta1", "ProxyConfig", "proxyconfigs"],
                ["v1", "ServiceEntry", "serviceentries"],
                ["v1", "Sidecar", "sidecars"],
                ["v1", "VirtualService", "virtualservices"],
                ["v1", "WorkloadEntry", "workloadentries"],
                ["v1", "WorkloadGroup", "workloadgroups"],
            ]),
            ...apis("security.istio.io", [
                ["v1", "AuthorizationPolicy", "authorizationpolicies"],
                ["v1", "PeerAuthentication", "peerauthentications"],
                ["v1", "RequestAuthentication", "requestauthentications"],
            ]),
            ...apis("telemetry.istio.io", [["v1", "Telemetry", "telemetries"]]),
            ...apis("extensions.istio.io", [["v1alpha1", "WasmPlugin", "wasmplugins"]]),
        ],
    },
    {
        name: "tempo-product",
        displayName: "Tempo Operator",
        channels: { stable: ["tempo-operator.v0.16.0-2"] },
        bundles: [{ csv: "tempo-operator.v0.16.0-2", version: "0.16.0-2" }],
        deployment: "tempo-operator-controller",
        provides: apis("tempo.grafana.com", [
            ["v1alpha1", "TempoMonolithic", "tempomonolithics"],
            ["v1alpha1", "TempoStack", "tempostacks"],
        ]),
    },
    {
        name: "opentelemetry-product",
        displayName: "Red Hat build of OpenTelemetry",
        channels: { stable: ["opentelemetry-operator.v0.127.0-2"] },
        bundles: [{ csv: "opentelemetry-operator.v0.127.0-2", version: "0.127.0-2" }],
        deployment: "opentelemetry-operator-controller-manager",
        provides: apis("opentelemetry.io", [["v1beta1", "OpenTelemetryCollector", "opentelemetrycollectors"]]),
    },
];
