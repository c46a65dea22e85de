import { KubeError, type Kube, type KubeObject, refOf } from "../../../../kube";
import type { StandInContext } from "../../types";
import { conditionOf } from "../common/conditions";
import { EventRecorder } from "../common/events";
import { prune } from "../common/prune";
import { splitKey } from "../common/queue";
import { addFinalizer, hasFinalizer, postStatus } from "../common/write";
import type { Rendering } from "./components";
import {
    begun,
    componentWritten,
    type ControlPlaneStatus,
    finished,
    isReconciled,
    isUpdate,
    reconciledSaying,
    rendered,
    type Said,
    withoutAlwaysReady,
    withReadiness,
} from "./control-plane-status";
import { CONTROL_PLANE_KIND } from "./names";
import { Preparation, Stopped } from "./preparation";
import { PRUNE_STEPS } from "./prune-steps";
import { componentReadiness } from "./readiness";
import type { Release } from "./release";
import { removeControlPlane } from "./removal";
import { writeObject } from "./write-object";

/** After it has written what has Deployments, the operator waits for its own cache (controlplane/hooks.go). */
const CACHE_MS = 2_000;
/** Its client's throttle makes the end of an install or update slow (recorded: M1b). */
const PRUNING_MS = 300;

/** How far one generation of one control plane has come. */
interface Progress {
    uid: string | undefined;
    generation: number;
    /** Groups that are still to be written; undefined before they are rendered. */
    left?: Rendering[][];
    waitingFor: Set<string>;
}

/**
 * Reconciles ServiceMeshControlPlanes. Like the real operator it does one thing at a time and then leaves: the change
 * that it made, or a Deployment that became available, brings it back (maistra/istio-operator@maistra-2.5,
 * controlplane/reconciler.go).
 */
export class ControlPlanes {
    private readonly progress = new Map<string, Progress>();
    private readonly kube: Kube;
    private readonly events: EventRecorder;
    private readonly preparation: Preparation;

    constructor(
        private readonly context: StandInContext,
        private readonly release: Release,
        cniEnabled: boolean,
    ) {
        this.kube = context.kube;
        this.events = new EventRecorder(context.kube, "servicemeshcontrolplane-controller", context.log);
        this.preparation = new Preparation(context, release, cniEnabled);
    }

    /** Errors: what could not be rendered or written; the queue tries again after growing pauses (trap 42). */
    async reconcile(key: string): Promise<void> {
        const smcp = await this.kube.get({ ...CONTROL_PLANE_KIND, ...splitKey(key) });
        if (!smcp) {
            this.progress.delete(key);
            return;
        }
        const status: ControlPlaneStatus = smcp.status ?? {};
        const { generation = 0, deletionTimestamp } = smcp.metadata;
        if (deletionTimestamp) {
            this.progress.delete(key);
            await removeControlPlane(this.context, this.events, smcp);
        } else if (!hasFinalizer(smcp)) {
            await addFinalizer(this.kube, smcp);
        } else if (isReconciled(status, generation, this.release.operator)) {
            this.progress.delete(key);
            await this.post(smcp, status, status);
        } else {
            await this.proceed(key, smcp, status, generation);
        }
    }

    private async proceed(key: string, smcp: KubeObject, status: ControlPlaneStatus, generation: number) {
        const known = this.progress.get(key);
        const same = known?.generation === generation && known.uid === smcp.metadata.uid;
        const fresh = conditionOf(status.conditions, "Reconciled").status !== "False";
        if (!same) {
            this.progress.set(key, { uid: smcp.metadata.uid, generation, waitingFor: new Set() });
        }
        if (fresh || (known && !same)) {
            await this.begin(smcp, status, generation);
        } else {
            await this.install(smcp, status, this.progress.get(key)!);
        }
    }

    private async begin(smcp: KubeObject, status: ControlPlaneStatus, generation: number): Promise<void> {
        if (isUpdate(status)) {
            await this.context.delay(this.context.settings().maistra.reactionDelay);
        }
        const start = begun(status, generation, this.release.operator);
        await this.events.record(smcp, "Normal", this.activity(status), start.message);
        await postStatus(this.kube, refOf(smcp), start.status);
    }

    /** Goes on until there is something to wait for. Whatever happens, its status is posted at the end. */
    private async install(smcp: KubeObject, before: ControlPlaneStatus, progress: Progress): Promise<void> {
        let status = before;
        try {
            if (!progress.left) {
                status = withoutAlwaysReady(status);
                const prepared = await this.preparation.of(smcp);
                const names = prepared.renderings.flat().map(({ component }) => component);
                status = rendered(status, names, prepared.applied);
                progress.left = prepared.renderings;
            } else if (await this.pausedOn(smcp, progress)) {
                return;
            }
            while (progress.left.length > 0) {
                status = await this.writeGroup(smcp, status, progress);
                if (progress.waitingFor.size > 0) {
                    await this.post(smcp, before, status);
                    await this.context.delay(CACHE_MS);
                    if (await this.pausedOn(smcp, progress)) {
                        return;
                    }
                }
            }
            await this.finish(smcp, status, progress);
        } catch (error) {
            if (this.context.signal.aborted) {
                return;
            }
            const said = sayingOf(error, status);
            await this.events.record(smcp, "Warning", this.activity(status), said.message);
            await this.post(smcp, before, reconciledSaying(status, said));
            throw error;
        }
    }

    /** Whether something that was written is not ready yet; its status then says what. */
    private async pausedOn(smcp: KubeObject, progress: Progress): Promise<boolean> {
        const readiness = await this.readiness(smcp);
        progress.waitingFor = new Set([...progress.waitingFor].filter((component) => !readiness.get(component)));
        if (progress.waitingFor.size === 0) {
            return false;
        }
        const status: ControlPlaneStatus = (await this.kube.get(refOf(smcp)))?.status ?? {};
        const said = await this.pause(smcp, status, progress);
        await this.post(smcp, status, reconciledSaying(status, said), readiness);
        return true;
    }

    private async pause(smcp: KubeObject, status: ControlPlaneStatus, progress: Progress): Promise<Said> {
        const reason = isUpdate(status) ? "PausingUpdate" : "PausingInstall";
        const names = [...progress.waitingFor].sort().join(" ");
        const message = `Paused until the following components become ready: [${names}]`;
        await this.events.record(smcp, "Normal", reason, message);
        return { reason, message };
    }

    private async writeGroup(smcp: KubeObject, before: ControlPlaneStatus, progress: Progress) {
        const updating = isUpdate(before);
        let status = before;
        progress.waitingFor = new Set();
        const [group, ...later] = progress.left!;
        for (const next of group) {
            await this.context.delay(updating ? next.updating : next.installing);
            try {
                for (const object of next.objects) {
                    await writeObject(this.kube, object);
                }
            } catch (error) {
                if (error instanceof KubeError) {
                    const what = `Error processing component ${next.component}`;
                    throw new Stopped("ReconcileError", what, error.message);
                }
                throw error;
            }
            if (next.hasReadiness) {
                progress.waitingFor.add(next.component);
            }
            status = componentWritten(status, next.component, next.hasReadiness);
        }
        progress.left = later;
        return status;
    }

    private async finish(smcp: KubeObject, status: ControlPlaneStatus, progress: Progress): Promise<void> {
        const { namespace = "" } = smcp.metadata;
        const { operator, charts } = this.release;
        await this.events.record(smcp, "Normal", "Pruning", "Pruning obsolete resources");
        const version = `${operator}-${progress.generation}`;
        await prune(this.kube, namespace, version, PRUNE_STEPS, PRUNING_MS, (realMs) => this.context.delay(realMs));
        const versions = { operator, charts: charts[smcp.spec.version] };
        const done = finished(status, progress.generation, versions);
        const reason = isUpdate(status) ? "Updated" : "Installed";
        await this.events.record(smcp, "Normal", reason, done.said.message);
        await this.post(smcp, status, reconciledSaying(done.status, done.said));
    }

    /** Brings Ready, the count and the lists up to date and writes what has changed. */
    private async post(
        smcp: KubeObject,
        before: ControlPlaneStatus,
        next: ControlPlaneStatus,
        readiness?: ReadonlyMap<string, boolean>,
    ): Promise<void> {
        const { status, event } = withReadiness(next, readiness ?? (await this.readiness(smcp)));
        if (event) {
            await this.events.record(smcp, event.type, event.reason, event.message);
        }
        if (JSON.stringify(status) !== JSON.stringify(before)) {
            await postStatus(this.kube, refOf(smcp), status);
        }
    }

    private activity(status: ControlPlaneStatus): string {
        return isUpdate(status) ? "Updating" : "Installing";
    }

    private readiness({ metadata }: KubeObject): Promise<Map<string, boolean>> {
        return componentReadiness(this.kube, metadata.namespace ?? "", this.context.settings().maistra.stuckComponent);
    }
}

/** Anything else that goes wrong leaves the words as they were and adds the error to them, as there. */
function sayingOf(error: unknown, status: ControlPlaneStatus): Said {
    if (error instanceof Stopped) {
        return { reason: error.reason, message: `${error.what}: error: ${error.message}` };
    }
    const { reason = "", message = "" } = conditionOf(status.conditions, "Reconciled");
    const said = error instanceof Error ? error.message : String(error);
    return { reason, message: message.includes(": error: ") ? message : `${message}: error: ${said}` };
}
