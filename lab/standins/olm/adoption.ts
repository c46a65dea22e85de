import type { KubeObject } from "../../../kube";
import { accessOf, componentLabel } from "./bundle";
import type { Olm } from "./host";
import { WorkQueue } from "./queue";
import { keyOf, splitKey, type Store } from "./store";

/**
 * The label operators.coreos.com/<package>.<namespace> on all that a Subscription's installed CSV brought, put there
 * once the Subscription says that it is installed (recorded: olm a, c). It stays when the Subscription goes.
 */
export class Adoption {
    private readonly queue: WorkQueue;
    private readonly accounts = new Set<string>();

    constructor(private readonly olm: Olm) {
        this.queue = new WorkQueue((key) => this.sync(key), olm);
    }

    changed(subscription: KubeObject): void {
        if (subscription.status?.installedCSV) {
            this.queue.add(keyOf(subscription));
        }
    }

    private async sync(key: string): Promise<void> {
        const { olm } = this;
        const { namespace, name } = splitKey(key);
        const subscription = olm.subscriptions.get(namespace, name);
        const csv = olm.csvs.get(namespace, subscription?.status?.installedCSV ?? "");
        if (!subscription || !csv || csv.metadata.deletionTimestamp) {
            return;
        }
        const label = componentLabel(subscription.spec.name, namespace!);
        await this.label(olm.csvs, csv, label);
        const owned: { name: string }[] = csv.spec.customresourcedefinitions?.owned ?? [];
        for (const crd of owned.map((entry) => olm.crds.get(undefined, entry.name))) {
            await this.label(olm.crds, crd, label);
        }
        const deployment = olm.deployments.get(namespace, csv.spec.install.spec.deployments[0].name);
        await this.label(olm.deployments, deployment, label);
        if (!this.accounts.has(csv.metadata.uid!)) {
            this.accounts.add(csv.metadata.uid!);
            for (const { apiVersion, kind, metadata } of accessOf(csv)) {
                const ref = { apiVersion, kind, namespace: metadata.namespace, name: metadata.name };
                // What the plan has not made yet is labelled the next time round.
                await olm.context.kube.mergePatch(ref, { metadata: { labels: { [label]: "" } } }).catch(() => {
                    this.accounts.delete(csv.metadata.uid!);
                });
            }
        }
    }

    private async label(store: Store, object: KubeObject | undefined, label: string): Promise<void> {
        if (!object || object.metadata.deletionTimestamp || object.metadata.labels?.[label] === "") {
            return;
        }
        await store.update(object.metadata, (o) => ({
            ...o,
            metadata: { ...o.metadata, labels: { ...o.metadata.labels, [label]: "" } },
        }));
    }
}
