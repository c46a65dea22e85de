import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { KindRef, Kube, KubeObject, WatchEvent } from "../../../kube";

/** A change of an object, with what it was before. */
export interface Entry {
    event: WatchEvent;
    object: KubeObject;
    before?: KubeObject;
}

const POLL_MS = 10;

/** What happened to some kinds of objects, in the cluster's own order: all watches together, by resource version. */
export class Journal {
    private readonly entries: Entry[] = [];
    private readonly stop = new AbortController();

    private constructor() {
        // One listener a watch, and there are many.
        setMaxListeners(0, this.stop.signal);
    }

    static async of(kube: Kube, kinds: KindRef[], concerns: (object: KubeObject) => boolean): Promise<Journal> {
        const journal = new Journal();
        await Promise.all(kinds.map((kind) => journal.follow(kube, kind, concerns)));
        return journal;
    }

    /** Everything since the last call, oldest first. */
    take(): Entry[] {
        return this.entries.splice(0).sort((a, b) => version(a) - version(b));
    }

    /** Resolves when an entry that meets this is there, now or before. Errors: none came in time. */
    async until(what: string, met: (entry: Entry) => boolean, milliseconds = 20_000): Promise<void> {
        const end = Date.now() + milliseconds;
        while (!this.entries.some(met)) {
            if (Date.now() > end) {
                throw new Error(`waited ${milliseconds / 1_000} s in vain for: ${what}`);
            }
            await sleep(POLL_MS);
        }
    }

    /** Resolves when nothing has happened for a while: watches deliver one after the other. */
    async rest(milliseconds = 250): Promise<void> {
        let count = -1;
        while (count !== this.entries.length) {
            count = this.entries.length;
            await sleep(milliseconds);
        }
    }

    end(): void {
        this.stop.abort();
    }

    private follow(kube: Kube, kind: KindRef, concerns: (object: KubeObject) => boolean): Promise<void> {
        const last = new Map<string, KubeObject>();
        return new Promise((resolve) => {
            const { signal } = this.stop;
            kube.watch(kind, {
                signal,
                onSynced: resolve,
                onError: () => resolve(),
                onEvent: (event, object) => {
                    const whole = { ...object, ...kind };
                    const id = object.metadata.uid ?? "";
                    if (concerns(whole)) {
                        this.entries.push({ event, object: whole, before: last.get(id) });
                    }
                    last.set(id, whole);
                },
            });
        });
    }
}

function version({ object }: Entry): number {
    return Number(object.metadata.resourceVersion);
}
