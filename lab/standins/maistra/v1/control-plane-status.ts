import { type Condition, conditionOf, withCondition } from "../common/conditions";
import { reconciledVersion } from "./components";

interface ComponentStatus {
    resource: string;
    conditions: Condition[];
}

/** status of a ServiceMeshControlPlane, as far as the operator keeps book in it. */
export interface ControlPlaneStatus {
    annotations?: Record<string, string>;
    components?: ComponentStatus[] | null;
    conditions?: Condition[];
    lastAppliedConfiguration?: object;
    observedGeneration?: number;
    reconciledVersion?: string;
}

const INSTALLED = "Successfully installed all mesh components";

/** Whether the mesh was ever installed: what follows is then an update. */
export function isUpdate(status: ControlPlaneStatus): boolean {
    return (status.observedGeneration ?? 0) !== 0;
}

/** Whether nothing is left to do for this generation. */
export function isReconciled(status: ControlPlaneStatus, generation: number): boolean {
    return (
        status.reconciledVersion === reconciledVersion(generation) &&
        conditionOf(status.conditions, "Reconciled").status === "True"
    );
}

/** The first words about a new generation. */
export function begun(status: ControlPlaneStatus, generation: number): { status: ControlPlaneStatus; message: string } {
    const update = isUpdate(status);
    const message = update
        ? `Updating mesh from generation ${status.observedGeneration} to generation ${generation}`
        : `Installing mesh generation ${generation}`;
    const reason = update ? "SpecUpdated" : "ResourceCreated";
    const types = update ? ["Reconciled", "Ready"] : ["Installed", "Reconciled", "Ready"];
    const conditions = types.reduce(
        (all, type) => withCondition(all, { type, status: "False", reason, message }),
        status.conditions ?? [],
    );
    const { components = null, lastAppliedConfiguration = {} } = status;
    return { status: { ...status, components, conditions, lastAppliedConfiguration }, message };
}

/** All components are still to be written. */
export function rendered(status: ControlPlaneStatus, components: string[], applied: object): ControlPlaneStatus {
    return {
        ...status,
        lastAppliedConfiguration: applied,
        components: components.map((resource) => {
            const before = status.components?.find((component) => component.resource === resource);
            return {
                resource,
                conditions: withCondition(before?.conditions, { type: "Reconciled", status: "False" }),
            };
        }),
    };
}

/** One component has been written (not: is ready). */
export function componentWritten(status: ControlPlaneStatus, resource: string): ControlPlaneStatus {
    return {
        ...status,
        components: (status.components ?? []).map((component) =>
            component.resource === resource ? { resource, conditions: written(component.conditions) } : component,
        ),
    };
}

/** The reconciliation stops here until this component is ready. */
export function paused(status: ControlPlaneStatus, component: string): ControlPlaneStatus {
    const reason = isUpdate(status) ? "PausingUpdate" : "PausingInstall";
    return stopped(status, reason, `Paused until ${component} becomes ready`);
}

/** The reconciliation stops here with an error and is tried again. */
export function failed(status: ControlPlaneStatus, what: string, error: string): ControlPlaneStatus {
    return stopped(status, "ReconcileError", `${what}: error: ${error}`);
}

/** Everything is written, ready and pruned. */
export function finished(
    status: ControlPlaneStatus,
    generation: number,
): { status: ControlPlaneStatus; message: string } {
    const version = reconciledVersion(generation);
    const update = isUpdate(status);
    const message = update
        ? `Successfully updated from version ${status.reconciledVersion} to version ${version}`
        : `Successfully installed version ${version}`;
    const conditions = withCondition(written(status.conditions ?? []), {
        type: "Reconciled",
        status: "True",
        reason: update ? "UpdateSuccessful" : "InstallSuccessful",
        message,
    });
    const book = { observedGeneration: generation, reconciledVersion: version };
    return { status: { ...status, conditions, ...book }, message };
}

/** Ready, and how many components are; undefined event: nothing changed hands. */
export function withReadiness(
    status: ControlPlaneStatus,
    readiness: ReadonlyMap<string, boolean>,
): { status: ControlPlaneStatus; event?: { type: "Normal" | "Warning"; reason: string; message: string } } {
    const unready = [...readiness].filter(([, ready]) => !ready).map(([component]) => component);
    const count = `${readiness.size - unready.length}/${readiness.size}`;
    const annotations = { ...status.annotations, readyComponentCount: count };
    const before = conditionOf(status.conditions, "Ready").status;
    if (unready.length > 0) {
        const message = "Some components are not fully available";
        const condition: Condition = { type: "Ready", status: "False", reason: "ComponentsNotReady", message };
        if (before === "False") {
            return { status: { ...status, annotations } };
        }
        const names = `The following components are not fully available: [${unready.sort().join(" ")}]`;
        const event = { type: "Warning" as const, reason: "NotReady", message: names };
        return { status: { ...status, annotations, conditions: withCondition(status.conditions, condition) }, event };
    }
    const message = "All component deployments are Available";
    if (before === "True") {
        return { status: { ...status, annotations } };
    }
    const conditions = withCondition(status.conditions, {
        type: "Ready",
        status: "True",
        reason: "ComponentsReady",
        message,
    });
    return { status: { ...status, annotations, conditions }, event: { type: "Normal", reason: "Ready", message } };
}

export function deleting(status: ControlPlaneStatus): ControlPlaneStatus {
    const said = { status: "False" as const, reason: "Deleting", message: "Deleting service mesh" };
    const conditions = ["Reconciled", "Ready"].reduce(
        (all, type) => withCondition(all, { type, ...said }),
        status.conditions ?? [],
    );
    return { ...status, conditions };
}

function stopped(status: ControlPlaneStatus, reason: string, message: string): ControlPlaneStatus {
    const conditions = withCondition(status.conditions, { type: "Reconciled", status: "False", reason, message });
    return { ...status, conditions };
}

/** The first time "installed", from then on "reconciled"; the operator says so of each component and of the whole. */
function written(conditions: Condition[]): Condition[] {
    if (conditionOf(conditions, "Installed").status === "True") {
        const again = { reason: "ReconcileSuccessful", message: "Successfully reconciled" };
        return withCondition(conditions, { type: "Reconciled", status: "True", ...again });
    }
    const first = { status: "True" as const, reason: "InstallSuccessful", message: INSTALLED };
    return withCondition(withCondition(conditions, { type: "Installed", ...first }), { type: "Reconciled", ...first });
}
