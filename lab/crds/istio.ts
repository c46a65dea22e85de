import type { KubeObject } from "../../kube";

/** Istio's kinds as its release 1.4 has them (recorded: maistra117 N1): which, and in which version each is served. */
const TYPED: Record<string, string> = {
    "destinationrules.networking.istio.io": "v1alpha3",
    "envoyfilters.networking.istio.io": "v1alpha3",
    "gateways.networking.istio.io": "v1alpha3",
    "serviceentries.networking.istio.io": "v1alpha3",
    "sidecars.networking.istio.io": "v1alpha3",
    "virtualservices.networking.istio.io": "v1alpha3",
    "authorizationpolicies.security.istio.io": "v1beta1",
};

/** Kinds that later releases dropped, so that today's module has no schema for them. */
const FREE: { group: string; version: string; kinds: Record<string, string> }[] = [
    {
        group: "config.istio.io",
        version: "v1alpha2",
        kinds: {
            adapters: "adapter",
            attributemanifests: "attributemanifest",
            handlers: "handler",
            httpapispecbindings: "HTTPAPISpecBinding",
            httpapispecs: "HTTPAPISpec",
            instances: "instance",
            quotaspecbindings: "QuotaSpecBinding",
            quotaspecs: "QuotaSpec",
            rules: "rule",
            templates: "template",
        },
    },
    {
        group: "rbac.istio.io",
        version: "v1alpha1",
        kinds: { rbacconfigs: "RbacConfig", servicerolebindings: "ServiceRoleBinding", serviceroles: "ServiceRole" },
    },
    { group: "authentication.istio.io", version: "v1alpha1", kinds: { policies: "Policy" } },
    { group: "authentication.maistra.io", version: "v1", kinds: { servicemeshpolicies: "ServiceMeshPolicy" } },
    { group: "rbac.maistra.io", version: "v1", kinds: { servicemeshrbacconfigs: "ServiceMeshRbacConfig" } },
];

/** Makes of today's Istio CRDs those that a 1.4 control plane installs; the schemas of what is left are the real ones. */
export function asOf14(today: KubeObject[]): KubeObject[] {
    const typed = today
        .filter((crd) => crd.metadata.name in TYPED)
        .map((crd) => onlyVersion(crd, TYPED[crd.metadata.name]));
    const free = FREE.flatMap(({ group, version, kinds }) =>
        Object.entries(kinds).map(([plural, kind]) => freeForm(group, version, plural, kind)),
    );
    return [...typed, ...free];
}

function onlyVersion(crd: KubeObject, name: string): KubeObject {
    const version = crd.spec.versions.find((v: { name: string }) => v.name === name);
    return {
        ...crd,
        spec: { ...crd.spec, versions: [{ ...version, served: true, storage: true, deprecated: undefined }] },
    };
}

/** A kind that takes anything. */
export function freeForm(group: string, version: string, plural: string, kind: string): KubeObject {
    const openAPIV3Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    return {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: `${plural}.${group}` },
        spec: {
            group,
            scope: "Namespaced",
            names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), categories: ["istio-io"] },
            versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema } }],
        },
    };
}
