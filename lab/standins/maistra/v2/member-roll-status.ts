import type { KubeObject } from "../../../../kube";
import { type Condition, conditionOf, withCondition } from "../common/conditions";
import { type ControlPlaneStatus, reconciledVersionOf } from "./control-plane-status";

export interface RollStatus {
    annotations?: Record<string, string>;
    conditions?: Condition[];
    configuredMembers?: string[];
    memberStatuses?: { namespace: string; conditions: Condition[] }[];
    members?: string[];
    meshGeneration?: number;
    meshReconciledVersion?: string;
    observedGeneration?: number;
    pendingMembers?: string[];
    terminatingMembers?: string[];
}

/** A namespace that the roll wants, and whose member was looked for. */
export interface Want {
    namespace: string;
    exists: boolean;
    refersTo?: { name: string; namespace: string };
}

interface Picture {
    roll: KubeObject;
    mesh?: KubeObject;
    required: string[];
    wants: Want[];
    /** All ServiceMeshMembers that refer to the roll's namespace. */
    members: KubeObject[];
}

/**
 * What the roll says. A member counts as configured once it is Reconciled, and as pending until it is so for the state
 * that the control plane is in: after every update of that the roll is not Ready for a moment (recorded: R7; trap 22).
 */
export function rollStatus({ roll, mesh, required, wants, members }: Picture): RollStatus {
    const own = roll.metadata.namespace;
    const meshStatus: ControlPlaneStatus = mesh?.status ?? {};
    const version = reconciledVersionOf(meshStatus);
    const namespaces = members.map((member) => member.metadata.namespace ?? "");
    const all = [...new Set([...required, ...namespaces])].filter((name) => name !== own).sort();
    const terminating = members.filter((member) => member.metadata.deletionTimestamp);
    const configured = members.filter((member) => !member.metadata.deletionTimestamp && isConfigured(member, mesh));
    const upToDate = configured.filter((member) => member.status?.meshReconciledVersion === version);
    const done = new Set(names([...upToDate, ...terminating]));
    const pending = all.filter((name) => !done.has(name));
    const before: RollStatus = roll.status ?? {};
    const configuredMembers = names(configured);
    return {
        annotations: { configuredMemberCount: `${configuredMembers.length}/${all.length}` },
        conditions: withCondition(before.conditions, readyCondition(mesh !== undefined, pending)),
        configuredMembers,
        memberStatuses: all.map((namespace) => ({
            namespace,
            conditions: memberConditions(namespace, { roll, mesh, required, wants, members }),
        })),
        members: all,
        ...(mesh ? { meshGeneration: meshStatus.observedGeneration, meshReconciledVersion: version } : {}),
        observedGeneration: roll.metadata.generation,
        pendingMembers: pending,
        terminatingMembers: names(terminating),
    };
}

function isConfigured(member: KubeObject, mesh: KubeObject | undefined): boolean {
    const { name } = member.spec.controlPlaneRef;
    const { status } = conditionOf(member.status?.conditions, "Reconciled");
    return mesh !== undefined && name === mesh.metadata.name && status === "True";
}

function readyCondition(hasMesh: boolean, pending: string[]): Condition {
    const no = (reason: string, message: string): Condition => ({ type: "Ready", status: "False", reason, message });
    if (!hasMesh) {
        return no("ErrSMCPMissing", "No ServiceMeshControlPlane exists in the namespace");
    }
    return pending.length > 0
        ? no("ReconcileError", `The following namespaces are not yet configured: [${pending.join(" ")}]`)
        : {
              type: "Ready",
              status: "True",
              reason: "Configured",
              message: "All namespaces have been configured successfully",
          };
}

/** The member's own word if there is one, else why there is none; what was said before stays while nobody says more. */
function memberConditions(namespace: string, { roll, mesh, wants, members }: Picture): Condition[] {
    const said: RollStatus["memberStatuses"] = roll.status?.memberStatuses;
    let conditions = said?.find((status) => status.namespace === namespace)?.conditions ?? [];
    const want = wants.find((each) => each.namespace === namespace);
    const no = (reason: string, message: string): Condition => ({
        type: "Reconciled",
        status: "False",
        reason,
        message,
    });
    if (want && !want.exists) {
        conditions = withCondition(conditions, no("NamespaceNotExists", `Namespace ${namespace} does not exist`));
    }
    const { name, namespace: home } = want?.refersTo ?? {};
    if (want?.refersTo && mesh && (name !== mesh.metadata.name || home !== mesh.metadata.namespace)) {
        const what = `ServiceMeshMember ${namespace}/default exists, but references ServiceMeshControlPlane`;
        conditions = withCondition(conditions, no("MemberReferencesDifferentControlPlane", `${what} ${home}/${name}`));
    }
    const member = members.find(({ metadata }) => metadata.namespace === namespace);
    return member
        ? withCondition(conditions, withoutTime(conditionOf(member.status?.conditions, "Reconciled")))
        : conditions;
}

function withoutTime({ lastTransitionTime: _, ...condition }: Condition): Condition {
    return condition;
}

function names(members: KubeObject[]): string[] {
    return members.map((member) => member.metadata.namespace ?? "").sort();
}
