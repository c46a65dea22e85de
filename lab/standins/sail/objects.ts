import { isDeepStrictEqual } from "node:util";
import { isStatus, type Kube, KindMissing, type KubeObject, refOf } from "../../../kube";
import { FIELD_MANAGER, FINALIZER } from "./names";

const ATTEMPTS = 5;

/** Something that trying again cannot mend: the operator looks again only when something changes. */
export class FinalError extends Error {}

export class ValidationError extends FinalError {
    constructor(message: string) {
        super(`validation error: ${message}`);
    }
}

/** Writes a status if it differs from what the object was read with. False: the object has changed or gone meanwhile. */
export async function writeStatus(kube: Kube, object: KubeObject, status: object): Promise<boolean> {
    if (isDeepStrictEqual(plain(object.status), plain(status))) {
        return true;
    }
    let current = object;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        try {
            await kube.replaceStatus({ ...current, status });
            return true;
        } catch (error) {
            if (isStatus(error, 404)) {
                return false;
            }
            if (!isStatus(error, 409)) {
                throw error;
            }
        }
        // It patches the status alone: what else changed meanwhile does not matter.
        const fresh = await kube.get(refOf(object));
        if (!fresh || fresh.metadata.uid !== object.metadata.uid) {
            return false;
        }
        current = fresh;
    }
    return false;
}

export function hasFinalizer(object: KubeObject): boolean {
    return object.metadata.finalizers?.includes(FINALIZER) ?? false;
}

export async function addFinalizer(kube: Kube, object: KubeObject): Promise<void> {
    await changeFinalizers(kube, object, (finalizers) => [...finalizers, FINALIZER]);
}

export async function removeFinalizer(kube: Kube, object: KubeObject, which = FINALIZER): Promise<void> {
    await changeFinalizers(kube, object, (finalizers) => finalizers.filter((finalizer) => finalizer !== which));
}

async function changeFinalizers(kube: Kube, object: KubeObject, change: (old: string[]) => string[]): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const fresh = await kube.get(refOf(object));
        if (!fresh || fresh.metadata.uid !== object.metadata.uid) {
            return;
        }
        const before = fresh.metadata.finalizers ?? [];
        const finalizers = [...new Set(change(before))];
        if (isDeepStrictEqual(before, finalizers)) {
            return;
        }
        try {
            const metadata = { ...fresh.metadata, finalizers };
            await kube.replace({ ...fresh, metadata }, { fieldManager: FIELD_MANAGER });
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

/** Undefined too when the kind is not served (any more). */
export async function getIfServed(kube: Kube, ref: Parameters<Kube["get"]>[0]): Promise<KubeObject | undefined> {
    try {
        return await kube.get(ref);
    } catch (error) {
        if (error instanceof KindMissing) {
            return undefined;
        }
        throw error;
    }
}

function plain(value: unknown): unknown {
    return JSON.parse(JSON.stringify(value ?? {}));
}
