import { isStatus, type KindRef, type KubeObject, refOf } from "../../../kube";
import { watched } from "../maistra/common/store";
import type { StandInContext } from "../types";
import { CNI, ISTIO, REVISION, TAG } from "./names";
import { hasFinalizer, removeFinalizer } from "./objects";

const FOREGROUND = "foregroundDeletion";

/**
 * Kubernetes' garbage collector, for the operator's kinds: it learns of new kinds only every 30 s, too late for a lab.
 * In the background what a gone Istio owned is deleted; in the foreground it goes first (recorded: sail S2c, S2d).
 */
export async function collector(context: StandInContext): Promise<void> {
    const { kube, signal } = context;
    const guarded = (work: () => Promise<void>): void => {
        work().catch((error: unknown) => {
            // Somebody else was quicker, or the kind has gone too.
            if (!signal.aborted && !isStatus(error, 404) && !isStatus(error, 409)) {
                context.log(`collector: ${error instanceof Error ? error.message : error}`);
            }
        });
    };
    const ownedBy = (uid: string | undefined): KubeObject[] =>
        [...revisions.objects.values()].filter((revision) =>
            revision.metadata.ownerReferences?.some((owner) => owner.uid === uid),
        );
    const collect = async (uid: string | undefined, propagationPolicy: "Background" | "Foreground") => {
        await context.delay(context.settings().sail.collectDelay);
        for (const revision of ownedBy(uid)) {
            if (!revision.metadata.deletionTimestamp) {
                const preconditions = { uid: revision.metadata.uid };
                await kube.delete(refOf(revision), { propagationPolicy, preconditions });
            }
        }
    };
    /** Its owner may go once nothing that it owned is left. */
    const release = (istio: KubeObject): void => {
        if (isForeground(istio)) {
            guarded(() =>
                ownedBy(istio.metadata.uid).length > 0
                    ? collect(istio.metadata.uid, "Foreground")
                    : removeFinalizer(kube, istio, FOREGROUND),
            );
        }
    };
    const istios = watched(kube, ISTIO, { signal }, (type, istio) => {
        if (type === "DELETED") {
            guarded(() => collect(istio.metadata.uid, "Background"));
        } else {
            release(istio);
        }
    });
    const revisions = watched(kube, REVISION, { signal }, (type, revision) => {
        if (type === "DELETED") {
            [...istios.objects.values()].forEach(release);
        } else {
            finish(revision);
        }
    });
    /** What it installed is gone when the operator has taken its finalizer off. */
    const finish = (object: KubeObject): void => {
        if (isForeground(object) && !hasFinalizer(object)) {
            guarded(() => removeFinalizer(kube, object, FOREGROUND));
        }
    };
    for (const kind of [CNI, TAG] as KindRef[]) {
        watched(kube, kind, { signal }, (type, object) => type !== "DELETED" && finish(object));
    }
}

function isForeground({ metadata }: KubeObject): boolean {
    return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(FOREGROUND) ?? false);
}
