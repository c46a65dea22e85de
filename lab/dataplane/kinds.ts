import type { KindRef } from "../../kube";
import { GATEWAY, GATEWAY_CLASS, HTTP_ROUTE } from "../gateway-api/names";
import { NOT_MODELLED } from "./translate";

/** Kinds that every cluster has. */
export const CORE_KINDS = {
    namespaces: { apiVersion: "v1", kind: "Namespace" },
    pods: { apiVersion: "v1", kind: "Pod" },
    services: { apiVersion: "v1", kind: "Service" },
    secrets: { apiVersion: "v1", kind: "Secret" },
    networkPolicies: { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
    crds: { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
} satisfies Record<string, KindRef>;

/** Kinds that come with somebody's CRD, by what the view calls them. */
export const CUSTOM_KINDS = {
    routes: { apiVersion: "route.openshift.io/v1", kind: "Route" },
    controlPlanes: { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane" },
    rolls: { apiVersion: "maistra.io/v1", kind: "ServiceMeshMemberRoll" },
    revisions: { apiVersion: "sailoperator.io/v1", kind: "IstioRevision" },
    gateways: { apiVersion: "networking.istio.io/v1alpha3", kind: "Gateway" },
    gatewayClasses: GATEWAY_CLASS,
    apiGateways: GATEWAY,
    httpRoutes: HTTP_ROUTE,
    virtualServices: { apiVersion: "networking.istio.io/v1alpha3", kind: "VirtualService" },
    destinationRules: { apiVersion: "networking.istio.io/v1alpha3", kind: "DestinationRule" },
    authorizationPolicies: { apiVersion: "security.istio.io/v1beta1", kind: "AuthorizationPolicy" },
    meshPolicies: { apiVersion: "authentication.maistra.io/v1", kind: "ServiceMeshPolicy" },
    peerAuthentications: { apiVersion: "security.istio.io/v1beta1", kind: "PeerAuthentication" },
    policies: { apiVersion: "authentication.istio.io/v1alpha1", kind: "Policy" },
} satisfies Record<string, KindRef>;

export type KindName = keyof typeof CORE_KINDS | keyof typeof CUSTOM_KINDS | "others";

/** What the view is made of, with the kinds that are only looked at to be refused. */
export const WATCHED: { name: KindName; kind: KindRef; custom: boolean }[] = [
    ...Object.entries(CORE_KINDS).map(([name, kind]) => ({ name: name as KindName, kind, custom: false })),
    ...Object.entries(CUSTOM_KINDS).map(([name, kind]) => ({ name: name as KindName, kind, custom: true })),
    ...NOT_MODELLED.map((kind) => ({ name: "others" as const, kind, custom: true })),
];
