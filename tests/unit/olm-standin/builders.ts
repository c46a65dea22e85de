import type { KubeObject } from "../../../kube";
import { csvOf } from "../../../lab/standins/olm/bundle";
import { findBundle, packagesOf } from "../../../lab/standins/olm/catalog";
import { olmSettings, type OlmSettings, type Package } from "../../../lab/standins/olm/settings";

export const NAMESPACE = "openshift-operators";

export function settings(changes: Partial<OlmSettings> = {}): OlmSettings {
    return { ...olmSettings.parse({}), ...changes };
}

export function packages(changes: Partial<OlmSettings> = {}): Package[] {
    return packagesOf(settings(changes));
}

export function subscription(
    packageName: string,
    more: { name?: string; spec?: object; status?: object } = {},
): KubeObject {
    return {
        apiVersion: "operators.coreos.com/v1alpha1",
        kind: "Subscription",
        metadata: { name: more.name ?? packageName, namespace: NAMESPACE, uid: `uid-${more.name ?? packageName}` },
        spec: {
            name: packageName,
            channel: "stable",
            source: "redhat-operators",
            sourceNamespace: "openshift-marketplace",
            installPlanApproval: "Automatic",
            ...more.spec,
        },
        status: more.status,
    };
}

/** A CSV of the catalogue, as it stands in the cluster. */
export function csv(name: string, status?: object): KubeObject {
    const all = packages({ testPackages: true });
    const { pkg, bundle } = findBundle(all, name)!;
    const object = csvOf({ pkg, bundle, channel: pkg.defaultChannel }, NAMESPACE, "image");
    return { ...object, metadata: { ...object.metadata, uid: `uid-${name}` }, status };
}

export function group(namespaces: string[]): KubeObject {
    return {
        apiVersion: "operators.coreos.com/v1",
        kind: "OperatorGroup",
        metadata: { name: "global-operators", namespace: NAMESPACE },
        spec: {},
        status: { namespaces },
    };
}

export function deployment(status: object, generation = 1): KubeObject {
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "istio-operator", namespace: NAMESPACE, generation },
        spec: { replicas: 1 },
        status,
    };
}
