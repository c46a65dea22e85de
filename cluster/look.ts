import type { Kube, KubeObject } from "../kube";
import type { ClusterFacts, NamespaceFact } from "./facts";
import { markOf, meshFacts, meshReads, type WantedShared } from "./look-mesh";
import { packageFacts, type WantedPackage } from "./look-packages";
import { listenerFacts, routeFacts, workloadFacts } from "./look-workloads";
import { explain, LookError, type Read, readAll } from "./reads";

export { LookError };

/** What a stack must know before it declares anything. */
export interface Wanted {
    packages: WantedPackage[];
    /** The namespaces that are or will be members. */
    namespaces: string[];
    controlPlaneNamespace: string;
    /** Other namespaces of the mesh itself. */
    homes?: string[];
    /** Objects of which a cluster has one, and which another stack may have made. */
    shared?: WantedShared[];
    /** "<organization>/<project>/<stack>" */
    stackId: string;
    /** Set when nothing but the members, and the Routes of the gateway in this namespace, is to be read. */
    within?: { gateway: string };
}

const TIME_LIMIT_S = 15;

/**
 * One read-only look at the cluster: everything at once, plain data out. Errors: LookError in words when the cluster
 * cannot be reached, is no OpenShift, has no OLM, or when rights are missing (all of them are named); it takes no
 * longer than 15 seconds.
 */
export async function look(kube: Kube, wanted: Wanted, timeLimitSeconds = TIME_LIMIT_S): Promise<ClusterFacts> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
        const said = `${kube.server} did not answer within ${timeLimitSeconds} s; nothing was touched`;
        timer = setTimeout(() => reject(new LookError(said)), timeLimitSeconds * 1000);
    });
    try {
        return await Promise.race([lookNow(kube, wanted), late]);
    } catch (error) {
        throw explain(kube.server, error as Error);
    } finally {
        clearTimeout(timer);
    }
}

/** The domain of the cluster's router alone, where the cluster tells it within 5 seconds. */
export async function appsDomain(kube: Kube): Promise<string | undefined> {
    const path = "/apis/config.openshift.io/v1/ingresses/cluster";
    return (await kube.raw("GET", path, undefined, { signal: AbortSignal.timeout(5_000) })).spec?.domain;
}

async function lookNow(kube: Kube, wanted: Wanted): Promise<ClusterFacts> {
    const apiGroups = await kube.groupVersions();
    refuseOtherClusters(kube.server, apiGroups);
    const found = await readAll(kube, readsFor(wanted, apiGroups));
    const workloads = [...found.deployments, ...found.deploymentConfigs];
    return {
        server: kube.server,
        apiGroups,
        appsDomain: found.ingress[0]?.spec?.domain,
        networkType: found.network[0]?.status?.networkType ?? found.network[0]?.spec?.networkType,
        packages: packageFacts(wanted.packages, found, servesManifests(apiGroups)),
        operatorGroups: operatorGroups(found.groups),
        catalogSources: found.catalogs.map((c) => ({
            namespace: c.metadata.namespace ?? "",
            name: c.metadata.name,
            state: c.status?.connectionState?.lastObservedState,
        })),
        namespaces: namespaces(found.namespaces, wanted),
        routes: routeFacts(found.routes, { services: found.services, listeners: found.listeners, workloads }),
        listeners: listenerFacts(found.listeners),
        ...meshFacts(found, wanted.stackId),
        workloads: workloadFacts(workloads),
    };
}

function refuseOtherClusters(server: string, apiGroups: string[]): void {
    if (!apiGroups.includes("route.openshift.io/v1")) {
        throw new LookError(
            `${server} is not an OpenShift cluster: it serves no Routes (route.openshift.io); nothing was touched\n` +
                "  Is this the right cluster? oc whoami --show-server; another one: KUBECONFIG, or kubernetes:context",
        );
    }
    if (!apiGroups.includes("operators.coreos.com/v1alpha1")) {
        throw new LookError(
            `${server} has no Operator Lifecycle Manager (operators.coreos.com), which installs operators; ` +
                "nothing was touched\n" +
                "  On OpenShift it is part of the cluster: oc get clusteroperator operator-lifecycle-manager",
        );
    }
}

function servesManifests(apiGroups: string[]): boolean {
    return apiGroups.includes("packages.operators.coreos.com/v1");
}

/** All that a look reads. */
export function readsFor(wanted: Wanted, apiGroups: string[]) {
    const everything = readsOfAll(wanted, apiGroups);
    return wanted.within ? readsWithin(everything, wanted.within, wanted.namespaces) : everything;
}

function readsOfAll({ packages, namespaces, shared }: Wanted, apiGroups: string[]) {
    const first = (...versions: string[]): string => versions.find((v) => apiGroups.includes(v)) ?? versions[0];
    const olm = "operators.coreos.com/v1alpha1";
    const listeners = first("triggers.tekton.dev/v1beta1", "triggers.tekton.dev/v1alpha1");
    const each = (read: Read): Read[] => namespaces.map((namespace) => ({ ...read, namespace }));
    const one = (apiVersion: string, kind: string, resource: string, more: Partial<Read> = {}): Read[] => [
        { apiVersion, kind, resource, ...more },
    ];
    return {
        ingress: one("config.openshift.io/v1", "Ingress", "ingresses", { name: "cluster" }),
        network: one("config.openshift.io/v1", "Network", "networks", { name: "cluster" }),
        subscriptions: one(olm, "Subscription", "subscriptions"),
        // The copies in all other namespaces mean nothing (trap 10).
        csvs: one(olm, "ClusterServiceVersion", "clusterserviceversions", { labelSelector: "!olm.copiedFrom" }),
        catalogs: one(olm, "CatalogSource", "catalogsources"),
        groups: one("operators.coreos.com/v1", "OperatorGroup", "operatorgroups"),
        manifests: packages.flatMap((p) =>
            one("packages.operators.coreos.com/v1", "PackageManifest", "packagemanifests", {
                fieldSelector: `metadata.name=${p.package}`,
                optional: true,
            }),
        ),
        namespaces: one("v1", "Namespace", "namespaces"),
        routes: one("route.openshift.io/v1", "Route", "routes"),
        listeners: one(listeners, "EventListener", "eventlisteners"),
        ...meshReads(apiGroups, shared ?? []),
        services: each({ apiVersion: "v1", kind: "Service", resource: "services" }),
        deployments: each({ apiVersion: "apps/v1", kind: "Deployment", resource: "deployments" }),
        deploymentConfigs: each({
            apiVersion: "apps.openshift.io/v1",
            kind: "DeploymentConfig",
            resource: "deploymentconfigs",
        }),
    };
}

/**
 * What can be read with rights in some namespaces alone: the namespaces themselves by name, and what is in them. Of the
 * rest nothing is known.
 */
function readsWithin<K extends string>(
    reads: Record<K, Read[]>,
    { gateway }: NonNullable<Wanted["within"]>,
    namespaces: string[],
): Record<K, Read[]> {
    const places: Record<string, string[]> = {
        routes: [...namespaces, gateway],
        listeners: namespaces,
        members: namespaces,
        services: namespaces,
        deployments: namespaces,
        deploymentConfigs: namespaces,
    };
    const within = (name: K): Read[] => {
        if (name === "namespaces") {
            return namespaces.map((n) => ({ ...reads[name][0], namespace: n, name: n }));
        }
        return [...new Set(places[name] ?? [])].map((namespace) => ({ ...reads[name][0], namespace }));
    };
    const names = Object.keys(reads) as K[];
    return Object.fromEntries(names.map((name) => [name, within(name)])) as Record<K, Read[]>;
}

function operatorGroups(groups: KubeObject[]): ClusterFacts["operatorGroups"] {
    const facts: ClusterFacts["operatorGroups"] = {};
    for (const group of groups) {
        (facts[group.metadata.namespace ?? ""] ??= []).push({
            name: group.metadata.name,
            targetNamespaces: group.spec?.targetNamespaces ?? [],
            mark: markOf(group),
        });
    }
    return facts;
}

/** Those that were asked about, and those that are this stack's. */
function namespaces(all: KubeObject[], wanted: Wanted): Record<string, NamespaceFact> {
    const homes = [wanted.controlPlaneNamespace, ...(wanted.homes ?? [])];
    const asked = [...wanted.namespaces, ...homes, ...wanted.packages.map((p) => p.namespace)];
    const own = all.filter((n) => markOf(n) === wanted.stackId).map((n) => n.metadata.name);
    return Object.fromEntries(
        [...new Set([...asked, ...own])].sort().map((name) => {
            const found = all.find((n) => n.metadata.name === name);
            return [
                name,
                {
                    exists: found !== undefined,
                    mark: found && markOf(found),
                    terminating:
                        found?.metadata.deletionTimestamp !== undefined || found?.status?.phase === "Terminating",
                    labels: found?.metadata.labels ?? {},
                    annotations: found?.metadata.annotations ?? {},
                },
            ];
        }),
    );
}
