import type { KubeObject, OwnerReference } from "../../../kube";
import { PREFIX } from "./bundle";
import type { Olm } from "./host";
import { planSteps } from "./plan-steps";
import { WorkQueue } from "./queue";
import { type Pick, resolve, type Resolution, waitsForPlan } from "./resolver";
import { withCsvState, withPlan, withoutResolutionFailed, withResolutionFailed } from "./subscription-status";

/** OLM asks again this often, this much later each time, and then is silent until something happens (h1, j2). */
const RETRIES_MS = [400, 600, 1_000, 1_000, 1_000];
/** Between our own write to a Subscription and the pass that it starts (recorded: olm c, c2, d3). */
const SETTLE_MS = 2_000;
const SETTLE_WHILE_REPLACING_MS = 800;
const AFTER_CSV_GONE_MS = 300;
const TOGETHER_MS = 20;
/** An Automatic upgrade of what is still being installed looks again after this (recorded: olm c2). */
const STILL_INSTALLING_MS = 300;

const UNDER_WAY = ["", "Pending", "InstallReady", "Installing"];

/** Resolution of namespaces: one pass looks at all Subscriptions of a namespace and makes at most one InstallPlan. */
export class NamespaceResolution {
    private readonly queue: WorkQueue;
    private readonly failures = new Map<string, number>();
    /** Set while the catalogue cannot be read and nothing of it is known: OLM's error. */
    catalogError: string | undefined;

    constructor(private readonly olm: Olm) {
        this.queue = new WorkQueue((namespace) => this.pass(namespace), olm);
    }

    /** Someone changed a Subscription, an OperatorGroup or the catalogue. */
    touched(namespace: string): void {
        this.failures.delete(namespace);
        // What is done together is seen together, on a fast machine and a slow one: milliseconds as they are.
        const timeScale = this.olm.timeScale();
        this.queue.add(namespace, timeScale > 0 ? TOGETHER_MS / timeScale : 0);
    }

    /** We wrote a Subscription's status ourselves. */
    settled(namespace: string): void {
        const replacing = this.olm.csvsOf(namespace).some((csv) => csv.status?.phase === "Replacing");
        this.queue.add(namespace, replacing ? SETTLE_WHILE_REPLACING_MS : SETTLE_MS);
    }

    csvCreated(namespace: string): void {
        this.queue.add(namespace, this.olm.settings.latestKnownDelay);
    }

    csvGone(namespace: string): void {
        this.failures.delete(namespace);
        this.queue.add(namespace, AFTER_CSV_GONE_MS);
    }

    private async pass(namespace: string): Promise<void> {
        const { olm } = this;
        const subscriptions = olm.subscriptionsOf(namespace);
        if (subscriptions.length === 0) {
            return;
        }
        const groups = olm.groups.all(namespace).length;
        if (groups !== 1) {
            // Only the log knows (trap 5).
            olm.log(`sync "/${namespace}" failed: found ${groups} operatorGroups, expected 1`);
            return;
        }
        if (await this.recordCsvStates(namespace, subscriptions)) {
            return;
        }
        if (subscriptions.every(waitsForPlan)) {
            return;
        }
        if (this.catalogError !== undefined) {
            await this.fail(namespace, "ErrorPreventedResolution", [this.catalogError]);
            return;
        }
        const result = resolve({ namespace, subscriptions, csvs: olm.csvsOf(namespace), packages: olm.packages() });
        if (result.is === "unsatisfiable") {
            await this.fail(namespace, "ConstraintsNotSatisfiable", result.messages);
            return;
        }
        this.failures.delete(namespace);
        if (this.isTooEarly(namespace, subscriptions, result)) {
            this.queue.add(namespace, STILL_INSTALLING_MS);
            return;
        }
        await this.carryOut(namespace, result);
    }

    /**
     * In every recording an Automatic upgrade came after the older version was done (a Manual plan may come before),
     * and no plan named a CSV that another plan was just about to make.
     */
    private isTooEarly(namespace: string, subscriptions: KubeObject[], result: Resolution & { is: "solved" }): boolean {
        const names = result.install.map((pick) => pick.bundle.csv);
        const inPlans = this.olm.plans.all(namespace).filter((plan) => plan.status?.phase === "Installing");
        if (inPlans.some((plan) => plan.spec.clusterServiceVersionNames.some((csv: string) => names.includes(csv)))) {
            return true;
        }
        const automatic = subscriptions.every((s) => s.spec.installPlanApproval !== "Manual");
        const replaced = result.install.map((pick) => this.olm.csvs.get(namespace, pick.bundle.replaces ?? ""));
        return automatic && replaced.some((csv) => csv && UNDER_WAY.includes(csv.status?.phase ?? ""));
    }

    /** True when a status had to be written: that write starts the next pass. */
    private async recordCsvStates(namespace: string, subscriptions: KubeObject[]): Promise<boolean> {
        const { olm } = this;
        let changed = false;
        for (const subscription of subscriptions) {
            const exists = olm.csvs.get(namespace, subscription.status?.currentCSV ?? "") !== undefined;
            if (withCsvState(subscription.status, exists, "") === subscription.status) {
                continue;
            }
            changed = true;
            await olm.catalogRequests.take();
            await olm.subscriptions.updateStatus(subscription.metadata, (s) =>
                withCsvState(s.status, exists, olm.now()),
            );
        }
        if (changed) {
            this.settled(namespace);
        }
        return changed;
    }

    /** The same condition on every Subscription of the namespace (trap 3), and an Event on the Namespace. */
    private async fail(namespace: string, reason: string, messages: string[]): Promise<void> {
        const { olm } = this;
        const failures = this.failures.get(namespace) ?? 0;
        const message = messages[failures % messages.length];
        const about = olm.namespaces.get(undefined, namespace);
        if (about) {
            olm.event(about, "Warning", "ResolutionFailed", message);
        }
        for (const { metadata } of olm.subscriptionsOf(namespace)) {
            await olm.catalogRequests.take();
            await olm.subscriptions.updateStatus(metadata, (s) =>
                withResolutionFailed(s.status, reason, message, olm.now()),
            );
        }
        if (failures < RETRIES_MS.length) {
            this.failures.set(namespace, failures + 1);
            this.queue.add(namespace, RETRIES_MS[failures]);
        }
    }

    private async carryOut(namespace: string, { install, updates }: Resolution & { is: "solved" }): Promise<void> {
        const { olm } = this;
        const plan = updates.length > 0 ? await this.createPlan(namespace, install) : undefined;
        const moved = new Map(updates.map(({ subscription, csv }) => [subscription.metadata.name, csv]));
        for (const { metadata } of olm.subscriptionsOf(namespace)) {
            const csv = moved.get(metadata.name);
            await olm.catalogRequests.take(plan && csv ? 1 : 0);
            await olm.subscriptions.updateStatus(metadata, (s) => {
                const cleared = withoutResolutionFailed(s.status, olm.now());
                return plan && csv ? withPlan(cleared, plan, csv, olm.now()) : cleared;
            });
        }
    }

    private async createPlan(namespace: string, install: Pick[]): Promise<KubeObject> {
        const { olm } = this;
        const subscriptions = olm.subscriptionsOf(namespace);
        // One Manual Subscription makes it Manual for all (trap 4).
        const manual = subscriptions.some((s) => s.spec.installPlanApproval === "Manual");
        const generations = olm.plans.all(namespace).map((plan) => plan.spec.generation ?? 0);
        await olm.catalogRequests.take();
        const { object } = await olm.plans.create({
            apiVersion: `${PREFIX}/v1alpha1`,
            kind: "InstallPlan",
            metadata: { generateName: "install-", namespace, ownerReferences: subscriptions.map(owner) } as any,
            spec: {
                approval: manual ? "Manual" : "Automatic",
                approved: !manual,
                clusterServiceVersionNames: install.map((pick) => pick.bundle.csv),
                generation: Math.max(0, ...generations) + 1,
            },
        });
        const steps = await planSteps(install, namespace, olm.settings);
        await olm.catalogRequests.take();
        const status = {
            phase: manual ? "RequiresApproval" : "Installing",
            catalogSources: [...new Set(install.map((pick) => pick.pkg.source))],
            bundleLookups: [],
            plan: steps,
        };
        return (await olm.plans.updateStatus(object.metadata, () => status)) ?? object;
    }
}

function owner(subscription: KubeObject): OwnerReference {
    const { name, uid } = subscription.metadata;
    const { apiVersion, kind } = subscription;
    return { apiVersion, kind, name, uid: uid!, controller: false, blockOwnerDeletion: false };
}
