import type { KubeObject } from "../../../kube";
import { baseRelease, tagRelease } from "./charts/istiod";
import { type Condition, no, stateOf, unknown, withConditions, yes } from "./conditions";
import { all, type Sail } from "./host";
import { DEFAULT, ISTIO, REVISION, TAG } from "./names";
import { FinalError, ValidationError } from "./objects";
import { tagInUse } from "./references";
import { REFERENCED } from "./revision";
import { reconcileWithFinalizer } from "./standard";

class NameTaken extends FinalError {
    readonly reason = "NameAlreadyExists";
}

class RefNotFound extends Error {
    readonly reason = "RefNotFound";
}

/** The controller of IstioRevisionTags (controllers/istiorevisiontag; recorded: sail S5b, S5d, S5f, S10b, S10f). */
export class Tags {
    constructor(private readonly sail: Sail) {}

    async reconcile(name: string): Promise<void> {
        const { context } = this.sail;
        await context.delay(context.settings().sail.reactionDelay);
        await reconcileWithFinalizer(
            this.sail,
            { ...TAG, name },
            {
                install: (tag) => this.install(tag),
                uninstall: (tag) => this.uninstall(tag),
                status: (tag, error) => this.status(tag, error),
            },
        );
    }

    private async install(tag: KubeObject): Promise<void> {
        const { helm, context } = this.sail;
        const { name } = tag.metadata;
        if (await context.kube.get({ ...REVISION, name })) {
            throw new NameTaken("there is an IstioRevision with this name");
        }
        const revision = await this.revisionOf(tag);
        await context.delay(context.settings().sail.smallChartDelay);
        const release = tagRelease(tag, revision);
        const upgrade = helm.isInstalled(release);
        await helm.install(release);
        if (name === DEFAULT) {
            const base = baseRelease(tag, revision.spec);
            await helm.install(base);
            if (upgrade) {
                await helm.closeWebhooks(base);
            }
        }
    }

    /** Errors: RefNotFound when what it refers to is not there. */
    private async revisionOf({ spec }: KubeObject): Promise<KubeObject> {
        const { kind, name } = spec.targetRef;
        const { kube } = this.sail.context;
        if (kind !== ISTIO.kind && kind !== REVISION.kind) {
            throw new ValidationError("unknown targetRef.kind");
        }
        const target = await kube.get({ ...(kind === ISTIO.kind ? ISTIO : REVISION), name });
        if (!target) {
            throw new RefNotFound(`referenced ${kind} resource does not exist`);
        }
        if (kind === REVISION.kind) {
            return target;
        }
        const active: string | undefined = target.status?.activeRevisionName;
        if (!active) {
            throw new Error("transient error: referenced Istio has no active revision");
        }
        const revision = await kube.get({ ...REVISION, name: active });
        if (!revision) {
            throw new Error(`IstioRevision.sailoperator.io "${active}" not found`);
        }
        return revision;
    }

    private async uninstall(tag: KubeObject): Promise<void> {
        const { helm, context } = this.sail;
        const { istioRevision = "", istiodNamespace = "" } = tag.status ?? {};
        await context.delay(context.settings().sail.smallChartDelay);
        const spec = { namespace: istiodNamespace, version: "" };
        if (istiodNamespace !== "") {
            await helm.uninstall(tagRelease(tag, { ...REVISION, metadata: { name: istioRevision }, spec }));
        }
        if (tag.metadata.name === DEFAULT) {
            // Even when that is a revision's of the same name (recorded: sail S10b).
            const owner = await context.kube.get({ ...REVISION, name: DEFAULT });
            await helm.uninstall(baseRelease(tag, istiodNamespace !== "" || !owner ? spec : owner.spec));
        }
    }

    private async status(tag: KubeObject, error: Error | undefined): Promise<object> {
        const reconciled = reconciledOf(error);
        const inUse = await this.inUse(tag);
        const revision = error ? undefined : await this.revisionOf(tag);
        return {
            ...tag.status,
            istioRevision: revision?.metadata.name ?? tag.status?.istioRevision ?? "",
            istiodNamespace: revision?.spec.namespace ?? tag.status?.istiodNamespace ?? "",
            observedGeneration: tag.metadata.generation,
            conditions: withConditions(tag.status?.conditions, [reconciled, inUse]),
            state: stateOf([reconciled, inUse]),
        };
    }

    private async inUse(tag: KubeObject): Promise<Condition> {
        const { namespaces, pods, context } = this.sail;
        if (tagInUse(tag.metadata.name, all(namespaces), all(pods))) {
            return { ...yes("InUse"), ...REFERENCED };
        }
        const { kind, name } = tag.spec.targetRef;
        if (!(await context.kube.get({ ...(kind === ISTIO.kind ? ISTIO : REVISION), name }))) {
            const why = `failed to determine if revision tag is in use: ${kind}.sailoperator.io "${name}" not found`;
            return unknown("InUse", "UsageCheckFailed", why);
        }
        return no("InUse", "NotReferencedByAnything", "Not referenced by any pod or namespace");
    }
}

function reconciledOf(error: Error | undefined): Condition {
    if (!error) {
        return yes("Reconciled");
    }
    return error instanceof NameTaken || error instanceof RefNotFound
        ? no("Reconciled", error.reason, error.message)
        : no("Reconciled", "ReconcileError", `error reconciling resource: ${error.message}`);
}
