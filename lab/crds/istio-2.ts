import type { KubeObject } from "../../kube";
import { freeForm } from "./istio";

/** Istio's kinds as Service Mesh 2.5 has them (recorded: maistra25 M1b): which, and the versions that are served. */
const TYPED: Record<string, string[]> = {
    "destinationrules.networking.istio.io": ["v1alpha3", "v1beta1"],
    "envoyfilters.networking.istio.io": ["v1alpha3"],
    "gateways.networking.istio.io": ["v1alpha3", "v1beta1"],
    "proxyconfigs.networking.istio.io": ["v1beta1"],
    "serviceentries.networking.istio.io": ["v1alpha3", "v1beta1"],
    "sidecars.networking.istio.io": ["v1alpha3", "v1beta1"],
    "virtualservices.networking.istio.io": ["v1alpha3", "v1beta1"],
    "workloadentries.networking.istio.io": ["v1alpha3", "v1beta1"],
    "workloadgroups.networking.istio.io": ["v1alpha3", "v1beta1"],
    "authorizationpolicies.security.istio.io": ["v1", "v1beta1"],
    "peerauthentications.security.istio.io": ["v1beta1"],
    "requestauthentications.security.istio.io": ["v1", "v1beta1"],
    "telemetries.telemetry.istio.io": ["v1alpha1"],
    "wasmplugins.extensions.istio.io": ["v1alpha1"],
};

/** Maistra's own, which nobody in the lab looks into. */
const FREE: [group: string, plural: string, kind: string][] = [
    ["authentication.maistra.io", "servicemeshpolicies", "ServiceMeshPolicy"],
    ["rbac.maistra.io", "servicemeshrbacconfigs", "ServiceMeshRbacConfig"],
    ["federation.maistra.io", "exportedservicesets", "ExportedServiceSet"],
    ["federation.maistra.io", "importedservicesets", "ImportedServiceSet"],
    ["federation.maistra.io", "servicemeshpeers", "ServiceMeshPeer"],
];

/** Makes of today's Istio CRDs those that a control plane 2.x installs; the schemas are the real ones of today. */
export function asOf2(today: KubeObject[]): KubeObject[] {
    const typed = today
        .filter((crd) => crd.metadata.name in TYPED)
        .map((crd) => onlyVersions(crd, TYPED[crd.metadata.name]));
    return [...typed, ...FREE.map(([group, plural, kind]) => freeForm(group, "v1", plural, kind))];
}

/** Stored as v1beta1 where there is one: v1 came after. */
function onlyVersions(crd: KubeObject, names: string[]): KubeObject {
    const stored = names.includes("v1beta1") ? "v1beta1" : names[0];
    const versions = crd.spec.versions
        .filter(({ name }: { name: string }) => names.includes(name))
        .map((version: { name: string }) => ({
            ...version,
            served: true,
            storage: version.name === stored,
            deprecated: undefined,
        }));
    return { ...crd, spec: { ...crd.spec, versions } };
}
