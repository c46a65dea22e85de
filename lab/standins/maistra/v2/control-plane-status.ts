import { type Condition, conditionOf, withCondition } from "../common/conditions";
import type { Spec } from "./applied-spec";
import { reconciledVersion } from "./components";

interface ComponentStatus {
    resource: string;
    conditions: Condition[];
}

/** status of a ServiceMeshControlPlane v2, as far as the operator keeps book in it. */
export interface ControlPlaneStatus {
    annotations?: Record<string, string>;
    appliedSpec?: Spec;
    chartVersion?: string;
    components?: ComponentStatus[];
    conditions?: Condition[];
    observedGeneration?: number;
    operatorVersion?: string;
    readiness?: { components?: { ready: string[]; unready: string[]; pending: string[] } };
}

/** Why a reconciliation stops, and what it says of it: the condition Reconciled, and while that is not True, Ready. */
export interface Said {
    reason: string;
    message: string;
}

const ALWAYS_READY = "alwaysReadyComponents";
const COUNT = "readyComponentCount";

/** "-0" as long as nothing has been installed (recorded: M6c). */
export function reconciledVersionOf(status: ControlPlaneStatus): string {
    return reconciledVersion(status.operatorVersion ?? "", status.observedGeneration ?? 0);
}

/** Whether the mesh was ever installed: what follows is then an update. */
export function isUpdate(status: ControlPlaneStatus): boolean {
    return (status.observedGeneration ?? 0) !== 0;
}

/** Whether nothing is left to do for this generation by this operator. */
export function isReconciled(status: ControlPlaneStatus, generation: number, operator: string): boolean {
    return (
        reconciledVersionOf(status) === reconciledVersion(operator, generation) &&
        conditionOf(status.conditions, "Reconciled").status === "True"
    );
}

/** The first words about a new generation, or by a new operator. */
export function begun(
    status: ControlPlaneStatus,
    generation: number,
    operator: string,
): { status: ControlPlaneStatus; message: string } {
    const { reason, message } = firstWords(status, generation, operator);
    const types = isUpdate(status) ? ["Reconciled", "Ready"] : ["Installed", "Reconciled", "Ready"];
    const conditions = types.reduce(
        (all, type) => withCondition(all, { type, status: "False", reason, message }),
        status.conditions ?? [],
    );
    return { status: { readiness: {}, ...status, conditions }, message };
}

function firstWords(status: ControlPlaneStatus, generation: number, operator: string): Said {
    const { observedGeneration, operatorVersion } = status;
    if (!isUpdate(status)) {
        return { reason: "ResourceCreated", message: `Installing mesh generation ${generation}` };
    }
    return observedGeneration === generation
        ? {
              reason: "OperatorUpdated",
              message: `Updating mesh due to operator version change (${operatorVersion} to ${operator})`,
          }
        : {
              reason: "SpecUpdated",
              message: `Updating mesh from generation ${observedGeneration} to generation ${generation}`,
          };
}

/** All components are still to be written, and none is known to be always ready. */
export function rendered(status: ControlPlaneStatus, components: string[], applied: Spec): ControlPlaneStatus {
    return {
        ...withoutAlwaysReady(status),
        appliedSpec: applied,
        components: components.map((resource) => {
            const before = status.components?.find((component) => component.resource === resource);
            return { resource, conditions: withCondition(before?.conditions, { type: "Reconciled", status: "False" }) };
        }),
    };
}

/** Forgets which components need no waiting for: before each attempt to render. */
export function withoutAlwaysReady(status: ControlPlaneStatus): ControlPlaneStatus {
    return { ...status, annotations: { ...status.annotations, [ALWAYS_READY]: "" } };
}

/** One component has been written (not: is ready). */
export function componentWritten(
    status: ControlPlaneStatus,
    resource: string,
    hasReadiness: boolean,
): ControlPlaneStatus {
    const always = alwaysReady(status);
    return {
        ...status,
        annotations: {
            ...status.annotations,
            [ALWAYS_READY]: (hasReadiness ? always : [...always, resource]).join(","),
        },
        components: (status.components ?? []).map((component) =>
            component.resource === resource
                ? { resource, conditions: installed(component.conditions, "Component installed successfully") }
                : component,
        ),
    };
}

/** Everything is written, ready and pruned. */
export function finished(
    status: ControlPlaneStatus,
    generation: number,
    versions: { operator: string; charts: string },
): { status: ControlPlaneStatus; said: Said } {
    const version = reconciledVersion(versions.operator, generation);
    const said = isUpdate(status)
        ? {
              reason: "UpdateSuccessful",
              message: `Successfully updated from version ${reconciledVersionOf(status)} to version ${version}`,
          }
        : { reason: "InstallSuccessful", message: `Successfully installed version ${version}` };
    const conditions = installed(status.conditions ?? [], "Successfully installed all mesh components");
    const book = {
        observedGeneration: generation,
        operatorVersion: versions.operator,
        chartVersion: versions.charts,
    };
    return { status: { ...status, conditions, ...book }, said };
}

/** Reconciled keeps its status and says something else. */
export function reconciledSaying(status: ControlPlaneStatus, said: Said): ControlPlaneStatus {
    const { status: state } = conditionOf(status.conditions, "Reconciled");
    return { ...status, conditions: withCondition(status.conditions, { type: "Reconciled", status: state, ...said }) };
}

/**
 * Ready, the count and the three lists. While Reconciled is not True, Ready says the same; `event`: what there is to
 * record (maistra/istio-operator, controlplane/readiness.go).
 */
export function withReadiness(
    status: ControlPlaneStatus,
    workloads: ReadonlyMap<string, boolean>,
): { status: ControlPlaneStatus; event?: { type: "Normal" | "Warning"; reason: string; message: string } } {
    const all = new Map([...workloads, ...alwaysReady(status).map((component) => [component, true] as const)]);
    const names = [...all.keys()].sort();
    const ready = names.filter((name) => all.get(name));
    const unready = names.filter((name) => !all.get(name));
    const components = (status.components ?? []).map(({ resource }) => resource);
    const pending = components.filter((name) => !all.has(name)).sort();
    const next = {
        ...status,
        annotations: { ...status.annotations, [COUNT]: `${ready.length}/${components.length}` },
        readiness: { components: { ready, unready, pending } },
    };
    const { condition, event } = readyCondition(status, unready);
    const before = conditionOf(status.conditions, "Ready");
    if (before.status === condition.status && before.message === condition.message) {
        return { status: { ...next, conditions: withCondition(status.conditions, condition) } };
    }
    return { status: { ...next, conditions: withCondition(status.conditions, condition) }, event };
}

function readyCondition(status: ControlPlaneStatus, unready: string[]) {
    const reconciled = conditionOf(status.conditions, "Reconciled");
    if (reconciled.status !== "True") {
        const { lastTransitionTime: _, ...same } = reconciled;
        return { condition: { ...same, type: "Ready" } };
    }
    if (unready.length > 0) {
        const message = `The following components are not fully available: [${unready.join(" ")}]`;
        const condition: Condition = { type: "Ready", status: "False", reason: "ComponentsNotReady", message };
        return { condition, event: { type: "Warning" as const, reason: "NotReady", message } };
    }
    const message = "All component deployments are Available";
    const condition: Condition = { type: "Ready", status: "True", reason: "ComponentsReady", message };
    return { condition, event: { type: "Normal" as const, reason: "Ready", message } };
}

export function deleting(status: ControlPlaneStatus): ControlPlaneStatus {
    const said = { status: "False" as const, reason: "Deleting", message: "Deleting service mesh" };
    const conditions = ["Reconciled", "Ready"].reduce(
        (all, type) => withCondition(all, { type, ...said }),
        status.conditions ?? [],
    );
    return { ...status, conditions };
}

function alwaysReady(status: ControlPlaneStatus): string[] {
    return (status.annotations?.[ALWAYS_READY] ?? "").split(",").filter((name) => name !== "");
}

/** The first time "installed", from then on "reconciled"; the operator says so of each component and of the whole. */
function installed(conditions: Condition[], message: string): Condition[] {
    if (conditionOf(conditions, "Installed").status === "True") {
        const again = { reason: "ReconcileSuccessful", message: "Successfully reconciled" };
        return withCondition(conditions, { type: "Reconciled", status: "True", ...again });
    }
    const first = { status: "True" as const, reason: "InstallSuccessful", message };
    return withCondition(withCondition(conditions, { type: "Reconciled", ...first }), { type: "Installed", ...first });
}
