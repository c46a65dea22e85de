import type { KubeObject } from "../../../kube";
import { componentLabel, PREFIX } from "./bundle";
import { CATALOG_NAMESPACE } from "./resolver";
import type { Olm } from "./host";
import { WorkQueue } from "./queue";
import { keyOf, splitKey } from "./store";
import { planCondition, withCatalogHealth, withPlanCondition } from "./subscription-status";

/** From a change of a plan to the condition on its Subscriptions, and the rhythm of the flaps (recorded: olm a, l). */
const CONDITION_DELAY_MS = 400;
const FLAP_OFF_MS = 800;
const FLAP_ON_MS = 400;

/** What OLM writes to a Subscription besides what resolution does: label, catalogue health, the plan's condition. */
export class Subscriptions {
    private readonly health: WorkQueue;
    private readonly conditions: WorkQueue;
    private readonly flapped = new Set<string>();

    constructor(private readonly olm: Olm) {
        this.health = new WorkQueue((key) => this.syncHealth(key), olm);
        this.conditions = new WorkQueue((key) => this.syncCondition(key), olm);
    }

    added(subscription: KubeObject): void {
        this.health.add(keyOf(subscription));
        if (subscription.status?.installPlanRef) {
            this.planChanged(subscription);
        }
    }

    /** A CatalogSource came, went or changed. */
    sourcesChanged(): void {
        this.olm.subscriptions.all().forEach((s) => this.health.add(keyOf(s)));
    }

    /** The plan that it refers to changed, or it refers to another one. */
    planChanged(subscription: KubeObject): void {
        this.conditions.add(keyOf(subscription), CONDITION_DELAY_MS);
    }

    private async syncHealth(key: string): Promise<void> {
        const { olm } = this;
        const ref = splitKey(key);
        const subscription = olm.subscriptions.get(ref.namespace, ref.name);
        if (!subscription) {
            return;
        }
        const sources = olm.sources
            .all()
            .filter((s) => [CATALOG_NAMESPACE, ref.namespace].includes(s.metadata.namespace))
            .sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
        const known = subscription.status?.conditions?.some((c: any) => c.type === "CatalogSourcesUnhealthy");
        for (const first of known ? [false] : [true, false]) {
            await olm.catalogRequests.take();
            await olm.subscriptions.updateStatus(ref as { namespace: string; name: string }, (s) =>
                withCatalogHealth(s.status, s, sources, first, olm.now()),
            );
        }
        // Trap 46: OLM labels what is not its own.
        const label = componentLabel(subscription.spec.name, ref.namespace!);
        await olm.subscriptions.update(ref, (s) => withLabel(s, label));
        await this.ensureOperator(subscription.spec.name, ref.namespace!);
    }

    private async syncCondition(key: string): Promise<void> {
        const { olm } = this;
        const { namespace, name } = splitKey(key);
        const subscription = olm.subscriptions.get(namespace, name);
        const planName = subscription?.status?.installPlanRef?.name;
        if (!subscription || !planName) {
            return;
        }
        const plan = olm.plans.get(namespace, planName);
        const condition = planCondition(plan);
        await olm.catalogRequests.take();
        await olm.subscriptions.updateStatus(subscription.metadata, (s) =>
            s.status?.installPlanRef?.name === planName ? withPlanCondition(s.status, condition, olm.now()) : s.status,
        );
        if (plan && !condition && !this.flapped.has(`${key}/${planName}`)) {
            this.flapped.add(`${key}/${planName}`);
            // Not waited for: whatever else happens to the Subscription happens meanwhile.
            this.flap(subscription, planName).catch(() => undefined);
        }
    }

    /** The plan is done, and yet "Installing" comes back a few times for a moment (trap 46). */
    private async flap({ metadata }: KubeObject, planName: string): Promise<void> {
        const { olm } = this;
        const stale = { type: "InstallPlanPending", status: "True" as const, reason: "Installing" };
        for (let left = olm.settings.planPendingFlaps; left > 0; left--) {
            for (const [pause, condition] of [[FLAP_OFF_MS, stale] as const, [FLAP_ON_MS, undefined] as const]) {
                await olm.delay(pause);
                await olm.subscriptions.updateStatus(metadata, (s) =>
                    s.metadata.uid === metadata.uid && s.status?.installPlanRef?.name === planName
                        ? withPlanCondition(s.status, condition, olm.now())
                        : s.status,
                );
            }
        }
    }

    /** The cluster-wide Operator object that stands for a package in a namespace; it stays for as long as CRDs do. */
    private async ensureOperator(packageName: string, namespace: string): Promise<void> {
        const name = `${packageName}.${namespace}`;
        const label = { [componentLabel(packageName, namespace)]: "" };
        const ref = { apiVersion: `${PREFIX}/v1`, kind: "Operator", name };
        const { kube } = this.olm.context;
        if (!(await kube.get(ref))) {
            const { apiVersion, kind } = ref;
            await kube.create({ apiVersion, kind, metadata: { name }, spec: {} }).catch(() => undefined);
            const components = { labelSelector: { matchExpressions: Object.keys(label).map(existing) }, refs: [] };
            await kube.mergePatchStatus(ref, { status: { components } }).catch(() => undefined);
        }
    }
}

function existing(key: string): object {
    return { key, operator: "Exists" };
}

function withLabel(object: KubeObject, label: string): KubeObject {
    const labels = { ...object.metadata.labels, [label]: "" };
    return label in (object.metadata.labels ?? {}) ? object : { ...object, metadata: { ...object.metadata, labels } };
}
