import type { KubeObject } from "../../../kube";

export interface Condition {
    type: string;
    status: "True" | "False";
    reason?: string;
    message?: string;
    lastTransitionTime?: string;
}

/**
 * The pure steps from one Subscription status to the next. Conditions are abnormal-true; a later one goes to the end of
 * the list, as OLM appends them. A step that changes nothing returns the status it was given.
 */

/** `reason` goes from CatalogSourcesAdded, at the first look, to what is said from then on (recorded: olm a, g2). */
export function withCatalogHealth(
    status: any,
    subscription: KubeObject,
    sources: KubeObject[],
    first: boolean,
    now: string,
): any {
    const { source, sourceNamespace } = subscription.spec;
    const known = sources.some((s) => s.metadata.name === source && s.metadata.namespace === sourceNamespace);
    const settled = known ? "AllCatalogSourcesHealthy" : "UnhealthyCatalogSourceFound";
    const condition: Condition = {
        type: "CatalogSourcesUnhealthy",
        status: known ? "False" : "True",
        reason: first ? "CatalogSourcesAdded" : settled,
        message: known
            ? "all available catalogsources are healthy"
            : `targeted catalogsource ${sourceNamespace}/${source} missing`,
    };
    const health = sources.map(({ apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } }) => ({
        catalogSourceRef: { apiVersion, kind, name, namespace, uid, resourceVersion },
        healthy: true,
        lastUpdated: now,
    }));
    const next = withCondition(status, condition, now);
    return next === status ? status : { ...next, catalogHealth: health };
}

/** Whether the CSV that the Subscription is at exists: its phase plays no part (traps 1, 8; recorded: olm e3, h4). */
export function withCsvState(status: any, csvExists: boolean, now: string): any {
    if (!status?.currentCSV) {
        return status;
    }
    const state = csvExists ? "AtLatestKnown" : "UpgradePending";
    if (status.state === state) {
        return status;
    }
    return { ...status, state, lastUpdated: now, ...(csvExists ? { installedCSV: status.currentCSV } : {}) };
}

/** What a resolution pass writes to a Subscription that its plan moves on. */
export function withPlan(status: any, plan: KubeObject, csv: string, now: string): any {
    const { apiVersion, kind, metadata } = plan;
    const { name, namespace, uid, resourceVersion } = metadata;
    return {
        ...status,
        currentCSV: csv,
        state: "UpgradePending",
        installPlanGeneration: plan.spec.generation,
        installPlanRef: { apiVersion, kind, name, namespace, uid, resourceVersion },
        installplan: { apiVersion, kind, name, uuid: uid },
        lastUpdated: now,
    };
}

/** The condition that a plan's phase puts on the Subscriptions that refer to it; none once it is Complete. */
export function planCondition(plan: KubeObject | undefined): Condition | undefined {
    const pending = (reason: string): Condition => ({ type: "InstallPlanPending", status: "True", reason });
    if (!plan) {
        return { type: "InstallPlanMissing", status: "True", reason: "ReferencedInstallPlanNotFound" };
    }
    switch (plan.status?.phase) {
        case "RequiresApproval":
        case "Installing":
        case "Planning":
            return pending(plan.status.phase);
        case "Failed": {
            const installed = plan.status.conditions?.find((c: Condition) => c.type === "Installed");
            return {
                type: "InstallPlanFailed",
                status: "True",
                reason: installed?.reason ?? "InstallComponentFailed",
                message: installed?.message,
            };
        }
        case "Complete":
            return undefined;
        default:
            return pending("InstallPlanNotYetReconciled");
    }
}

const PLAN_CONDITIONS = ["InstallPlanPending", "InstallPlanMissing", "InstallPlanFailed"];

/** Exactly this condition, or none, of those about the plan. */
export function withPlanCondition(status: any, condition: Condition | undefined, now: string): any {
    const others = PLAN_CONDITIONS.filter((type) => type !== condition?.type);
    const cleared = others.reduce((s, type) => withoutCondition(s, type, now), status);
    return condition ? withCondition(cleared, condition, now) : cleared;
}

/** OLM gives this one no transition time (recorded: olm f2). */
export function withResolutionFailed(status: any, reason: string, message: string, now: string): any {
    const condition: Condition = { type: "ResolutionFailed", status: "True", reason, message };
    return withCondition(status, condition, now, false);
}

export function withoutResolutionFailed(status: any, now: string): any {
    return withoutCondition(status, "ResolutionFailed", now);
}

function withCondition(status: any, condition: Condition, now: string, timed = true): any {
    const conditions: Condition[] = status?.conditions ?? [];
    const present = conditions.find((c) => c.type === condition.type);
    const { lastTransitionTime, ...said } = present ?? ({} as Condition);
    if (present && sameCondition(said, condition)) {
        return status;
    }
    const since = present?.status === condition.status ? lastTransitionTime : now;
    const next = { ...condition, ...(timed ? { lastTransitionTime: since } : {}) };
    return {
        ...status,
        conditions: present ? conditions.map((c) => (c === present ? next : c)) : [...conditions, next],
        lastUpdated: now,
    };
}

function withoutCondition(status: any, type: string, now: string): any {
    const conditions: Condition[] = status?.conditions ?? [];
    const rest = conditions.filter((c) => c.type !== type);
    return rest.length === conditions.length ? status : { ...status, conditions: rest, lastUpdated: now };
}

function sameCondition(a: Condition, b: Condition): boolean {
    return a.type === b.type && a.status === b.status && a.reason === b.reason && a.message === b.message;
}
