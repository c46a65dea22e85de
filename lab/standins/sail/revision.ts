import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../../../kube";
import { baseRelease, istiodRelease } from "./charts/istiod";
import { type Condition, no, stateOf, withConditions, yes } from "./conditions";
import { all, checkNamespace, type Sail } from "./host";
import { CNI, DEFAULT, DEPLOYMENT, REVISION, suffixed, TAG } from "./names";
import { ValidationError } from "./objects";
import { revisionInUse } from "./references";
import { reconcileWithFinalizer } from "./standard";
import { needsCni } from "./values";

/** Of this process' own clock: what is waited for is Kubernetes. */
const BEGUN_MS = 1_000;
const LOOK_MS = 20;

/** The controller of IstioRevisions (controllers/istiorevision/istiorevision_controller.go; recorded: sail S1-S10). */
export class Revisions {
    constructor(private readonly sail: Sail) {}

    async reconcile(name: string): Promise<void> {
        const { context } = this.sail;
        await context.delay(context.settings().sail.reactionDelay);
        await reconcileWithFinalizer(
            this.sail,
            { ...REVISION, name },
            {
                install: (revision) => this.install(revision),
                uninstall: (revision) => this.uninstall(revision),
                status: (revision, error) => this.status(revision, error),
            },
        );
    }

    private async install(revision: KubeObject): Promise<void> {
        const { helm, context } = this.sail;
        const { name } = revision.metadata;
        await checkNamespace(this.sail, revision.spec.namespace);
        if (await context.kube.get({ ...TAG, name })) {
            throw new ValidationError("an IstioRevisionTag exists with this name");
        }
        const { installDelay, upgradeDelay, smallChartDelay } = context.settings().sail;
        const release = istiodRelease(revision);
        const upgrade = await this.isThere(revision);
        await context.delay(upgrade ? upgradeDelay : installDelay);
        if (await this.isGoing(name)) {
            return;
        }
        await helm.install(release);
        await this.rollingOut(revision);
        if (upgrade) {
            await helm.closeWebhooks(release);
        }
        if (name === DEFAULT) {
            const base = baseRelease(revision, revision.spec);
            await context.delay(smallChartDelay);
            if (await this.isGoing(name)) {
                return;
            }
            await helm.install(base);
            if (upgrade) {
                await helm.closeWebhooks(base);
            }
        }
    }

    /** What is being taken away meanwhile must not come again. */
    private async isGoing(name: string): Promise<boolean> {
        return (await this.sail.context.kube.get({ ...REVISION, name }))?.metadata.deletionTimestamp !== undefined;
    }

    /** Helm takes so long that the Deployment's controller has begun when it is done (recorded: sail S1d, S6b). */
    private async rollingOut(revision: KubeObject): Promise<void> {
        for (let waited = 0; waited < BEGUN_MS; waited += LOOK_MS) {
            const istiod = await this.istiod(revision);
            const { observedGeneration, updatedReplicas = 0 } = istiod?.status ?? {};
            if (observedGeneration === istiod?.metadata.generation && (updatedReplicas > 0 || !istiod?.spec.replicas)) {
                return;
            }
            await sleep(LOOK_MS, undefined, { signal: this.sail.context.signal });
        }
    }

    private async uninstall(revision: KubeObject): Promise<void> {
        const { helm, context } = this.sail;
        await context.delay(context.settings().sail.smallChartDelay);
        await helm.uninstall(istiodRelease(revision));
        if (revision.metadata.name === DEFAULT) {
            await helm.uninstall(baseRelease(revision, revision.spec));
        }
    }

    private async isThere(revision: KubeObject): Promise<boolean> {
        const found = await this.istiod(revision);
        return found?.metadata.ownerReferences?.some(({ uid }) => uid === revision.metadata.uid) ?? false;
    }

    private istiod({ metadata, spec }: KubeObject): Promise<KubeObject | undefined> {
        const name = suffixed("istiod", metadata.name);
        return this.sail.context.kube.get({ ...DEPLOYMENT, namespace: spec.namespace, name });
    }

    private async status(revision: KubeObject, error: Error | undefined): Promise<object> {
        const { metadata, spec } = revision;
        const reconciled = error
            ? no("Reconciled", "ReconcileError", `error reconciling resource: ${error.message}`)
            : yes("Reconciled");
        const ready = istiodReady(await this.istiod(revision));
        const healthy = await this.dependencies(spec.values);
        const inUse = this.inUse(metadata.name);
        const state = stateOf([reconciled, ready, healthy]);
        return {
            ...revision.status,
            observedGeneration: metadata.generation,
            conditions: withConditions(revision.status?.conditions, [reconciled, ready, healthy, inUse]),
            state,
        };
    }

    private async dependencies(values: any): Promise<Condition> {
        const cni = needsCni(values) ? await this.sail.context.kube.get({ ...CNI, name: DEFAULT }) : undefined;
        if (!needsCni(values) || cni?.status?.state === "Healthy") {
            return yes("DependenciesHealthy");
        }
        return cni
            ? no(
                  "DependenciesHealthy",
                  "IstioCNINotHealthy",
                  "IstioCNI resource status indicates that the component is not healthy",
              )
            : no("DependenciesHealthy", "IstioCNINotFound", "IstioCNI resource does not exist");
    }

    private inUse(name: string): Condition {
        const { tags, namespaces, pods } = this.sail;
        const tagged = all(tags).some((tag) => tag.status?.istioRevision === name);
        return tagged || revisionInUse(name, all(namespaces), all(pods))
            ? { ...yes("InUse"), ...REFERENCED }
            : no("InUse", "NotReferencedByAnything", "Not referenced by any pod or namespace");
    }
}

/** The one True condition that says why. */
export const REFERENCED = {
    reason: "ReferencedByWorkloads",
    message: "Referenced by at least one pod or namespace",
};

/** It goes by the counts of pods alone: of a change that has not begun to roll out it knows nothing (traps, 38). */
function istiodReady(istiod: KubeObject | undefined): Condition {
    if (!istiod) {
        return no("Ready", "IstiodNotReady", "istiod Deployment not found");
    }
    const { replicas = 0, readyReplicas = 0 } = istiod.status ?? {};
    if (replicas === 0) {
        return no("Ready", "IstiodNotReady", "istiod Deployment is scaled to zero replicas");
    }
    return readyReplicas < replicas ? no("Ready", "IstiodNotReady", "not all istiod pods are ready") : yes("Ready");
}
