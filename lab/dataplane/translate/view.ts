import type { KubeObject } from "../../../kube";

/** What one control plane finds in the API server that matters to its proxies, as plain data. */
export interface MeshView {
    controlPlane: {
        /** How people know it; anything that no other one has. */
        name: string;
        /** Also Istio's root namespace: what is said there holds for the whole mesh. */
        namespace: string;
        /** Whether clients use mTLS to whoever can answer it where no DestinationRule decides; false in 1.1. */
        autoMtls?: boolean;
        /** Whether the default retries include any answer 503; not from Istio 1.24 on. */
        retriesOn503?: boolean;
    };
    /** Those that the control plane knows. What is in another one, also if it is the root, is not there for it. */
    namespaces: string[];
    gateways: KubeObject[];
    virtualServices: KubeObject[];
    /** What is there of the Gateway API (gateway.networking.k8s.io); 1.1 knows nothing of it. */
    gatewayApi?: { classes: KubeObject[]; gateways: KubeObject[]; routes: KubeObject[] };
    destinationRules: KubeObject[];
    authorizationPolicies: KubeObject[];
    /** ServiceMeshPolicies (authentication.maistra.io). */
    meshPolicies: KubeObject[];
    peerAuthentications: KubeObject[];
    /** Policies (authentication.istio.io), the namespace policies of 1.1. */
    policies: KubeObject[];
    /** Objects of the kinds in NOT_MODELLED, so that they are refused aloud. */
    others?: KubeObject[];
    services: KubeObject[];
    /** Secrets with a certificate, for gateways. */
    secrets?: KubeObject[];
    /** What is closed by NetworkPolicies cannot be reached by proxies either. */
    network?: { policies: KubeObject[]; namespaceLabels: Record<string, Record<string, string>> };
    /** The ready pods of its namespaces, also those that belong to another control plane. */
    workloads: Workload[];
}

/** A ready pod, as the network sees it. */
export interface Workload {
    namespace: string;
    pod: string;
    labels: Record<string, string>;
    serviceAccount: string;
    /** Where others reach it. */
    address: string;
    /** Where its own program listens, when a sidecar stands before it. */
    appAddress: string;
    /** The ports of its containers, without those of istio-proxy. */
    ports: number[];
    /** The numbers of ports that have a name. */
    portNames?: Record<string, number>;
    sidecar: boolean;
    gateway: boolean;
}

/** Files of one proxy, with full paths. */
export interface ProxyFiles {
    cert: string;
    key: string;
    ca: string;
    /** Where what translate() gives is written to; routes and filters are read from there by name. */
    folder: string;
}

/** Configuration of one Envoy (its API v3, as JSON). */
export interface Translation {
    listeners: object[];
    clusters: object[];
    /** RouteConfigurations by name: each is a file of its own, so that a changed route closes no connection. */
    routes: Record<string, object>;
    /** HTTP filters by name: likewise, so that a changed policy holds from the next request on. */
    filters: Record<string, object>;
    refused: Refusal[];
}

/** Something that is not played, and what comes of it. */
export interface Refusal {
    object: { kind: string; namespace: string; name: string };
    /** A path such as spec.http[0].fault. */
    field: string;
    why: string;
    effect: "left out" | "all requests to what it selects are denied";
}

/** The port at which a sidecar takes the calls of its own pod. */
export const OUTBOUND_PORT = 15_001;
