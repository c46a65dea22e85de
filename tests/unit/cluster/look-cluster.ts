import assert from "node:assert/strict";
import { look, LookError, type Wanted } from "../../../cluster/look";
import type { KubeObject } from "../../../kube";
import { FakeKube } from "./fake-kube";

export const STACK = "organization/mesh/dev";
export const WANTED: Wanted = {
    packages: [
        { package: "kiali-ossm", namespace: "openshift-operators", csvPrefix: "kiali-operator." },
        { package: "jaeger-product", namespace: "openshift-operators", csvPrefix: "jaeger-operator." },
    ],
    namespaces: ["microsvc-sample", "new"],
    controlPlaneNamespace: "istio-system",
    stackId: STACK,
};

type Body = Partial<Omit<KubeObject, "metadata">> & { metadata?: Partial<KubeObject["metadata"]> };

export function object(
    apiVersion: string,
    kind: string,
    namespace: string | undefined,
    name: string,
    body: Body = {},
): KubeObject {
    return { apiVersion, kind, ...body, metadata: { name, namespace, ...body.metadata } };
}

export const olm = (kind: string, namespace: string, name: string, body: Body = {}) =>
    object("operators.coreos.com/v1alpha1", kind, namespace, name, body);
export const maistra = (kind: string, namespace: string, name: string, body: Body = {}) =>
    object("maistra.io/v1", kind, namespace, name, body);

/** A cluster in which a bit of everything stands. */
export function cluster(): FakeKube {
    const fake = new FakeKube();
    fake.served = [
        "route.openshift.io/v1",
        "operators.coreos.com/v1",
        "operators.coreos.com/v1alpha1",
        "packages.operators.coreos.com/v1",
        "triggers.tekton.dev/v1alpha1",
        "triggers.tekton.dev/v1beta1",
    ];
    const ns = "microsvc-sample";
    const expose = { "maistra.io/expose-route": "true" };
    const admitted = { ingress: [{ conditions: [{ type: "Admitted", status: "True" }] }] };
    const route = (name: string, to: string, namespace = ns) =>
        object("route.openshift.io/v1", "Route", namespace, name, {
            spec: { host: `${name}.apps.example.com`, to: { name: to }, port: { targetPort: 8080 } },
            status: admitted,
        });
    for (const one of [
        object("config.openshift.io/v1", "Ingress", undefined, "cluster", { spec: { domain: "apps.example.com" } }),
        object("config.openshift.io/v1", "Network", undefined, "cluster", {
            spec: { networkType: "OpenShiftSDN" },
            status: { networkType: "OVNKubernetes" },
        }),
        object("v1", "Namespace", undefined, ns, { metadata: { labels: { team: "a" } } }),
        object("v1", "Namespace", undefined, "openshift-operators"),
        object("v1", "Namespace", undefined, "shop-ab12", {
            metadata: { annotations: { "openshift-mesh/stack": STACK } },
        }),
        object("v1", "Namespace", undefined, "istio-system", { status: { phase: "Terminating" } }),
        object("operators.coreos.com/v1", "OperatorGroup", "openshift-operators", "global-operators", { spec: {} }),
        olm("CatalogSource", "openshift-marketplace", "redhat-operators", {
            status: { connectionState: { lastObservedState: "READY" } },
        }),
        olm("Subscription", "openshift-operators", "my-kiali", {
            metadata: { annotations: { "openshift-mesh/stack": "organization/mesh/prod" } },
            spec: { name: "kiali-ossm", source: "redhat-operators", sourceNamespace: "openshift-marketplace" },
            status: { installedCSV: "kiali-operator.v1.12.15" },
        }),
        olm("Subscription", "openshift-operators", "web-terminal", { spec: { name: "web-terminal" } }),
        olm("ClusterServiceVersion", "openshift-operators", "kiali-operator.v1.12.15", {
            status: { phase: "Succeeded" },
        }),
        // A copy means nothing (trap 10), with or without OLM's label.
        olm("ClusterServiceVersion", "default", "kiali-operator.v1.12.15", {
            status: { phase: "Succeeded", reason: "Copied" },
        }),
        olm("ClusterServiceVersion", "elsewhere", "jaeger-operator.v1.20.0", {
            status: { phase: "Failed", reason: "X" },
        }),
        object("packages.operators.coreos.com/v1", "PackageManifest", "openshift-marketplace", "kiali-ossm", {
            status: {
                packageName: "kiali-ossm",
                catalogSource: "redhat-operators",
                catalogSourceNamespace: "openshift-marketplace",
                defaultChannel: "stable",
                channels: [{ name: "stable", currentCSV: "kiali-operator.v1.12.15" }],
            },
        }),
        route("sample", "sample"),
        route("el-sample", "el-sample"),
        route("report", "report"),
        route("other", "web", "other-team"),
        object("v1", "Service", ns, "el-sample", {
            metadata: { ownerReferences: [{ apiVersion: "t", kind: "EventListener", name: "sample", uid: "1" }] },
        }),
        object("v1", "Service", ns, "report", { spec: { selector: { app: "report" } } }),
        object("triggers.tekton.dev/v1beta1", "EventListener", ns, "sample", { metadata: { labels: expose } }),
        object("apps/v1", "Deployment", ns, "report", {
            spec: {
                template: {
                    metadata: {
                        labels: { app: "report", ...expose },
                        annotations: { "sidecar.istio.io/inject": "true" },
                    },
                    spec: { containers: [{ name: "main" }] },
                },
            },
        }),
        object("apps/v1", "Deployment", "other-team", "web"),
        maistra("ServiceMeshControlPlane", "istio-system", "basic", { spec: { version: "v1.1" } }),
        maistra("ServiceMeshMemberRoll", "istio-system", "default", {
            metadata: { annotations: { "openshift-mesh/stack": STACK, "openshift-mesh/digest": "abc" } },
            spec: { members: ["microsvc-sample", "later"] },
            status: { configuredMembers: ["microsvc-sample"] },
        }),
        maistra("ServiceMeshMember", "asked", "default", { spec: { controlPlaneRef: { namespace: "other-mesh" } } }),
    ]) {
        fake.put(one);
    }
    return fake;
}

export async function messageOf(fake: FakeKube, seconds?: number): Promise<string> {
    const error = await look(fake.kube, WANTED, seconds).then(
        () => assert.fail("the look succeeded"),
        (e) => e,
    );
    assert.ok(error instanceof LookError, String(error));
    return error.message;
}
