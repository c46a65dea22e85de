import { keyOf, type Problem } from "../config/problems";
import type { OperatorSpec } from "../dialects";
import type { ClusterFacts } from "./facts";

/**
 * Which parts of an operator's home are ours: those that are missing, to be made, and those that an earlier run made.
 */
export function ownership(
    operator: OperatorSpec,
    namespace: string,
    facts: ClusterFacts,
    stackId: string,
): { ownsNamespace: boolean; ownsGroup: boolean } {
    if (operator.home === "shared") {
        return { ownsNamespace: false, ownsGroup: false };
    }
    const there = facts.namespaces[namespace];
    const groups = facts.operatorGroups[namespace] ?? [];
    return {
        ownsNamespace: !there?.exists || there.mark === stackId,
        ownsGroup: groups.length === 0 || groups.some((g) => g.mark === stackId),
    };
}

/**
 * An operator's namespace must have exactly one OperatorGroup: with none or two OLM does nothing at all and says
 * nothing (trap 5; recorded: olm e1, e2); and one that names target namespaces does not suit an operator that watches
 * them all (recorded: olm e3).
 */
export function checkHome(operator: OperatorSpec, namespace: string, facts: ClusterFacts): Problem[] {
    const key = keyOf(["operators", operator.key]);
    const allowed = `${namespace} with exactly one OperatorGroup`;
    const there = facts.namespaces[namespace];
    const groups = facts.operatorGroups[namespace] ?? [];
    const problem = (text: string, hint?: string): Problem[] => [{ key, allowed, text, ...(hint ? { hint } : {}) }];
    if (there?.terminating) {
        return problem(
            `namespace ${namespace} is being deleted`,
            `see what holds it: oc get namespace ${namespace} -o yaml`,
        );
    }
    if (operator.home === "shared" && !there?.exists) {
        return problem(
            `namespace ${namespace} does not exist`,
            "OpenShift's marketplace makes it; this stack never does",
        );
    }
    if (groups.length > 1) {
        const names = groups.map((g) => g.name).join(", ");
        return problem(
            `${namespace} has ${groups.length} OperatorGroups (${names}), and OLM wants one`,
            "remove the others",
        );
    }
    if (operator.home === "shared" && groups.length === 0) {
        return problem(
            `${namespace} has no OperatorGroup, and OLM wants one`,
            "OpenShift's own is global-operators with an empty spec; this stack never makes it",
        );
    }
    if (operator.home === "shared" && groups[0].targetNamespaces.length) {
        const targets = groups[0].targetNamespaces.join(", ");
        return problem(
            `OperatorGroup ${groups[0].name} of ${namespace} is only for ${targets}`,
            "it must be for all namespaces",
        );
    }
    return [];
}
