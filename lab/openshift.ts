import { z } from "zod";

/**
 * The OpenShift releases that a lab can be: which catalogue it has, which network, which API versions. Service Mesh 1.1
 * lives on 4.5; 2 and 3 on 4.18. No release takes both: the CRDs of 1.1.7 are of an API version that Kubernetes 1.22
 * dropped.
 */
export const openshiftVersion = z.preprocess(
    // On a command line it looks like a number.
    (value) => (typeof value === "number" ? String(value) : value),
    z.enum(["4.5", "4.18"]),
);

export type OpenShiftVersion = z.infer<typeof openshiftVersion>;

/** What differs between them, as far as the mesh or its users look at it. */
export interface Release {
    /** The newest patch release of its time. */
    version: string;
    /** spec.networkType of the cluster's Network; on OVNKubernetes 1.1.7 configures no member (traps, 45). */
    networkType: "OpenShiftSDN" | "OVNKubernetes";
    /** The API version in which people write EventListeners. */
    triggers: "triggers.tekton.dev/v1alpha1" | "triggers.tekton.dev/v1beta1";
    /** Labels of the namespace of the router's pods. */
    ingressLabels: Record<string, string>;
    /** Namespaces of the platform's own parts beside those that every release has. */
    namespaces: string[];
}

const POLICY_GROUP = { "network.openshift.io/policy-group": "ingress" };

export const RELEASES: Record<OpenShiftVersion, Release> = {
    "4.5": {
        version: "4.5.7",
        networkType: "OpenShiftSDN",
        triggers: "triggers.tekton.dev/v1alpha1",
        ingressLabels: POLICY_GROUP,
        namespaces: [],
    },
    "4.18": {
        version: "4.18.9",
        networkType: "OVNKubernetes",
        triggers: "triggers.tekton.dev/v1beta1",
        ingressLabels: { ...POLICY_GROUP, "policy-group.network.openshift.io/ingress": "" },
        namespaces: ["openshift-monitoring"],
    },
};
