import { setTimeout as sleep } from "node:timers/promises";
import { isStatus, type Kube, type KubeObject, type Ref, refOf } from "../../../../kube";
import { FIELD_MANAGER, FINALIZER } from "./names";

const ATTEMPTS = 5;
const BUSY_MS = 50;
const BUSY_ATTEMPTS = 40;

/** As client-go does: a server that says "too many requests" (a new kind's "storage is initializing") is asked again. */
export async function patiently<T>(request: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
        try {
            return await request();
        } catch (error) {
            if (!isStatus(error, 429) || attempt === BUSY_ATTEMPTS) {
                throw error;
            }
            await sleep(BUSY_MS);
        }
    }
}

/**
 * Reads an object, lets `change` alter it, writes it back; from the start again when somebody else was quicker.
 * False from `change`: nothing to write. Returns undefined when the object is not there (any more).
 */
export async function update(
    kube: Kube,
    ref: Ref,
    change: (object: KubeObject) => boolean | void,
): Promise<KubeObject | undefined> {
    for (let attempt = 1; ; attempt++) {
        const object = await kube.get(ref);
        if (!object || change(object) === false) {
            return object;
        }
        try {
            return await kube.replace(object, { fieldManager: FIELD_MANAGER });
        } catch (error) {
            if (isStatus(error, 404)) {
                return undefined;
            }
            if (!isStatus(error, 409) || attempt === ATTEMPTS) {
                throw error;
            }
        }
    }
}

/** Writes a whole status, whatever was there; the object may have gone meanwhile. */
export async function postStatus(kube: Kube, ref: Ref, status: object): Promise<void> {
    for (let attempt = 1; ; attempt++) {
        const object = await kube.get(ref);
        if (!object) {
            return;
        }
        try {
            await kube.replaceStatus({ ...object, status });
            return;
        } catch (error) {
            if (isStatus(error, 404)) {
                return;
            }
            if (!isStatus(error, 409) || attempt === ATTEMPTS) {
                throw error;
            }
        }
    }
}

export function hasFinalizer(object: KubeObject): boolean {
    return object.metadata.finalizers?.includes(FINALIZER) ?? false;
}

export async function addFinalizer(kube: Kube, object: KubeObject): Promise<void> {
    await update(kube, refOf(object), (fresh) => {
        if (fresh.metadata.uid !== object.metadata.uid || fresh.metadata.deletionTimestamp || hasFinalizer(fresh)) {
            return false;
        }
        fresh.metadata.finalizers = [...(fresh.metadata.finalizers ?? []), FINALIZER];
    });
}

export async function removeFinalizer(kube: Kube, object: KubeObject): Promise<void> {
    await update(kube, refOf(object), (fresh) => {
        if (fresh.metadata.uid !== object.metadata.uid || !hasFinalizer(fresh)) {
            return false;
        }
        fresh.metadata.finalizers = fresh.metadata.finalizers?.filter((finalizer) => finalizer !== FINALIZER);
    });
}

/**
 * Makes an object what the operator wants it to be. Secrets keep their contents and webhook configurations the
 * address and certificate that their server filled in: of these only labels and annotations are brought up to date.
 */
export async function apply(kube: Kube, object: KubeObject): Promise<void> {
    if (object.kind !== "Secret" && !object.kind.endsWith("WebhookConfiguration")) {
        await patiently(() => kube.apply(object, { fieldManager: FIELD_MANAGER, force: true }));
        return;
    }
    const { labels, annotations, ownerReferences } = object.metadata;
    if (await kube.get(refOf(object))) {
        const metadata = { labels, annotations, ownerReferences };
        await kube.mergePatch(refOf(object), { metadata }, { fieldManager: FIELD_MANAGER });
    } else {
        await kube.create(object, { fieldManager: FIELD_MANAGER });
    }
}
