import type { KubeObject, Ref } from "../../kube";
import type { Release } from "../openshift";
import { namespace } from "./objects";

/** What an OpenShift has before anybody works with it, as far as the mesh or its users look at it. */
export function platform(domain: string, release: Release): KubeObject[] {
    const { networkType, version } = release;
    const minor = minorOf(version);
    return [
        namespace("openshift-operators"),
        namespace("openshift-marketplace"),
        namespace("openshift-ingress", release.ingressLabels),
        ...release.namespaces.map((name) => namespace(name)),
        {
            apiVersion: "operators.coreos.com/v1",
            kind: "OperatorGroup",
            metadata: { name: "global-operators", namespace: "openshift-operators" },
            spec: {},
        },
        catalog("redhat-operators", "Red Hat Operators", minor),
        catalog("community-operators", "Community Operators", minor),
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
                networkType,
                serviceNetwork: ["172.30.0.0/16"],
            },
            status: {
                clusterNetwork: [{ cidr: "10.128.0.0/14", hostPrefix: 23 }],
                clusterNetworkMTU: 1450,
                networkType,
                serviceNetwork: ["172.30.0.0/16"],
            },
        },
        {
            apiVersion: "config.openshift.io/v1",
            kind: "ClusterVersion",
            metadata: { name: "version" },
            spec: { channel: `stable-${minor}`, clusterID: "00000000-0000-4000-8000-000000000000" },
        },
    ];
}

/** Statuses that only a real cluster's operators write; sent after the objects are there. */
export function platformStatuses({ version }: Release): (Ref & { status: object })[] {
    return [
        {
            apiVersion: "config.openshift.io/v1",
            kind: "ClusterVersion",
            name: "version",
            status: { history: [{ state: "Completed", version }], desired: { version } },
        },
    ];
}

/** "4.18" of "4.18.9". */
function minorOf(version: string): string {
    return version.split(".").slice(0, 2).join(".");
}

function catalog(name: string, displayName: string, minor: string): KubeObject {
    return {
        apiVersion: "operators.coreos.com/v1alpha1",
        kind: "CatalogSource",
        metadata: { name, namespace: "openshift-marketplace" },
        spec: {
            sourceType: "grpc",
            image: `registry.example.com/lab/${name}-index:v${minor}`,
            displayName,
            publisher: "Red Hat",
            priority: name === "redhat-operators" ? -100 : -400,
        },
    };
}
