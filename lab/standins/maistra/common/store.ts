import type { Kube, KindRef, KubeObject, WatchEvent } from "../../../../kube";
import { keyOf } from "./queue";

export interface Store {
    readonly objects: ReadonlyMap<string, KubeObject>;
    /** Resolves with the first whole list. */
    readonly synced: Promise<void>;
}

/** The objects of a kind as a watch shows them, by "namespace/name"; `changed` hears of each after it is stored. */
export function watched(
    kube: Kube,
    kind: KindRef,
    options: { namespace?: string; labelSelector?: string; signal: AbortSignal },
    changed: (type: WatchEvent, object: KubeObject) => void,
): Store {
    const objects = new Map<string, KubeObject>();
    const synced = new Promise<void>((resolve) => {
        kube.watch(kind, {
            ...options,
            onSynced: resolve,
            onEvent: (type, object) => {
                const key = keyOf(object.metadata.namespace, object.metadata.name);
                if (type === "DELETED") {
                    objects.delete(key);
                } else {
                    objects.set(key, object);
                }
                changed(type, object);
            },
        });
    });
    return { objects, synced };
}
