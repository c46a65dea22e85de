import type { KubeObject } from "../../../kube";
import {
    elasticsearchCrds,
    istioCrdsOf3,
    jaegerCrds,
    kialiCrds,
    maistra2Crds,
    maistraCrds,
    opentelemetryCrds,
    sailCrds,
    tempoCrds,
} from "../../crds";
import { installedAlongside } from "./bundle";
import type { Api, Package } from "./settings";

/** By API group; some differ between the versions of a package. */
const KNOWN: Record<string, (csvName: string) => Promise<KubeObject[]>> = {
    "logging.openshift.io": elasticsearchCrds,
    "jaegertracing.io": jaegerCrds,
    "kiali.io": kialiCrds,
    "monitoring.kiali.io": kialiCrds,
    "maistra.io": maistraCrds,
    "sailoperator.io": sailCrds,
    "networking.istio.io": istioCrdsOf3,
    "security.istio.io": istioCrdsOf3,
    "telemetry.istio.io": istioCrdsOf3,
    "extensions.istio.io": istioCrdsOf3,
    "tempo.grafana.com": tempoCrds,
    "opentelemetry.io": opentelemetryCrds,
};

/** Those of packages that say so. */
const SETS: Record<NonNullable<Package["crds"]>, (csvName: string) => Promise<KubeObject[]>> = {
    "maistra-2": maistra2Crds,
};

/** The CRDs that a package brings, marked as OLM marks them: a label, no owner (recorded: olm a). */
export async function packageCrds(pkg: Package, csvName: string, namespace: string): Promise<KubeObject[]> {
    const crds = await Promise.all(pkg.provides.map((api) => crdOf(api, pkg.crds, csvName)));
    return crds.map((crd) => ({
        ...crd,
        metadata: {
            ...crd.metadata,
            labels: { ...crd.metadata.labels, "olm.managed": "true" },
            annotations: { ...crd.metadata.annotations, ...installedAlongside(csvName, namespace) },
        },
    }));
}

async function crdOf(api: Api, set: Package["crds"], csvName: string): Promise<KubeObject> {
    const known = (await (set ? SETS[set] : KNOWN[api.group])?.(csvName)) ?? [];
    return known.find((crd) => crd.spec.names.plural === api.plural && crd.spec.group === api.group) ?? plainCrd(api);
}

/** For an API of which nobody in the lab needs to know more: any object will do. */
function plainCrd({ group, version, kind, plural }: Api): KubeObject {
    const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    const schema = { openAPIV3Schema: { type: "object", properties: { spec: anything, status: anything } } };
    return {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: `${plural}.${group}` },
        spec: {
            group,
            scope: "Namespaced",
            names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
            versions: [{ name: version, served: true, storage: true, subresources: { status: {} }, schema }],
        },
    };
}
