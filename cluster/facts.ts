/**
 * What one read-only look at a cluster finds, as plain data. A stack is a function of its config and of these facts;
 * unit tests and rendering hand facts in instead of looking. `unknown to us` is always an absent field, never an empty
 * string.
 */

/**
 * The annotation that every object of a stack carries; its value says which stack: "<organization>/<project>/<stack>".
 */
export const MARK = "openshift-mesh/stack";

/** The annotation of a namespace that a stack made: the name that the stack's config gives it, without its suffix. */
export const KEY = "openshift-mesh/key";

/** The annotation of our mesh objects: a digest of what was asked for when it was written last. */
export const DIGEST = "openshift-mesh/digest";

/** A Subscription for one of the packages, in whatever namespace it stands. */
export interface SubscriptionFact {
    namespace: string;
    name: string;
    channel?: string;
    source: string;
    sourceNamespace: string;
    startingCSV?: string;
    /** "Automatic" or "Manual"; absent means Automatic. */
    approval?: string;
    /** The newest CSV that the Subscription stands for, installed or not. */
    currentCSV?: string;
    /** The CSV whose object exists. Says nothing about health: the CSV's phase does (recorded: olm e3, i). */
    installedCSV?: string;
    /** The value of the mark annotation, if the Subscription has one. */
    mark?: string;
}

/** A ClusterServiceVersion that OLM works with; never one of its copies in other namespaces. */
export interface CsvFact {
    namespace: string;
    name: string;
    phase: string;
    reason?: string;
    message?: string;
    version?: string;
    deleting: boolean;
    /** The package that it really is of, when that is another one whose CSVs have the same names (Community's Kiali). */
    otherPackage?: string;
}

/** What a catalogue offers for a package (PackageManifest). */
export interface OfferFact {
    source: string;
    sourceNamespace: string;
    defaultChannel: string;
    /** `csvs`: every version of the channel, newest first; older OLM lists none, then it holds `currentCSV` alone. */
    channels: { name: string; currentCSV: string; csvs: string[]; complete: boolean }[];
}

export interface PackageFact {
    subscriptions: SubscriptionFact[];
    csvs: CsvFact[];
    /** Absent when the cluster does not serve PackageManifests: then nothing is known about what is offered. */
    offered?: OfferFact[];
}

export interface OperatorGroupFact {
    name: string;
    /** Empty: all namespaces. */
    targetNamespaces: string[];
    mark?: string;
}

export interface CatalogSourceFact {
    namespace: string;
    name: string;
    /** The catalogue's connection, as OLM last saw it, e.g. READY, TRANSIENT_FAILURE. */
    state?: string;
}

export interface NamespaceFact {
    exists: boolean;
    mark?: string;
    terminating: boolean;
    labels: Record<string, string>;
    annotations: Record<string, string>;
}

export interface RouteFact {
    namespace: string;
    name: string;
    host: string;
    /** The name of the Service that it points to. */
    to: string;
    port?: string;
    labels: Record<string, string>;
    mark?: string;
    /** True when a router has admitted it: the host is then its own. */
    admitted: boolean;
    /** The EventListener behind the Service, if there is one. */
    listener?: string;
    /** True when the pods behind it carry `maistra.io/expose-route: "true"`: membership does not cut it off. */
    exposed?: boolean;
}

export interface ListenerFact {
    /** The newest version of its kind that the cluster serves. */
    apiVersion: string;
    namespace: string;
    name: string;
    /** True when it carries `maistra.io/expose-route: "true"`. */
    exposed: boolean;
}

export interface ControlPlaneFact {
    /** Where it runs; an Istio is itself in no namespace. */
    namespace: string;
    name: string;
    /** spec.version */
    version?: string;
    /** Its API version, e.g. "maistra.io/v1", "sailoperator.io/v1". */
    apiVersion: string;
    mark?: string;
}

/** An object of the operators of generation 3, which are nearly all of the cluster and of no namespace. */
export interface SailFact {
    kind: "Istio" | "IstioCNI" | "IstioRevision" | "IstioRevisionTag" | "OSSMConsole";
    apiVersion: string;
    name: string;
    /** Its own, or the one that its spec names for what it makes. */
    namespace?: string;
    /** spec.version */
    version?: string;
    mark?: string;
}

/** A namespace that a member roll names, or that asked for membership by a ServiceMeshMember. */
export interface MemberFact {
    namespace: string;
    controlPlaneNamespace: string;
    /** True when the operator says that it is configured, not only asked for. */
    configured: boolean;
    /** It asked by a ServiceMeshMember that somebody wrote. */
    byItself?: true;
}

/** A Deployment or DeploymentConfig of a member namespace. */
export interface WorkloadFact {
    namespace: string;
    kind: "Deployment" | "DeploymentConfig";
    name: string;
    /** Names of the containers of its pod template. */
    containers: string[];
    /** The value of the label sidecar.istio.io/inject on the pod template, otherwise of the annotation. */
    injected?: string;
    mark?: string;
}

export interface ClusterFacts {
    /** The address of the API server. */
    server: string;
    /** Every "group/version" that is served, and "v1". */
    apiGroups: string[];
    /** ingresses.config.openshift.io/cluster spec.domain, e.g. "apps.example.com". */
    appsDomain?: string;
    /** networks.config.openshift.io/cluster, e.g. "OpenShiftSDN" or "OVNKubernetes". */
    networkType?: string;
    /** By package name. Every package that was asked for has an entry. */
    packages: Record<string, PackageFact>;
    /** By namespace; a namespace without an OperatorGroup has no entry. */
    operatorGroups: Record<string, OperatorGroupFact[]>;
    catalogSources: CatalogSourceFact[];
    /**
     * By name: every namespace that was asked about (members, control plane, operators), and every one with our mark.
     */
    namespaces: Record<string, NamespaceFact>;
    /** Every Route of the cluster: a host is claimed cluster-wide. */
    routes: RouteFact[];
    listeners: ListenerFact[];
    /** ServiceMeshControlPlanes, and Istios. */
    controlPlanes: ControlPlaneFact[];
    sail: SailFact[];
    /** The versions that the installed operator of generation 3 takes; absent when there is none, or it may not be asked. */
    istioVersions?: string[];
    /** Of what was asked about: objects that are there already and of which a cluster has one, by "Kind/name". */
    shared: Record<string, { mark?: string }>;
    members: MemberFact[];
    workloads: WorkloadFact[];
    /** Of this stack's own control planes, roll and members, by digestKey(); "" for one that carries no digest. */
    digests: Record<string, string>;
}

/** Whether the cluster has the monitoring whose kinds (ServiceMonitor, PodMonitor) the mesh's metrics are asked by. */
export function hasMonitoring({ apiGroups }: Pick<ClusterFacts, "apiGroups">): boolean {
    return apiGroups.includes("monitoring.coreos.com/v1");
}

/** The name of a mesh object among ClusterFacts.digests. */
export function digestKey(kind: string, { namespace, name }: { namespace?: string; name: string }): string {
    return `${kind} ${namespace ?? ""}/${name}`;
}

/** An empty cluster with OLM and Routes: what tests and rendering start from and fill in. */
export function emptyFacts(over: Partial<ClusterFacts> = {}): ClusterFacts {
    return {
        server: "https://cluster.invalid:6443",
        apiGroups: [
            "v1",
            "apps/v1",
            "operators.coreos.com/v1",
            "operators.coreos.com/v1alpha1",
            "route.openshift.io/v1",
        ],
        appsDomain: "apps.example.com",
        networkType: "OpenShiftSDN",
        packages: {},
        operatorGroups: { "openshift-operators": [{ name: "global-operators", targetNamespaces: [] }] },
        catalogSources: [{ namespace: "openshift-marketplace", name: "redhat-operators", state: "READY" }],
        namespaces: {
            "openshift-operators": { exists: true, terminating: false, labels: {}, annotations: {} },
        },
        routes: [],
        listeners: [],
        controlPlanes: [],
        sail: [],
        shared: {},
        members: [],
        workloads: [],
        digests: {},
        ...over,
    };
}
