import { isStatus, type KubeObject, type OwnerReference, refOf } from "../../../kube";
import { concreteVersion } from "../../crds/sail-versions";
import { type Condition, conditionOf, no, unknown, withConditions } from "./conditions";
import type { Sail } from "./host";
import { FIELD_MANAGER, ISTIO, REVISION } from "./names";
import { writeStatus } from "./objects";
import { dueForPruning } from "./prune";
import { revisionValues } from "./values";

const ATTEMPTS = 5;

/** The controller of Istios (controllers/istio/istio_controller.go; recorded: sail S1-S10). */
export class Istios {
    /** Revisions that were made by the last look: their next update comes too early, and fails. */
    private readonly fresh = new Set<string>();

    constructor(
        private readonly sail: Sail,
        /** Asks for another look at an Istio after so many milliseconds. */
        private readonly later: (name: string, milliseconds: number) => void,
    ) {}

    async reconcile(name: string): Promise<void> {
        const { context } = this.sail;
        await context.delay(context.settings().sail.reactionDelay);
        const istio = await context.kube.get({ ...ISTIO, name });
        if (!istio || istio.metadata.deletionTimestamp) {
            return;
        }
        const error = await this.install(istio).then(
            () => undefined,
            (thrown: Error) => thrown,
        );
        if (!(await writeStatus(context.kube, istio, await this.status(istio, error))) || !error) {
            return;
        }
        await context.delay(context.settings().sail.flickerDelay);
        throw error;
    }

    private async install(istio: KubeObject): Promise<void> {
        const { context } = this.sail;
        const name = activeRevisionName(istio);
        const version = concreteVersion(istio.spec.version);
        const values = revisionValues(istio, version, name);
        const present = await context.kube.get({ ...REVISION, name });
        const { flicker } = context.settings().sail;
        if (!present) {
            await context.kube.create(revisionOf(istio, name, version, values), { fieldManager: FIELD_MANAGER });
            if (flicker !== "none") {
                this.fresh.add(name);
            }
        } else if (this.fresh.delete(name)) {
            throw new Error(
                `failed to update IstioRevision "${name}": Operation cannot be fulfilled on ` +
                    `istiorevisions.sailoperator.io "${name}": the object has been modified; please apply your ` +
                    "changes to the latest version and try again",
            );
        } else {
            await this.update(name, version, values);
        }
        await this.prune(istio);
    }

    /** A true conflict passes unseen: whether there is one to see, the settings say. */
    private async update(name: string, version: string, values: object): Promise<void> {
        const { kube } = this.sail.context;
        for (let attempt = 1; ; attempt++) {
            const present = await kube.get({ ...REVISION, name });
            try {
                if (present) {
                    const spec = { ...present.spec, version, values };
                    await kube.replace({ ...present, spec }, { fieldManager: FIELD_MANAGER });
                }
                return;
            } catch (error) {
                if (!isStatus(error, 409) || attempt === ATTEMPTS) {
                    throw new Error(`failed to update IstioRevision "${name}": ${(error as Error).message}`);
                }
            }
        }
    }

    private async prune(istio: KubeObject): Promise<void> {
        const { context } = this.sail;
        const seconds = istio.spec.updateStrategy?.inactiveRevisionDeletionGracePeriodSeconds ?? 30;
        const grace = seconds * 1_000 * context.settings().timeScale;
        const { expired, next } = dueForPruning(await this.owned(istio), activeRevisionName(istio), grace, Date.now());
        for (const revision of expired) {
            await context.kube.delete(refOf(revision), { propagationPolicy: "Background" });
        }
        if (next !== undefined) {
            this.later(istio.metadata.name, next);
        }
    }

    private async owned({ metadata }: KubeObject): Promise<KubeObject[]> {
        const revisions = await this.sail.context.kube.list(REVISION);
        return revisions.filter((revision) =>
            revision.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid),
        );
    }

    private async status(istio: KubeObject, error: Error | undefined): Promise<object> {
        const before = istio.status ?? {};
        const owned = error || !this.hides(istio) ? await this.owned(istio) : [];
        const count = (type: string) =>
            owned.filter((revision) => conditionOf(revision.status?.conditions, type).status === "True").length;
        const revisions = { total: owned.length, ready: count("Ready"), inUse: count("InUse") };
        const { state: _, ...rest } = before;
        const told = error ? failed(error) : this.shown(istio, owned);
        return {
            ...rest,
            ...(error ? {} : { activeRevisionName: activeRevisionName(istio) }),
            observedGeneration: istio.metadata.generation,
            conditions: withConditions(before.conditions, told.conditions),
            revisions,
            ...(told.state === undefined ? {} : { state: told.state }),
        };
    }

    /** At first its own new revision may be unknown to the operator, which then says that there is none. */
    private hides(istio: KubeObject): boolean {
        const { flicker } = this.sail.context.settings().sail;
        return flicker === "not-found" && this.fresh.has(activeRevisionName(istio));
    }

    private shown(istio: KubeObject, owned: KubeObject[]): { conditions: Condition[]; state?: string } {
        const revision = owned.find(({ metadata }) => metadata.name === activeRevisionName(istio));
        if (!revision) {
            const reason = "ActiveRevisionNotFound";
            const missing = (type: string) => no(type, reason, "active IstioRevision not found");
            return { conditions: [missing("Reconciled"), missing("Ready")], state: reason };
        }
        const { conditions, state } = revision.status ?? {};
        const types = ["Reconciled", "Ready", "DependenciesHealthy"];
        return { conditions: types.map((type) => conditionOf(conditions, type)), state };
    }
}

function failed(error: Error): { conditions: Condition[]; state: string } {
    const state = "ReconcileError";
    const unsure = "cannot determine readiness due to reconciliation error";
    return { conditions: [no("Reconciled", state, error.message), unknown("Ready", state, unsure)], state };
}

/** "default" stays "default" with InPlace; RevisionBased makes it "default-v1-27-9", an alias "default-v1-27-latest". */
export function activeRevisionName({ metadata, spec }: KubeObject): string {
    return spec.updateStrategy?.type === "RevisionBased"
        ? `${metadata.name}-${spec.version.replaceAll(".", "-")}`
        : metadata.name;
}

function revisionOf(istio: KubeObject, name: string, version: string, values: object): KubeObject {
    const owner: OwnerReference = {
        ...ISTIO,
        name: istio.metadata.name,
        uid: istio.metadata.uid ?? "",
        controller: true,
        blockOwnerDeletion: true,
    };
    return {
        ...REVISION,
        metadata: { name, ownerReferences: [owner] },
        spec: { version, namespace: istio.spec.namespace, values },
    };
}
