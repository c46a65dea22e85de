/** Checks of the mesh itself against what one look at the cluster found: what is taken, and by whom. */
import type { ClusterFacts } from "../cluster/facts";
import { dialects } from "../dialects";
import { keyOf, pathOf, type Problem } from "./problems";
import type { MeshConfig } from "./schema";

/** Whether the control plane can have its name and its namespaces. */
export function checkControlPlane(config: MeshConfig, facts: ClusterFacts, stackId: string | undefined): Problem[] {
    const { namespace } = config.controlPlane;
    const key = keyOf(["controlPlane", "namespace"]);
    if (isTerminating(facts, namespace)) {
        return [terminating(key, namespace)];
    }
    return [
        ...checkGatewayHome(config, facts),
        ...checkGatewayApi(config, facts),
        ...checkClusterName(config, facts, stackId),
        ...checkNeighbours(config, facts, stackId),
    ];
}

/** The same for the mesh that a stack is moving to, which joins what is there: by the keys of mesh:next. */
export function checkNextAgainstCluster(next: MeshConfig, facts: ClusterFacts, stackId: string): Problem[] {
    const own = checkControlPlane(next, facts, stackId);
    return own.map((problem) => ({ ...problem, key: keyOf(["next", ...pathOf(problem.key)]) }));
}

/** The gateway's namespace, where it has one of its own. */
function checkGatewayHome(config: MeshConfig, facts: ClusterFacts): Problem[] {
    return dialects[config.generation]
        .homes(config)
        .filter(({ purpose, name }) => purpose === "gateway" && isTerminating(facts, name))
        .map(({ name }) => terminating(keyOf(["controlPlane", "gateways", "ingress", "namespace"]), name));
}

/** The kinds of the Gateway API come with OpenShift from 4.19 on; before that, an administrator installs them. */
function checkGatewayApi(config: MeshConfig, { apiGroups }: ClusterFacts): Problem[] {
    const { parent } = dialects[config.generation].gateway(config);
    return parent === undefined || apiGroups.includes(parent.apiVersion)
        ? []
        : [
              {
                  key: keyOf(["controlPlane", "gateways", "ingress", "api"]),
                  found: config.controlPlane.gateways.ingress.api,
                  allowed: "istio on this cluster",
                  text: `this cluster does not serve ${parent.apiVersion}`,
                  hint:
                      "leave it at istio, or have an administrator install the Gateway API's CRDs (standard channel, v1.2 " +
                      "or later); OpenShift has them from 4.19 on",
              },
          ];
}

/** The name of an Istio is taken for the whole cluster. */
function checkClusterName(config: MeshConfig, facts: ClusterFacts, stackId: string | undefined): Problem[] {
    const [plane] = dialects[config.generation].controlPlane(config);
    const { name } = plane.metadata;
    const theirs = facts.controlPlanes.find(
        (other) =>
            plane.metadata.namespace === undefined &&
            other.name === name &&
            other.apiVersion === plane.apiVersion &&
            other.mark !== stackId,
    );
    return theirs === undefined
        ? []
        : [
              {
                  key: keyOf(["controlPlane", "name"]),
                  found: name,
                  allowed: `a name that no other ${plane.kind} of the cluster has`,
                  text: `there is an ${plane.kind} ${name} already, for ${theirs.namespace}, which is not this stack's`,
              },
          ];
}

function checkNeighbours(config: MeshConfig, facts: ClusterFacts, stackId: string | undefined): Problem[] {
    const { name, namespace } = config.controlPlane;
    const key = keyOf(["controlPlane", "namespace"]);
    return facts.controlPlanes
        .filter(
            (other) =>
                other.namespace === namespace && (stackId === undefined ? other.name !== name : other.mark !== stackId),
        )
        .map((other) => ({
            key,
            found: namespace,
            allowed: "a namespace without a control plane; one namespace takes one",
            text:
                `${namespace} already has the control plane ${other.name}, which is not this stack's; one ` +
                "namespace takes one",
        }));
}

function isTerminating(facts: ClusterFacts, namespace: string): boolean {
    return Object.hasOwn(facts.namespaces, namespace) && facts.namespaces[namespace]?.terminating === true;
}

function terminating(key: string, namespace: string): Problem {
    const hint = `see what holds it: oc get namespace ${namespace} -o yaml`;
    return {
        key,
        found: namespace,
        allowed: "a namespace that is not being deleted",
        hint,
        text: `${namespace} is being deleted`,
    };
}

/** Whether the members are free to join. */
export function checkMembers(config: MeshConfig, facts: ClusterFacts, stackId: string | undefined): Problem[] {
    const own = config.controlPlane.namespace;
    return Object.keys(config.namespaces).flatMap((namespace) => {
        const key = keyOf(["namespaces", namespace]);
        const other = facts.members.find(
            (member) => member.namespace === namespace && member.controlPlaneNamespace !== own,
        );
        const problems: Problem[] = isTerminating(facts, namespace) ? [terminating(key, namespace)] : [];
        const mesh = joinedByLabel(namespace, facts, stackId);
        if (mesh !== undefined) {
            const text = `${namespace} is already a member of the mesh ${mesh}`;
            problems.push({ key, found: namespace, allowed: "a namespace that is in no other mesh", text });
        }
        if (other !== undefined) {
            const theirs = other.controlPlaneNamespace;
            const allowed = "a namespace that is in no other mesh";
            problems.push({
                key,
                found: namespace,
                allowed,
                text: `${namespace} is already a member of the mesh in ${theirs}`,
            });
        }
        return problems;
    });
}

/** The Istio of somebody else by whose label, or by whose revision's, a namespace is in a mesh of generation 3. */
function joinedByLabel(namespace: string, facts: ClusterFacts, stackId: string | undefined): string | undefined {
    const there = Object.hasOwn(facts.namespaces, namespace) ? facts.namespaces[namespace].labels : {};
    const names = [there["istio-discovery"], there["istio.io/rev"]];
    return facts.sail.find(
        ({ kind, name, mark }) =>
            ["Istio", "IstioRevisionTag"].includes(kind) && names.includes(name) && mark !== stackId,
    )?.name;
}
