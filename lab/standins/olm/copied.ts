import type { KubeObject } from "../../../kube";
import { coversAll, type Olm } from "./host";
import { WorkQueue } from "./queue";
import { keyOf, splitKey } from "./store";

/** A copy of an original's status lags a little behind it, so several phases may be copied as one. */
const LAG_MS = 100;

/**
 * Copied CSVs: one in every namespace that the OperatorGroup covers. They mean nothing (trap 10): no owner, no
 * finalizer, reason Copied, a phase that follows the original's. They come back when deleted and go with the original.
 */
export class Copies {
    private readonly queue: WorkQueue;

    constructor(private readonly olm: Olm) {
        this.queue = new WorkQueue((key) => this.sync(key), olm);
    }

    originalChanged(csv: KubeObject): void {
        this.queue.add(keyOf(csv), LAG_MS);
    }

    allChanged(): void {
        this.olm.csvs.all().forEach((csv) => this.queue.add(keyOf(csv)));
    }

    /** A copy went, or an unknown one is there. */
    copyChanged(copy: KubeObject): void {
        const from = copy.metadata.labels?.["olm.copiedFrom"];
        if (from) {
            this.queue.add(`${from}/${copy.metadata.name}`);
        }
    }

    private async sync(key: string): Promise<void> {
        const { olm } = this;
        const { namespace, name } = splitKey(key);
        const original = olm.csvs.get(namespace, name);
        const wanted = new Set(original && !original.metadata.deletionTimestamp ? this.targetsOf(original) : []);
        for (const target of wanted) {
            await this.ensure(original!, target);
        }
        const present = olm.copies
            .all()
            .filter((copy) => copy.metadata.name === name && copy.metadata.labels?.["olm.copiedFrom"] === namespace);
        for (const { apiVersion, kind, metadata } of present) {
            if (!wanted.has(metadata.namespace!)) {
                await olm.copyRequests.take();
                await olm.context.kube.delete({ apiVersion, kind, namespace: metadata.namespace, name });
            }
        }
    }

    private targetsOf(original: KubeObject): string[] {
        const { olm } = this;
        const [group, ...others] = olm.groups.all(original.metadata.namespace);
        const ready = original.metadata.annotations?.["olm.operatorGroup"] !== undefined && original.status?.phase;
        const failed = original.status?.reason === "UnsupportedOperatorGroup";
        if (!olm.settings.copiedCSVs || !group || others.length > 0 || !ready || failed) {
            return [];
        }
        return olm.namespaces
            .all()
            .filter((n) => !n.metadata.deletionTimestamp)
            .map((n) => n.metadata.name)
            .filter((n) => coversAll(group) || group.status.namespaces.includes(n))
            .filter((n) => n !== original.metadata.namespace);
    }

    private async ensure(original: KubeObject, namespace: string): Promise<void> {
        const { olm } = this;
        const { name } = original.metadata;
        if (olm.csvs.get(namespace, name)) {
            // An original of the very name is there: it is not overwritten.
            return;
        }
        let copy = olm.copies.get(namespace, name);
        if (!copy) {
            await olm.copyRequests.take();
            copy = (await olm.copies.create(copyOf(original, namespace))).object;
        }
        if (copy.metadata.labels?.["olm.copiedFrom"] !== original.metadata.namespace) {
            // It was there first, unseen until now: an original, or a copy of another.
            return;
        }
        const status = copiedStatus(original);
        if (copy.status?.phase !== status.phase || copy.status?.reason !== "Copied") {
            await olm.copyRequests.take();
            await olm.copies.updateStatus(copy.metadata, () => status);
        }
    }
}

function copyOf(original: KubeObject, namespace: string): KubeObject {
    const { name, annotations = {}, namespace: from } = original.metadata;
    // The targets are the original's secret.
    const { "olm.targetNamespaces": _, ...kept } = annotations;
    const labels = { "olm.managed": "true", "olm.copiedFrom": from! };
    const { apiVersion, kind, spec } = original;
    return { apiVersion, kind, metadata: { name, namespace, labels, annotations: kept }, spec };
}

function copiedStatus({ status, metadata }: KubeObject): any {
    const { conditions: _, ...kept } = status;
    const message = `The operator is running in ${metadata.namespace} but is managing this namespace`;
    return { ...kept, reason: "Copied", message };
}
