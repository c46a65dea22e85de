import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { KindMissing, KubeError } from "./errors";
import type { KubeObject } from "./objects";

export type WatchEvent = "ADDED" | "MODIFIED" | "DELETED";

export interface WatchOptions {
    namespace?: string;
    /** Only the object of this name. */
    name?: string;
    labelSelector?: string;
    signal: AbortSignal;
    onEvent(type: WatchEvent, object: KubeObject): void;
    /** The first whole list has been delivered. */
    onSynced?(): void;
    /** Something went wrong and is being retried: the kind is not served yet, the connection broke, access is denied. */
    onError?(error: Error): void;
}

export interface WatchSource {
    list(): Promise<{ items: KubeObject[]; resourceVersion: string }>;
    stream(resourceVersion: string): Promise<IncomingMessage>;
}

const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** The API server has forgotten this version: list again (Kubernetes API concepts, "410 Gone"). */
export class Expired extends Error {}

/**
 * Keeps a reader's picture of some objects true until the signal aborts: list, watch from there, list again when the
 * version has expired, and then deliver only the difference. Failures are reported and retried with growing pauses.
 */
export async function runWatch(source: WatchSource, options: WatchOptions): Promise<void> {
    const seen = new Map<string, KubeObject>();
    let synced = false;
    let pause = SHORTEST_PAUSE_MS;
    let version: string | undefined;
    while (!options.signal.aborted) {
        try {
            if (version === undefined) {
                const { items, resourceVersion } = await source.list();
                deliverDifference(seen, items, options);
                version = resourceVersion;
                if (!synced) {
                    synced = true;
                    options.onSynced?.();
                }
            }
            version = await follow(await source.stream(version), version, seen, options);
            pause = SHORTEST_PAUSE_MS;
        } catch (error) {
            if (options.signal.aborted) {
                return;
            }
            version = undefined;
            if (!(error instanceof Expired)) {
                if (error instanceof KindMissing) {
                    // Objects go with their kind.
                    deliverDifference(seen, [], options);
                }
                options.onError?.(error as Error);
                await sleep(pause, undefined, { signal: options.signal }).catch(() => undefined);
                pause = Math.min(pause * 2, error instanceof KindMissing ? 1_000 : LONGEST_PAUSE_MS);
            }
        }
    }
}

/** Reads one watch connection to its end and returns the version to go on from. */
async function follow(
    stream: IncomingMessage,
    from: string,
    seen: Map<string, KubeObject>,
    options: WatchOptions,
): Promise<string> {
    let version = from;
    // A connection that breaks just ends here; the next one goes on from the last version seen.
    stream.on("error", () => undefined);
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
        if (line === "") {
            continue;
        }
        const { type, object } = JSON.parse(line);
        if (options.signal.aborted) {
            return version;
        }
        if (type === "ERROR") {
            throw object.code === 410
                ? new Expired()
                : new KubeError(object.code, object.reason, object.message, object);
        }
        version = object.metadata.resourceVersion;
        if (type !== "BOOKMARK") {
            remember(seen, type, object);
            options.onEvent(type, object);
        }
    }
    return version;
}

function deliverDifference(seen: Map<string, KubeObject>, items: KubeObject[], options: WatchOptions): void {
    const present = new Set(items.map(keyOf));
    for (const [key, object] of [...seen]) {
        if (!present.has(key)) {
            seen.delete(key);
            options.onEvent("DELETED", object);
        }
    }
    for (const object of items) {
        const before = seen.get(keyOf(object));
        if (before?.metadata.resourceVersion !== object.metadata.resourceVersion) {
            seen.set(keyOf(object), object);
            options.onEvent(before ? "MODIFIED" : "ADDED", object);
        }
    }
}

function remember(seen: Map<string, KubeObject>, type: WatchEvent, object: KubeObject): void {
    if (type === "DELETED") {
        seen.delete(keyOf(object));
    } else {
        seen.set(keyOf(object), object);
    }
}

function keyOf(object: KubeObject): string {
    return object.metadata.uid ?? `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
