import type { KubeObject } from "../../kube";
import { namespace } from "./objects";

/** What an OpenShift 4.5 has before anybody works with it, as far as the mesh or its users look at it. */
export function platform(domain: string): KubeObject[] {
    return [
        namespace("openshift-operators"),
        namespace("openshift-marketplace"),
        namespace("openshift-ingress", { "network.openshift.io/policy-group": "ingress" }),
        {
            apiVersion: "operators.coreos.com/v1",
            kind: "OperatorGroup",
            metadata: { name: "global-operators", namespace: "openshift-operators" },
            spec: {},
        },
        catalog("redhat-operators", "Red Hat Operators"),
        catalog("community-operators", "Community Operators"),
        {
            apiVersion: "config.openshift.io/v1",
            kind: "Ingress",
            metadata: { name: "cluster" },
            spec: { domain },
        },
        {
            apiVersion: "config.openshift.io/v1",
            kind: "Network",
            metadata: { name: "cluster" },
            spec: {
                clusterNetwork: [{ cidr: "10.128.0.0/14", hostPrefix: 23 }],
                networkType: "OpenShiftSDN",
                serviceNetwork: ["172.30.0.0/16"],
            },
            status: {
                clusterNetwork: [{ cidr: "10.128.0.0/14", hostPrefix: 23 }],
                clusterNetworkMTU: 1450,
                networkType: "OpenShiftSDN",
                serviceNetwork: ["172.30.0.0/16"],
            },
        },
        {
            apiVersion: "config.openshift.io/v1",
            kind: "ClusterVersion",
            metadata: { name: "version" },
            spec: { channel: "stable-4.5", clusterID: "00000000-0000-4000-8000-000000000000" },
        },
    ];
}

/** Statuses that only a real cluster's operators write; sent after the objects are there. */
export const PLATFORM_STATUSES: { apiVersion: string; kind: string; name: string; status: object }[] = [
    {
        apiVersion: "config.openshift.io/v1",
        kind: "ClusterVersion",
        name: "version",
        status: { history: [{ state: "Completed", version: "4.5.7" }], desired: { version: "4.5.7" } },
    },
];

function catalog(name: string, displayName: string): KubeObject {
    return {
        apiVersion: "operators.coreos.com/v1alpha1",
        kind: "CatalogSource",
        metadata: { name, namespace: "openshift-marketplace" },
        spec: {
            sourceType: "grpc",
            image: `registry.example.com/lab/${name}-index:v4.5`,
            displayName,
            publisher: "Red Hat",
            priority: name === "redhat-operators" ? -100 : -400,
        },
    };
}
