import type { KubeObject, Ref } from "../../../kube";
import type { Sail } from "./host";
import { addFinalizer, FinalError, hasFinalizer, removeFinalizer, writeStatus } from "./objects";

/** One kind's part of what all of them do (pkg/reconciler/reconciler.go). */
export interface Steps {
    /** Makes what the object asks for. Errors: told in its status. */
    install(object: KubeObject): Promise<void>;
    /** Takes it away again. */
    uninstall(object: KubeObject): Promise<void>;
    /** Its status now; `error` is what install() threw. */
    status(object: KubeObject, error: Error | undefined): Promise<object>;
}

/**
 * Looks at an object that has a finalizer of the operator's: puts that on, installs and tells, or uninstalls and takes
 * it off. Errors: what must be tried again; a FinalError need not.
 */
export async function reconcileWithFinalizer(sail: Sail, ref: Ref, steps: Steps): Promise<void> {
    const { kube } = sail.context;
    const object = await kube.get(ref);
    if (!object) {
        return;
    }
    if (object.metadata.deletionTimestamp) {
        if (hasFinalizer(object)) {
            await steps.uninstall(object);
            await removeFinalizer(kube, object);
        }
        return;
    }
    if (!hasFinalizer(object)) {
        // Its own change is what wakes the controller again.
        await addFinalizer(kube, object);
        return;
    }
    const error = await steps.install(object).then(
        () => undefined,
        (thrown: Error) => thrown,
    );
    if (sail.context.signal.aborted) {
        return;
    }
    await writeStatus(kube, object, await steps.status(object, error));
    if (error && !(error instanceof FinalError)) {
        throw error;
    }
}
