import { type KubeObject, refOf } from "../../../kube";
import { accessOf, deploymentOf, ownerLabels, PREFIX } from "./bundle";
import { packageOf } from "./csv-properties";
import { nextPhase, type Phase } from "./csv-phases";
import type { Olm } from "./host";
import { WorkQueue } from "./queue";
import { type Requirement, requirementsOf } from "./requirements";
import { keyOf, splitKey } from "./store";
import { makeWebhooks, removeWebhooks } from "./webhooks";

export const CLEANUP = `${PREFIX}/csv-cleanup`;
const MANAGED_BY_US = ["ClusterRoleBinding", "ClusterRole"];
/** From Deleting to the deletion (recorded: olm c 1.8 s, c2 and d3 0.2 s). */
const DELETE_REPLACED_MS = 1_000;
/** Seconds after which Kubernetes gives up on a rollout; scaled like every other time. */
const PROGRESS_DEADLINE_S = 600;
const PROGRESS_DEADLINE_FAILING_S = 1;
/** Kubernetes counts whole seconds; with this the second install timeout comes first, as recorded (olm i). */
const DEADLINE_GRACE_S = 2;
const KEPT_CONDITIONS = 20;

/** Takes ClusterServiceVersions through their phases (csv-phases.ts decides) and makes and unmakes what they own. */
export class CsvController {
    private readonly queue: WorkQueue;
    private readonly installingSince = new Map<string, number>();

    constructor(
        private readonly olm: Olm,
        /** It got its OperatorGroup's annotations. */
        private readonly grouped: (csv: KubeObject) => void,
    ) {
        this.queue = new WorkQueue((key) => this.sync(key), olm);
    }

    /** Something that this CSV's phase depends on changed; the older version that it replaces depends on it too. */
    changed(namespace: string, name: string): void {
        this.queue.add(`${namespace}/${name}`);
        const replaced = this.olm.csvs.get(namespace, name)?.spec.replaces;
        if (replaced && this.olm.csvs.get(namespace, replaced)) {
            this.queue.add(`${namespace}/${replaced}`);
        }
    }

    namespaceChanged(namespace: string): void {
        this.olm.csvsOf(namespace).forEach((csv) => this.changed(namespace, csv.metadata.name));
    }

    private async sync(key: string): Promise<void> {
        const { olm } = this;
        const { namespace, name } = splitKey(key);
        const csv = olm.csvs.get(namespace, name);
        if (!csv) {
            return;
        }
        if (csv.metadata.deletionTimestamp) {
            await this.cleanUp(csv);
            return;
        }
        if (olm.namespaces.get(undefined, namespace!)?.metadata.deletionTimestamp) {
            // Nothing can be made there any more.
            return;
        }
        if (!csv.metadata.finalizers?.includes(CLEANUP)) {
            await olm.olmRequests.take();
            await olm.csvs.update(csv.metadata, withFinalizer);
            return this.sync(key);
        }
        if (csv.status?.phase === "Deleting") {
            await olm.delay(DELETE_REPLACED_MS);
            await olm.context.kube.delete(refOf({ ...csv, ...olm.csvs.kind }));
            return;
        }
        if (await this.annotate(csv)) {
            return this.sync(key);
        }
        await this.advance(csv);
    }

    /** The OperatorGroup of the namespace, written to the CSV. True when something was written. */
    private async annotate(csv: KubeObject): Promise<boolean> {
        const { olm } = this;
        const groups = olm.groups.all(csv.metadata.namespace);
        if (groups.length !== 1 || !groups[0].status?.namespaces) {
            return false;
        }
        const wanted = {
            "olm.operatorGroup": groups[0].metadata.name,
            "olm.operatorNamespace": csv.metadata.namespace!,
            "olm.targetNamespaces": groups[0].status.namespaces.join(","),
        };
        const has = csv.metadata.annotations ?? {};
        if (Object.entries(wanted).every(([key, value]) => has[key] === value)) {
            return false;
        }
        await olm.olmRequests.take();
        const written = await olm.csvs.update(csv.metadata, (c) => ({
            ...c,
            metadata: { ...c.metadata, annotations: { ...c.metadata.annotations, ...wanted } },
        }));
        this.grouped(written ?? csv);
        return written !== undefined;
    }

    private async advance(csv: KubeObject): Promise<void> {
        const { olm } = this;
        const { namespace, name } = csv.metadata;
        const groups = olm.groups.all(namespace);
        if (groups.length === 1 && !groups[0].status?.namespaces) {
            // Its OperatorGroup is newer than our look at it.
            return;
        }
        const requirements = csv.status?.phase === "Pending" ? await this.requirements(csv) : [];
        const next = nextPhase({
            csv,
            groups,
            requirements,
            deployment: olm.deployments.get(namespace, csv.spec.install.spec.deployments[0].name),
            replacer: this.replacerOf(csv),
            timedOut: this.timedOut(csv),
        });
        if (!next) {
            return;
        }
        if (next.phase === "Installing" && csv.status.phase === "InstallReady") {
            await this.install(csv);
        }
        await olm.olmRequests.take();
        await olm.csvs.updateStatus(csv.metadata, (c) => withPhase(c.status, next, requirements, olm.now()));
        olm.event(csv, next.phase === "Failed" ? "Warning" : "Normal", next.reason, next.message);
        this.changed(namespace!, name);
    }

    private async requirements(csv: KubeObject): Promise<Requirement[]> {
        const { kube } = this.olm.context;
        const access = accessOf(csv);
        const find = (kind: string) => {
            const { apiVersion, metadata } = access.find((o) => o.kind === kind)!;
            return kube.get({ apiVersion, kind, namespace: metadata.namespace, name: metadata.name });
        };
        const { owned = [], required = [] } = csv.spec.customresourcedefinitions ?? {};
        // Not only those that OLM manages: anyone may have made a required one (recorded: olm i).
        const crds = await Promise.all(
            [...owned, ...required].map(
                ({ name }: { name: string }) =>
                    this.olm.crds.get(undefined, name) ?? kube.get({ ...this.olm.crds.kind, name }),
            ),
        );
        const [serviceAccount, binding] = await Promise.all([find("ServiceAccount"), find("ClusterRoleBinding")]);
        return requirementsOf(csv, {
            crd: (crd) => crds.find((c) => c?.metadata.name === crd),
            serviceAccount,
            permitted: binding !== undefined,
        });
    }

    /** Makes the Deployment, or takes over an older version's. */
    private async install(csv: KubeObject): Promise<void> {
        const { olm } = this;
        const packageName = packageOf(csv) ?? "";
        const subscription = olm
            .subscriptionsOf(csv.metadata.namespace!)
            .find((s) => s.status?.currentCSV === csv.metadata.name || s.status?.installedCSV === csv.metadata.name);
        const failing = olm.settings.failing.includes(packageName);
        const deadline = failing
            ? PROGRESS_DEADLINE_FAILING_S
            : Math.ceil(PROGRESS_DEADLINE_S * olm.timeScale()) + DEADLINE_GRACE_S;
        await olm.delay(olm.settings.installDelay);
        await olm.olmRequests.take();
        const wanted = deploymentOf(csv, subscription?.spec.config, deadline);
        const { object, created } = await olm.deployments.create(wanted);
        if (!created) {
            await olm.deployments.update(object.metadata, (present) => ({
                ...present,
                metadata: {
                    ...present.metadata,
                    labels: { ...present.metadata.labels, ...wanted.metadata.labels },
                    ownerReferences: wanted.metadata.ownerReferences,
                },
                spec: { ...wanted.spec, selector: present.spec.selector },
            }));
        }
        await makeWebhooks(olm, csv);
        this.installingSince.set(csv.metadata.uid!, Date.now());
        this.queue.add(keyOf(csv), olm.settings.installTimeout);
        // The wait for it is an appointment of its own: everything else may bring the CSV up earlier.
        void olm
            .delay(olm.settings.installTimeout + 10)
            .then(() => this.queue.add(keyOf(csv)))
            .catch(() => undefined);
    }

    private timedOut(csv: KubeObject): boolean {
        const since = this.installingSince.get(csv.metadata.uid!);
        const limit = this.olm.settings.installTimeout * this.olm.timeScale();
        return since !== undefined && limit > 0 && Date.now() - since >= limit;
    }

    private replacerOf(csv: KubeObject): KubeObject | undefined {
        const { namespace, name } = csv.metadata;
        return this.olm
            .csvsOf(namespace!)
            .find((c) => c.spec.replaces === name && c.metadata.annotations?.["olm.operatorGroup"] !== undefined);
    }

    /** What has no owner goes first; the garbage collector takes the rest when the CSV is gone (recorded: olm h1). */
    private async cleanUp(csv: KubeObject): Promise<void> {
        const { olm } = this;
        if (!csv.metadata.finalizers?.includes(CLEANUP)) {
            return;
        }
        const labels = ownerLabels(csv);
        const labelSelector = ["olm.owner", "olm.owner.namespace"].map((key) => `${key}=${labels[key]}`).join(",");
        for (const kind of MANAGED_BY_US) {
            const apiVersion = "rbac.authorization.k8s.io/v1";
            for (const { metadata } of await olm.context.kube.list({ apiVersion, kind }, { labelSelector })) {
                await olm.context.kube.delete({ apiVersion, kind, name: metadata.name });
            }
        }
        await removeWebhooks(olm, csv);
        await olm.csvs.update(csv.metadata, (c) => ({
            ...c,
            metadata: { ...c.metadata, finalizers: c.metadata.finalizers?.filter((f) => f !== CLEANUP) },
        }));
    }
}

function withFinalizer(csv: KubeObject): KubeObject {
    const finalizers = [...(csv.metadata.finalizers ?? []), CLEANUP];
    return { ...csv, metadata: { ...csv.metadata, finalizers } };
}

function withPhase(status: any, next: Phase, requirements: Requirement[], now: string): any {
    const changed = { ...next, lastUpdateTime: now, lastTransitionTime: now };
    const conditions = [...(status?.conditions ?? []), changed].slice(-KEPT_CONDITIONS);
    const checked = requirements.length > 0 ? { requirementStatus: requirements } : {};
    return { ...status, ...changed, ...checked, cleanup: {}, conditions };
}
