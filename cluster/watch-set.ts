import { type Kube, KindMissing, KubeError, type KubeObject } from "../kube";
import { called, type GateProblem, type Snapshot, type WatchSpec } from "./verdict";

interface Watched<K extends string> {
    spec: WatchSpec<K>;
    objects: Map<string, KubeObject>;
    /** "reading" until the first whole list is here; "missing" while the kind is not served. */
    state: "reading" | "synced" | "missing";
    error?: Error;
}

/** The watches of one gate and all that they have seen. Calls `changed` once for any number of events of one turn. */
export class WatchSet<K extends string> {
    private readonly watched = new Map<string, Watched<K>>();
    private scheduled = false;

    constructor(
        private readonly kube: Kube,
        private readonly names: readonly K[],
        private readonly signal: AbortSignal,
        private readonly changed: () => void,
    ) {}

    /**
     * Opens those of the watches that are not open yet. Open ones stay: what has gone shows as an object that has gone.
     */
    open(specs: WatchSpec<K>[]): void {
        for (const spec of specs) {
            const key = JSON.stringify(spec);
            if (!this.watched.has(key)) {
                const one: Watched<K> = { spec, objects: new Map(), state: "reading" };
                this.watched.set(key, one);
                this.start(one);
            }
        }
    }

    snapshot(): Snapshot<K> {
        const seen = Object.fromEntries(this.names.map((n) => [n, [] as KubeObject[]])) as Snapshot<K>;
        for (const { spec, objects } of this.watched.values()) {
            seen[spec.as].push(...objects.values());
        }
        for (const name of this.names) {
            seen[name].sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
        }
        return seen;
    }

    /** What is still being read for the first time, in words; undefined when everything has been. */
    reading(): string | undefined {
        const open = [...this.watched.values()].filter((w) => w.state === "reading");
        return open.length ? `reading ${open.map((w) => w.spec.kind.kind).join(", ")}` : undefined;
    }

    /** What goes wrong with a watch at the moment and may pass, in words. */
    trouble(): string | undefined {
        const missing = [...this.watched.values()].filter((w) => w.state === "missing").map((w) => w.spec.kind);
        if (missing.length) {
            return missing.map((k) => `${k.apiVersion} ${k.kind} is not served yet`).join(", ");
        }
        return [...this.watched.values()].find((w) => w.error)?.error?.message;
    }

    /** A watch that the account may not open. */
    refused(): Omit<GateProblem, "todo"> | undefined {
        const one = [...this.watched.values()].find(
            (w) => w.state === "reading" && w.error instanceof KubeError && [401, 403].includes(w.error.status),
        );
        if (!one?.error) {
            return undefined;
        }
        const { kind, namespace, name } = one.spec;
        const object = called(kind.kind, { namespace, name: name ?? "*" });
        return { object, found: "may not be read", expected: "the right to watch it", said: one.error.message };
    }

    private start(one: Watched<K>): void {
        const { kind, namespace, name, labelSelector } = one.spec;
        this.kube.watch(kind, {
            namespace,
            name,
            labelSelector,
            signal: this.signal,
            onEvent: (type, object) => {
                one.error = undefined;
                one.state = one.state === "missing" ? "synced" : one.state;
                if (type === "DELETED") {
                    one.objects.delete(keyOf(object));
                } else {
                    one.objects.set(keyOf(object), object);
                }
                this.schedule();
            },
            onSynced: () => {
                one.error = undefined;
                one.state = "synced";
                this.schedule();
            },
            onError: (error) => {
                one.error = error;
                if (error instanceof KindMissing) {
                    one.state = "missing";
                    one.error = undefined;
                }
                this.schedule();
            },
        });
    }

    private schedule(): void {
        if (!this.scheduled) {
            this.scheduled = true;
            setImmediate(() => {
                this.scheduled = false;
                this.changed();
            });
        }
    }
}

function keyOf(object: KubeObject): string {
    return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
