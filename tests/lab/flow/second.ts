import type { KubeObject } from "../../../kube";
import { APP, HOSTS, MESH } from "./objects";

/** The second control plane of the same root namespace, and where its gateway is. */
export const NEXT = "v3";
export const INGRESS = "flow-ingress";

const DISCOVERED = { "istio-discovery": NEXT };
const NAME = "istio-ingressgateway";

export const CONTROL_PLANE = { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane" };

/** Kinds that operators bring, without anything that would act on them. */
export function kinds(): KubeObject[] {
    return [
        crd("maistra.io", "v2", "ServiceMeshControlPlane", "servicemeshcontrolplanes", "Namespaced"),
        crd("maistra.io", "v1", "ServiceMeshMemberRoll", "servicemeshmemberrolls", "Namespaced"),
        crd("sailoperator.io", "v1", "IstioRevision", "istiorevisions", "Cluster"),
    ];
}

/** What a control plane 2.6 makes of strict mTLS, with its roll. */
export function first(): KubeObject[] {
    return [
        { ...CONTROL_PLANE, metadata: { name: "basic", namespace: MESH }, spec: { version: "v2.6" } },
        {
            apiVersion: "security.istio.io/v1beta1",
            kind: "PeerAuthentication",
            metadata: { name: "default", namespace: MESH },
            spec: { mtls: { mode: "STRICT" } },
        },
        {
            apiVersion: "networking.istio.io/v1beta1",
            kind: "DestinationRule",
            metadata: { name: "default", namespace: MESH },
            spec: { host: "*.cluster.local", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } },
        },
    ];
}

/** The second control plane, and its gateway by injection, in a namespace of its own. */
export function second(): KubeObject[] {
    const labels = { app: NAME, istio: "ingressgateway" };
    const values = { meshConfig: { discoverySelectors: [{ matchLabels: DISCOVERED }] } };
    const annotations = { "inject.istio.io/templates": "gateway", ...injectedBy(NEXT) };
    const containers = [{ name: "istio-proxy", image: "registry.example.com/proxyv2" }];
    return [
        {
            apiVersion: "sailoperator.io/v1",
            kind: "IstioRevision",
            metadata: { name: NEXT },
            spec: { namespace: MESH, values },
        },
        { apiVersion: "v1", kind: "Namespace", metadata: { name: INGRESS, labels: DISCOVERED } },
        {
            apiVersion: "networking.k8s.io/v1",
            kind: "NetworkPolicy",
            metadata: { name: "istio-mesh-v3", namespace: APP },
            spec: {
                podSelector: {},
                ingress: [{ from: [{ namespaceSelector: { matchLabels: DISCOVERED } }] }],
                policyTypes: ["Ingress"],
            },
        },
        {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name: NAME, namespace: INGRESS },
            spec: {
                replicas: 1,
                selector: { matchLabels: labels },
                template: { metadata: { labels, annotations }, spec: { containers } },
            },
        },
        {
            apiVersion: "v1",
            kind: "Service",
            metadata: { name: NAME, namespace: INGRESS },
            spec: { selector: labels, ports: [{ name: "http2", port: 80, targetPort: 8080 }] },
        },
    ];
}

/** The labels by which the second control plane knows a namespace. */
export function discovered(): object {
    return { metadata: { labels: DISCOVERED } };
}

/** What an injector leaves on a pod. */
export function injectedBy(revision: string): Record<string, string> {
    return { "sidecar.istio.io/status": JSON.stringify({ revision }) };
}

/** A Route to the second gateway for a host that the first one's has. */
export function nextRoute(service: keyof typeof HOSTS): KubeObject {
    return {
        apiVersion: "route.openshift.io/v1",
        kind: "Route",
        metadata: { name: service, namespace: INGRESS },
        spec: { host: HOSTS[service], to: { kind: "Service", name: NAME }, port: { targetPort: "http2" } },
    };
}

function crd(group: string, version: string, kind: string, plural: string, scope: string): KubeObject {
    const openAPIV3Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    return {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: `${plural}.${group}` },
        spec: {
            group,
            scope,
            names: { kind, plural, singular: kind.toLowerCase() },
            versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema } }],
        },
    };
}
