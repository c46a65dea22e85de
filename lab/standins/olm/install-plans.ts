import { setTimeout as sleep } from "node:timers/promises";
import { KubeError, type KubeObject, refOf } from "../../../kube";
import { accessOf, ownerReference } from "./bundle";
import type { Olm } from "./host";
import type { Step, StepStatus } from "./plan-steps";
import { WorkQueue } from "./queue";
import { splitKey, Store } from "./store";

/** Requests that OLM needs to carry out a step, and to look at it again (from the times of recordings a and b3). */
const STEP_REQUESTS = 2;
const CHECK_REQUESTS = 1.7;
/** A look is one at what the watches have brought; milliseconds as they are. */
const LOOK_MS = 10;
const FIRST_CHECK_MS = 3_000;
const UNCHECKED = [undefined, "RequirementsUnknown"];

/** InstallPlans: waiting for approval, then step by step, then Complete (or Failed). */
export class InstallPlans {
    private readonly queue: WorkQueue;

    constructor(
        private readonly olm: Olm,
        /** Something that this CSV waits for was made. */
        private readonly stepDone: (namespace: string, csvName: string) => void,
    ) {
        this.queue = new WorkQueue((key) => this.sync(key), olm);
    }

    changed(key: string): void {
        this.queue.add(key);
    }

    private async sync(key: string): Promise<void> {
        const { olm } = this;
        const { namespace, name } = splitKey(key);
        const plan = olm.plans.get(namespace, name);
        if (!plan?.status?.phase || plan.metadata.deletionTimestamp) {
            return;
        }
        if (plan.status.phase === "RequiresApproval" && plan.spec.approved) {
            await this.write(plan, (status) => ({ ...status, phase: "Installing" }));
            this.queue.add(key);
        } else if (plan.status.phase === "Installing") {
            await this.carryOut(plan);
        }
    }

    private async carryOut(plan: KubeObject): Promise<void> {
        const { olm } = this;
        const steps: Step[] = plan.status.plan;
        const results = new Map<Step, StepStatus>();
        try {
            for (const step of steps) {
                await olm.catalogRequests.take(STEP_REQUESTS);
                await this.firstCheckDone(plan.metadata.namespace!, step);
                results.set(step, await this.carryOutStep(plan, step));
                this.stepDone(plan.metadata.namespace!, step.resolving);
            }
        } catch (error) {
            // What the API server refuses stays refused; anything else is tried again from the first step.
            if (!(error instanceof KubeError) || error.status >= 500 || [409, 429].includes(error.status)) {
                throw error;
            }
            await this.finish(plan, "Failed", results, error.message);
            return;
        }
        const manual = plan.spec.approval === "Manual";
        const newCrd = (step: Step) => isCrd(step) && results.get(step) === "Created";
        if (manual && steps.some(newCrd)) {
            // Seen with Manual plans only: with Automatic ones this write always met a newer plan (recorded: c, d1).
            const waiting = new Map(results);
            steps.filter(newCrd).forEach((step) => waiting.set(step, "WaitingForApi"));
            await this.write(plan, (status) => ({ ...status, plan: withResults(steps, waiting) }));
        }
        await olm.catalogRequests.take(CHECK_REQUESTS * steps.length);
        if (!manual) {
            // ... so everything was gone through a second time, and found.
            steps.forEach((step) => results.set(step, "Present"));
        }
        await this.finish(plan, "Complete", results);
    }

    private async carryOutStep(plan: KubeObject, step: Step): Promise<StepStatus> {
        const { olm } = this;
        const { namespace } = plan.metadata;
        const object: KubeObject = JSON.parse(step.resource.manifest);
        if (object.kind === "ClusterServiceVersion") {
            const copy = olm.copies.get(namespace, object.metadata.name);
            if (copy) {
                // Another namespace's operator of the same name covers this one: its copy makes way.
                await olm.context.kube.delete(refOf({ ...copy, ...olm.copies.kind }));
            }
            return (await olm.csvs.create(object)).created ? "Created" : "Present";
        }
        if (isCrd(step)) {
            return this.ensureCrd(object);
        }
        const csv = olm.csvs.get(namespace, step.resolving);
        if (!csv) {
            // Deleted meanwhile: the rest of its steps has nothing to belong to.
            return "Unknown";
        }
        const owned = accessOf(csv).find((o) => o.kind === object.kind && o.metadata.name === object.metadata.name)!;
        const store = new Store(olm.context.kube, { apiVersion: object.apiVersion, kind: object.kind });
        const { object: present, created } = await store.create(owned);
        if (!created) {
            await store.update(present.metadata, (current) => withOwner(current, csv));
        }
        return created ? "Created" : "Present";
    }

    /**
     * Accounts come after OLM's first look at the CSV, so RequirementsNotMet is an ordinary pass (trap 12): the
     * limit on requests saw to that in every recording of a new install.
     */
    private async firstCheckDone(namespace: string, { resolving, resource }: Step): Promise<void> {
        const { olm } = this;
        const unchecked = () => {
            const csv = olm.csvs.get(namespace, resolving);
            return csv && !csv.metadata.deletionTimestamp && UNCHECKED.includes(csv.status?.reason);
        };
        const deadline = Date.now() + FIRST_CHECK_MS;
        while (resource.kind === "ServiceAccount" && unchecked() && Date.now() < deadline) {
            await sleep(LOOK_MS, undefined, { signal: olm.signal });
        }
    }

    private async ensureCrd(crd: KubeObject): Promise<StepStatus> {
        const { created } = await this.olm.crds.create(crd);
        if (!created) {
            const { labels, annotations } = crd.metadata;
            await this.olm.crds.update(crd.metadata, (present) => ({
                ...present,
                metadata: {
                    ...present.metadata,
                    labels: { ...present.metadata.labels, ...labels },
                    annotations: { ...present.metadata.annotations, ...annotations },
                },
                // What an operator itself has put there, as a conversion webhook, stays.
                spec: { ...present.spec, versions: crd.spec.versions },
            }));
        }
        return created ? "Created" : "Present";
    }

    private async finish(
        plan: KubeObject,
        phase: "Complete" | "Failed",
        results: Map<Step, StepStatus>,
        message?: string,
    ): Promise<void> {
        const now = this.olm.now();
        const installed =
            phase === "Complete"
                ? { type: "Installed", status: "True", lastTransitionTime: now, lastUpdateTime: now }
                : {
                      type: "Installed",
                      status: "False",
                      reason: "InstallComponentFailed",
                      message,
                      lastTransitionTime: now,
                      lastUpdateTime: now,
                  };
        await this.write(plan, (status) => ({
            ...status,
            phase,
            conditions: [installed],
            startTime: status.startTime ?? now,
            plan: withResults(status.plan, results),
        }));
    }

    private write(plan: KubeObject, change: (status: any) => any): Promise<KubeObject | undefined> {
        return this.olm.plans.updateStatus(plan.metadata, (current) => change(current.status));
    }
}

function isCrd(step: Step): boolean {
    return step.resource.kind === "CustomResourceDefinition";
}

/** Steps are compared by what they are for: those of a newer read of the plan are other objects. */
function withResults(steps: Step[], results: Map<Step, StepStatus>): Step[] {
    const byName = new Map([...results].map(([step, status]) => [nameOf(step), status]));
    return steps.map((step) => ({ ...step, status: byName.get(nameOf(step)) ?? step.status }));
}

function nameOf({ resolving, resource }: Step): string {
    return `${resolving}/${resource.kind}/${resource.name}`;
}

/** An account that an older version left is now the newer one's too. */
function withOwner(object: KubeObject, csv: KubeObject): KubeObject {
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length === 0 || owners.some((o) => o.uid === csv.metadata.uid)) {
        return object;
    }
    return { ...object, metadata: { ...object.metadata, ownerReferences: [...owners, ownerReference(csv)] } };
}
