import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isStatus, KindMissing, type Kube, KubeError, type KubeObject, refOf } from "../../../kube";
import { parsePath, valueAt, withValueAt } from "../plan/paths";
import { partsOf } from "../plan/urn";
import { hasUnknown, markLike, plain, type Props, type Value } from "../values";
import { awaited, gone, NotYet, until } from "./kubernetes-await";
import {
    annotation,
    complete,
    diffObject,
    gvk,
    idOf,
    PROPAGATION,
    refuse,
    SKIP_AWAIT,
    TIMEOUT,
} from "./kubernetes-rules";
import { FIELD_MANAGER, isOurs, takenOver } from "./managed-fields";
import { type Made, type Old, type Provider, Unfinished, type Work } from "./provider";

const DEFAULT_TIMEOUT_SECONDS = 600;
/** Pauses before a create is tried again while its kind or namespace is not there (pulumi-kubernetes retry.go). */
const RETRY_SECONDS = [1, 2, 4, 8, 16];

/**
 * Kubernetes objects the way the real provider treats them: a create is a POST, an update a server-side apply, a delete
 * goes in the foreground and is waited for; a preview asks the API server with dryRun.
 */
export class KubernetesProvider implements Provider {
    private readonly namespaced = new Map<string, boolean>();

    constructor(
        private readonly kube: Kube,
        private readonly retrySeconds = RETRY_SECONDS,
    ) {}

    async check(urn: string, old: Props | undefined, wanted: Props): Promise<Props> {
        const { type, name } = partsOf(urn);
        refuse(type, wanted);
        const suffix = randomBytes(4).toString("hex");
        return complete(wanted, old, { name, namespaced: await this.isNamespaced(wanted), suffix });
    }

    async diff(old: Old, wanted: Props): Promise<ReturnType<typeof diffObject>> {
        return diffObject(old, wanted);
    }

    async create(wanted: Props, work: Work): Promise<Made> {
        if (work.preview) {
            const ask = (object: KubeObject) => this.kube.create(object, { dryRun: true });
            return { id: "", outputs: await this.preview(wanted, ask, isNoAnswer) };
        }
        const object = await this.objectOf(wanted);
        const live = await this.post(object, work);
        return this.settled(wanted, live, work);
    }

    async update(old: Old, wanted: Props, work: Work): Promise<Props> {
        const ref = refOf(plain<Props>(wanted) as unknown as KubeObject);
        if (work.preview) {
            const ask = (object: KubeObject) =>
                this.kube.apply(object, { fieldManager: FIELD_MANAGER, force: true, dryRun: true });
            return this.preview(wanted, ask, (error) => isStatus(error, 403) || error instanceof KindMissing);
        }
        let live = await this.kube.get(ref);
        if (!live) {
            throw new Error(
                `${ref.kind} ${old.id} is not in the cluster any more; it was deleted outside of this stack`,
            );
        }
        let object = (await this.objectOf(wanted)) as unknown as Value;
        for (const path of work.ignoreChanges.map(parsePath)) {
            object = withValueAt(object, path, valueAt(live as unknown as Value, path));
        }
        const operations = takenOver(live);
        if (operations.length > 0) {
            live = await this.kube.jsonPatch(ref, operations);
        }
        live = await this.kube.apply(object as unknown as KubeObject, { fieldManager: FIELD_MANAGER });
        return (await this.settled(wanted, live, work)).outputs;
    }

    async delete(old: Old, work: Work): Promise<void> {
        const inputs = plain<Props>(old.inputs);
        const live = plain<Props>(old.outputs) as unknown as KubeObject;
        const ref = refOf(live);
        const propagationPolicy = propagation(annotation(inputs, PROPAGATION));
        try {
            if (!(await this.kube.delete(ref, { propagationPolicy }))) {
                return;
            }
        } catch (error) {
            if (error instanceof KindMissing) {
                return;
            }
            throw error;
        }
        // The real provider heeds skipAwait at a delete for these kinds only (metadata/overrides.go).
        if (annotation(inputs, SKIP_AWAIT) === "true" && /^(Namespace|Pod|Deployment|DaemonSet)$/.test(live.kind)) {
            return;
        }
        const report = (text: string) => work.report(`${live.kind} ${old.id}: ${text}`);
        try {
            await until(this.kube, ref, gone, { ...work, report, timeoutSeconds: timeoutOf(inputs, work) });
        } catch (error) {
            throw new Error(`${live.kind} ${old.id} does not go: ${(error as Error).message}`, { cause: error });
        }
    }

    /** POST, tried again while the kind or the namespace is missing. */
    private async post(object: KubeObject, work: Work): Promise<KubeObject> {
        for (let attempt = 0; ; attempt++) {
            try {
                return await this.kube.create(object, { fieldManager: FIELD_MANAGER });
            } catch (error) {
                const there = isStatus(error, 409) && work.begunBefore ? await this.kube.get(refOf(object)) : undefined;
                if (there && isOurs(there) && !there.metadata.deletionTimestamp) {
                    return there;
                }
                if (!isStatus(error, 404) || attempt >= this.retrySeconds.length || work.signal.aborted) {
                    const { message } = error as Error;
                    const what = `${object.kind} ${idOf(object)} was not created; the API server says: ${message}`;
                    throw new Error(what, { cause: error });
                }
                work.report(`${(error as Error).message}; trying again`);
                await sleep(this.retrySeconds[attempt] * 1000, undefined, { signal: work.signal }).catch(
                    () => undefined,
                );
            }
        }
    }

    /** Waits as long as the real provider would. Errors: Unfinished, with the object as it stands. */
    private async settled(wanted: Props, written: KubeObject, work: Work): Promise<Made> {
        const id = idOf(written);
        const inputs = plain<Props>(wanted);
        const wait = annotation(inputs, SKIP_AWAIT) === "true" ? undefined : awaited(written);
        if (!wait) {
            return { id, outputs: outputsOf(written, wanted) };
        }
        const ref = { ...refOf(written), apiVersion: wait.kind.apiVersion, kind: wait.kind.kind };
        const report = (text: string) => work.report(`${written.kind} ${id}: ${text}`);
        try {
            await until(this.kube, ref, wait.missing, { ...work, report, timeoutSeconds: timeoutOf(inputs, work) });
        } catch (error) {
            if (error instanceof NotYet) {
                const live = (await this.kube.get(refOf(written)).catch(() => undefined)) ?? written;
                throw new Unfinished(`${written.kind} ${id} exists, but is not ready: ${error.message}`, {
                    id,
                    outputs: outputsOf(live, wanted),
                });
            }
            throw error;
        }
        const live = (await this.kube.get(refOf(written))) ?? written;
        return { id, outputs: outputsOf(live, wanted) };
    }

    /**
     * The object as it would become; the inputs where that cannot be known or asked.
     * Source: pulumi-kubernetes provider.go, Create and Update (skipPreview, isDryRunDisabledError, IsForbidden).
     */
    private async preview(
        wanted: Props,
        ask: (object: KubeObject) => Promise<KubeObject>,
        tolerates: (error: unknown) => boolean,
    ): Promise<Props> {
        if (hasUnknown(wanted)) {
            return wanted;
        }
        try {
            const { status: _, ...outputs } = outputsOf(await ask(await this.objectOf(wanted)), wanted);
            return outputs;
        } catch (error) {
            if (tolerates(error)) {
                return wanted;
            }
            throw error;
        }
    }

    private async objectOf(wanted: Props): Promise<KubeObject> {
        const { status: _, ...object } = plain<Props>(wanted) as Props & KubeObject;
        if (object.metadata.namespace !== undefined && !(await this.isNamespaced(wanted))) {
            const { namespace: __, ...metadata } = object.metadata;
            return { ...object, metadata } as unknown as KubeObject;
        }
        return object as unknown as KubeObject;
    }

    /** A kind that is not served yet counts as namespaced, as with the real provider. */
    private async isNamespaced(object: Props): Promise<boolean> {
        const kind = gvk(object);
        let known = this.namespaced.get(kind);
        if (known === undefined) {
            const kinds = await this.kube.resources(String(object.apiVersion));
            known = kinds.find((k) => k.kind === object.kind)?.namespaced;
            if (known !== undefined) {
                this.namespaced.set(kind, known);
            }
        }
        return known ?? true;
    }
}

/** What a dry run of a create may meet without saying anything about the create itself; of an update, only a 403. */
function isNoAnswer(error: unknown): boolean {
    if (!(error instanceof KubeError)) {
        return false;
    }
    // Of what is missing only the namespace may be yet to come (await/error.go, IsNamespaceNotFoundErr).
    const missing = error instanceof KindMissing || error.body?.details?.kind === "namespaces";
    const refused = error.status === 400 && /does not support dry run/.test(String(error));
    return [403, 409].includes(error.status) || (error.status === 404 && missing) || refused;
}

function outputsOf(live: KubeObject, wanted: Props): Props {
    const { managedFields: _, ...metadata } = live.metadata;
    const outputs = markLike({ ...live, metadata } as unknown as Props, wanted);
    // The API server has put what came as stringData into data.
    if (live.kind === "Secret" && live.apiVersion === "v1" && outputs.data !== undefined) {
        const like: Props = { data: wanted.stringData ?? null };
        return { ...outputs, ...markLike({ data: outputs.data }, like) };
    }
    return outputs;
}

/** customTimeouts goes before the annotation (metadata/overrides.go, TimeoutDuration). */
function timeoutOf(inputs: Props, work: Work): number {
    return work.timeoutSeconds || Number(annotation(inputs, TIMEOUT)) || DEFAULT_TIMEOUT_SECONDS;
}

function propagation(wanted: string | undefined): "Foreground" | "Background" | "Orphan" {
    switch (wanted?.toLowerCase()) {
        case "orphan":
            return "Orphan";
        case "background":
            return "Background";
        default:
            return "Foreground";
    }
}
