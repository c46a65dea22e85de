/** Checks of a configuration against what one look at the cluster found. Pure: the facts are handed in. */
import { type ClusterFacts, KEY, type RouteFact } from "../cluster/facts";
import { dialects } from "../dialects";
import { checkControlPlane, checkMembers } from "./check-mesh";
import { type PlacedHost, hostsOf, servicesOf, sharedHosts, strayHosts } from "./hosts";
import { DISRUPTION_API } from "../specs/spread";
import { didYouMean, keyOf, type Problem } from "./problems";
import type { MeshConfig } from "./schema";

export interface ClusterCheckOptions {
    /**
     * "<organization>/<project>/<stack>": what is marked with it is this stack's own. Without it, nothing counts as
     * its own.
     */
    stackId?: string;
    /** The suffix of mesh:uniqueNames, once it is known. Without it, hosts given as bare labels are not looked up. */
    suffix?: string;
}

/** Everything in the configuration that this cluster cannot honour; nothing has been touched yet. */
export function checkAgainstCluster(
    config: MeshConfig,
    facts: ClusterFacts,
    options: ClusterCheckOptions = {},
): Problem[] {
    return [
        ...checkNetwork(config, facts),
        ...checkControlPlane(config, facts, options.stackId),
        ...checkMembers(config, facts, options.stackId),
        ...checkHosts(config, facts, options),
        ...checkWorkloads(config, facts),
        ...checkBuilds(config, facts),
        ...checkDisruption(config, facts),
    ];
}

function checkNetwork({ generation }: MeshConfig, { networkType }: ClusterFacts): Problem[] {
    const { networks } = dialects[generation];
    const reason =
        networkType !== undefined && Object.hasOwn(networks, networkType) ? networks[networkType] : undefined;
    if (networkType === undefined || reason === undefined) {
        return [];
    }
    const allowed = `a generation that works on this cluster's network ${networkType}`;
    return [
        {
            key: keyOf(["generation"]),
            found: generation,
            allowed,
            text: `this cluster's network is ${networkType}: ${reason}`,
        },
    ];
}

function checkHosts(config: MeshConfig, facts: ClusterFacts, options: ClusterCheckOptions): Problem[] {
    const domain = config.appsDomain ?? facts.appsDomain;
    const hosts = hostsOf(config, domain, options.suffix);
    if (domain === undefined) {
        const allowed =
            "the domain of this cluster's router, which the cluster does not tell " +
            "(ingresses.config.openshift.io/cluster)";
        return hosts.length === 0 ? [] : [{ key: keyOf(["appsDomain"]), allowed }];
    }
    return [
        // With a domain of its own, the configuration has been checked for these before.
        ...(config.appsDomain === undefined ? strayHosts(hosts, domain, "this cluster's domain") : []),
        ...(config.appsDomain === undefined ? sharedHosts(hosts) : []),
        ...hosts.flatMap((placed) => heldByConsole(config, placed, domain)),
        ...hosts.flatMap((placed) => heldByRoute(config, facts, placed, options.stackId)),
    ];
}

/** The hosts that OpenShift gives the Routes of the consoles, which their operators make. */
function heldByConsole(config: MeshConfig, { key, host, given }: PlacedHost, domain: string): Problem[] {
    const routes = Object.values(dialects[config.generation].consoleRoutes(config));
    const held = routes.find(({ name, namespace }) => host === `${name}-${namespace}.${domain}`);
    if (held === undefined) {
        return [];
    }
    const allowed = "a host that the control plane does not use itself";
    const text = `${host} will be the host of the control plane's own Route ${held.name}`;
    return [{ key, found: given, allowed, text }];
}

function heldByRoute(
    config: MeshConfig,
    facts: ClusterFacts,
    { key, host, given }: PlacedHost,
    stackId?: string,
): Problem[] {
    const claims = facts.routes.filter((route) => route.host === host);
    if (claims.some((route) => route.admitted && isOwn(config, facts, route, stackId))) {
        return [];
    }
    const holder = claims.find((route) => !isOwn(config, facts, route, stackId));
    if (holder === undefined) {
        return [];
    }
    const name = `${holder.namespace}/${holder.name}`;
    const hint = `choose another host, or remove it: oc delete route ${holder.name} -n ${holder.namespace}`;
    return [
        {
            key,
            found: given,
            allowed: "a host that no other Route holds",
            text: `${host} is held by Route ${name}`,
            hint,
        },
    ];
}

/**
 * Made by this stack, or by the mesh for a Gateway of this stack. Source of the labels: maistra-1.1 ior,
 * pkg/route/route.go.
 */
function isOwn(config: MeshConfig, facts: ClusterFacts, route: RouteFact, stackId: string | undefined): boolean {
    if (route.mark !== undefined && route.mark === stackId) {
        return true;
    }
    const namespace = route.labels["maistra.io/gateway-namespace"] ?? "";
    const there = Object.hasOwn(facts.namespaces, namespace) ? facts.namespaces[namespace] : undefined;
    // A namespace with a suffix says which of the config's it is.
    const key = (there?.mark === stackId ? there?.annotations[KEY] : undefined) ?? namespace;
    return (
        route.labels["maistra.io/generated-by"] === "ior" &&
        Object.hasOwn(config.namespaces, key) &&
        config.namespaces[key]?.gateway === route.labels["maistra.io/gateway-name"]
    );
}

function checkWorkloads(config: MeshConfig, facts: ClusterFacts): Problem[] {
    return servicesOf(config).flatMap(({ namespace, name, service: { existing }, path }) => {
        const here = facts.workloads.filter((workload) => workload.namespace === namespace);
        if (existing === undefined || here.some((workload) => workload.kind === existing && workload.name === name)) {
            return [];
        }
        const otherKind = here.find((workload) => workload.name === name);
        const sameKind = here.filter(({ kind }) => kind === existing).map((workload) => workload.name);
        const hint = otherKind === undefined ? didYouMean(name, sameKind) : `${name} is a ${otherKind.kind}`;
        const problem: Problem = {
            key: keyOf([...path, "existing"]),
            found: existing,
            allowed: `the kind of a workload ${name} that is in namespace ${namespace}`,
            text: `there is no ${existing} ${name} in namespace ${namespace}`,
        };
        return [hint === undefined ? problem : { ...problem, hint }];
    });
}

/** PodDisruptionBudgets are of policy/v1 since Kubernetes 1.21, OpenShift 4.8. */
function checkDisruption(config: MeshConfig, { apiGroups }: ClusterFacts): Problem[] {
    const old = apiGroups.includes("policy/v1beta1") && !apiGroups.includes(DISRUPTION_API);
    return servicesOf(config).flatMap(({ service: { minAvailable }, path }) =>
        minAvailable === undefined || !old
            ? []
            : [
                  {
                      key: keyOf([...path, "minAvailable"]),
                      found: String(minAvailable),
                      allowed: "nothing on a cluster before OpenShift 4.8, which does not serve policy/v1",
                  },
              ],
    );
}

/** Builds are a capability that a cluster may have been installed without. */
function checkBuilds(config: MeshConfig, { apiGroups }: ClusterFacts): Problem[] {
    const missing = ["build.openshift.io/v1", "image.openshift.io/v1"].filter((group) => !apiGroups.includes(group));
    return servicesOf(config).flatMap(({ service, path }) =>
        service.build === undefined || missing.length === 0
            ? []
            : [
                  {
                      key: keyOf([...path, "build"]),
                      found: "given",
                      allowed: "image: an image that was built elsewhere",
                      text: `this cluster builds no images: it does not serve ${missing.join(", ")}`,
                  },
              ],
    );
}
