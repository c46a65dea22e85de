import { KubeError, type Kube, type KubeObject, type Ref, refOf } from "../../../../kube";
import type { StandInContext } from "../../types";
import { cni, meshRoles } from "./charts/operator";
import { conditionOf } from "../common/conditions";
import { reconciledVersion, render, type Rendering } from "./components";
import {
    begun,
    componentWritten,
    type ControlPlaneStatus,
    deleting,
    failed,
    finished,
    isReconciled,
    isUpdate,
    paused,
    rendered,
    withReadiness,
} from "./control-plane-status";
import { meshUsers } from "../common/ownership";
import { EventRecorder } from "../common/events";
import { installIstioKinds } from "./istio-kinds";
import { IGNORE_NAMESPACE, MEMBER_OF } from "../common/names";
import { CONTROL_PLANE_KIND } from "./names";
import { prune } from "../common/prune";
import { PRUNE_STEPS } from "./prune-steps";
import { splitKey } from "../common/queue";
import { componentReadiness } from "./readiness";
import { appliedSpec } from "./values";
import { addFinalizer, apply, hasFinalizer, postStatus, removeFinalizer, update } from "../common/write";

/** How far one generation of one control plane has come. */
interface Progress {
    uid: string | undefined;
    generation: number;
    status: ControlPlaneStatus;
    /** What is still to be written; undefined before the first look at it. */
    left?: Rendering[];
    waitingFor?: string;
}

/** version v1.0 renders charts that never worked with this operator's defaults (recorded: END, vt1). */
const OLD_CHARTS =
    'render error in "istio/charts/gateways/templates/rolebindings.yaml": ' +
    "template: istio/charts/gateways/templates/rolebindings.yaml:4:7: " +
    'executing "istio/charts/gateways/templates/rolebindings.yaml" at ' +
    "<($spec.sds) and (eq $spec.sds.enabled true)>: can't give argument to non-function $spec.sds";

/**
 * Reconciles ServiceMeshControlPlanes. Like the real operator it does one thing at a time and then leaves: the change
 * that it made, or a Deployment that became available, brings it back (maistra/istio-operator, controlplane/).
 */
export class ControlPlanes {
    private readonly progress = new Map<string, Progress>();
    private readonly kube: Kube;
    private readonly events: EventRecorder;

    constructor(
        private readonly context: StandInContext,
        private readonly cniEnabled: boolean,
    ) {
        this.kube = context.kube;
        this.events = new EventRecorder(context.kube, "servicemeshcontrolplane-controller", context.log);
    }

    async reconcile(key: string): Promise<void> {
        const smcp = await this.kube.get({ ...CONTROL_PLANE_KIND, ...splitKey(key) });
        if (!smcp) {
            this.progress.delete(key);
            return;
        }
        const status: ControlPlaneStatus = smcp.status ?? {};
        const generation = smcp.metadata.generation ?? 0;
        if (smcp.metadata.deletionTimestamp) {
            this.progress.delete(key);
            await this.remove(smcp, status);
        } else if (!hasFinalizer(smcp)) {
            await addFinalizer(this.kube, smcp);
        } else if (isReconciled(status, generation)) {
            this.progress.delete(key);
            await this.updateReadiness(smcp, status);
        } else {
            await this.proceed(key, smcp, status, generation);
        }
    }

    private async proceed(
        key: string,
        smcp: KubeObject,
        status: ControlPlaneStatus,
        generation: number,
    ): Promise<void> {
        const known = this.progress.get(key);
        const same = known?.generation === generation && known.uid === smcp.metadata.uid;
        const fresh = conditionOf(status.conditions, "Reconciled").status !== "False";
        if (!same) {
            this.progress.set(key, { uid: smcp.metadata.uid, generation, status });
        }
        if (fresh || (known && !same)) {
            await this.begin(smcp, status, generation);
            return;
        }
        const progress = this.progress.get(key)!;
        progress.status = status;
        await this.install(smcp, progress);
    }

    private async begin(smcp: KubeObject, status: ControlPlaneStatus, generation: number): Promise<void> {
        if (isUpdate(status)) {
            await this.context.delay(this.context.settings().maistra.reactionDelay);
        }
        const start = begun(status, generation);
        const reason = isUpdate(status) ? "Updating" : "Installing";
        await this.events.record(smcp, "Normal", reason, start.message);
        await postStatus(this.kube, refOf(smcp), start.status);
    }

    private async install(smcp: KubeObject, progress: Progress): Promise<void> {
        const { namespace = "" } = smcp.metadata;
        if (!progress.left) {
            if (!(await this.prepare(smcp, progress))) {
                return;
            }
        } else if (progress.waitingFor !== undefined) {
            const readiness = await this.readiness(namespace);
            if (readiness.get(progress.waitingFor) === false) {
                return;
            }
        }
        progress.waitingFor = undefined;
        const updating = isUpdate(progress.status);
        while (progress.left?.length) {
            const [next] = progress.left;
            await this.write(smcp, progress, next, updating);
            if ((await this.readiness(namespace)).get(next.component) === false) {
                progress.waitingFor = next.component;
                progress.status = paused(progress.status, next.component);
                const message = conditionOf(progress.status.conditions, "Reconciled").message ?? "";
                await this.events.record(smcp, "Normal", updating ? "PausingUpdate" : "PausingInstall", message);
                await postStatus(this.kube, refOf(smcp), progress.status);
                return;
            }
        }
        await this.finish(smcp, progress, updating);
    }

    /** Everything before the first component. False: it cannot be rendered, which its status then says. */
    private async prepare(smcp: KubeObject, progress: Progress): Promise<boolean> {
        const { namespace = "" } = smcp.metadata;
        if (smcp.spec?.version === "v1.0") {
            await this.fail(smcp, progress, "Error rendering helm charts", OLD_CHARTS);
            return false;
        }
        await this.context.delay(80);
        await update(this.kube, namespaceRef(namespace), (object) => {
            const labels = object.metadata.labels ?? {};
            if (labels[MEMBER_OF] === namespace && labels[IGNORE_NAMESPACE] === "ignore") {
                return false;
            }
            object.metadata.labels = { ...labels, [IGNORE_NAMESPACE]: "ignore", [MEMBER_OF]: namespace };
        });
        const renderings = render(smcp);
        progress.status = rendered(
            progress.status,
            renderings.map((rendering) => rendering.component),
            appliedSpec(smcp.spec),
        );
        await installIstioKinds(this.context);
        await this.writeAll([...meshRoles(), ...(this.cniEnabled ? cni() : []), ...meshUsers(smcp)]);
        progress.left = renderings;
        return true;
    }

    private async write(smcp: KubeObject, progress: Progress, next: Rendering, updating: boolean): Promise<void> {
        await this.context.delay(updating ? next.updating : next.installing);
        try {
            await this.writeAll(next.objects);
        } catch (error) {
            if (error instanceof KubeError) {
                await this.fail(smcp, progress, `Error processing component ${next.component}`, error.message);
            }
            throw error;
        }
        progress.status = componentWritten(progress.status, next.component);
        progress.left = progress.left?.slice(1);
    }

    private async finish(smcp: KubeObject, progress: Progress, updating: boolean): Promise<void> {
        const { namespace = "" } = smcp.metadata;
        await this.events.record(smcp, "Normal", "Pruning", "Pruning obsolete resources");
        const total = this.context.settings().maistra.pruningDelay;
        const version = reconciledVersion(progress.generation);
        await prune(this.kube, namespace, version, PRUNE_STEPS, total, (realMs) => this.context.delay(realMs));
        const done = finished(progress.status, progress.generation);
        const { status, event } = withReadiness(done.status, await this.readiness(namespace));
        await postStatus(this.kube, refOf(smcp), status);
        await this.events.record(smcp, "Normal", updating ? "Updated" : "Installed", done.message);
        if (event) {
            await this.events.record(smcp, event.type, event.reason, event.message);
        }
    }

    private async updateReadiness(smcp: KubeObject, before: ControlPlaneStatus): Promise<void> {
        const { status, event } = withReadiness(before, await this.readiness(smcp.metadata.namespace ?? ""));
        if (event) {
            await postStatus(this.kube, refOf(smcp), status);
            await this.events.record(smcp, event.type, event.reason, event.message);
        }
    }

    private async remove(smcp: KubeObject, status: ControlPlaneStatus): Promise<void> {
        if (!hasFinalizer(smcp)) {
            return;
        }
        const { reason } = conditionOf(status.conditions, "Reconciled");
        if (reason !== "Deleting") {
            await postStatus(this.kube, refOf(smcp), deleting(status));
            return;
        }
        await this.events.record(smcp, "Normal", "Deleting", "Deleting service mesh");
        const { namespace = "" } = smcp.metadata;
        const total = this.context.settings().maistra.pruningDelay;
        await prune(this.kube, namespace, undefined, PRUNE_STEPS, total, (realMs) => this.context.delay(realMs));
        await this.events.record(smcp, "Normal", "Deleted", "Successfully deleted service mesh resources");
        await removeFinalizer(this.kube, smcp);
    }

    private async fail(smcp: KubeObject, progress: Progress, what: string, error: string): Promise<void> {
        progress.status = failed(progress.status, what, error);
        const message = conditionOf(progress.status.conditions, "Reconciled").message ?? "";
        await this.events.record(smcp, "Warning", isUpdate(progress.status) ? "Updating" : "Installing", message);
        await postStatus(this.kube, refOf(smcp), progress.status);
    }

    private async writeAll(objects: KubeObject[]): Promise<void> {
        for (const object of objects) {
            await apply(this.kube, object);
        }
    }

    private readiness(namespace: string): Promise<Map<string, boolean>> {
        return componentReadiness(this.kube, namespace, this.context.settings().maistra.stuckComponent);
    }
}

function namespaceRef(name: string): Ref {
    return { apiVersion: "v1", kind: "Namespace", name };
}
