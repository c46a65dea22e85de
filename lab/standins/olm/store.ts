import { type KindRef, type Kube, KubeError, type KubeObject, type Ref, refOf, isStatus } from "../../../kube";

export interface Change {
    type: "ADDED" | "MODIFIED" | "DELETED";
    object: KubeObject;
    /** What the watch delivered before it, not what we wrote meanwhile. */
    before?: KubeObject;
}

/**
 * The objects of one kind as a watch delivers them, and as our own writes returned them: whichever is newer, so that a
 * write is never followed by a decision on what was there before it.
 */
export class Store {
    private readonly objects = new Map<string, KubeObject>();
    private readonly writers = new Map<string, Promise<unknown>>();

    constructor(
        private readonly kube: Kube,
        readonly kind: KindRef,
    ) {}

    /** Resolves once the first whole list is there; listeners hear of every change, our own included. */
    watch(signal: AbortSignal, onChange: (change: Change) => void, labelSelector?: string): Promise<void> {
        const delivered = new Map<string, KubeObject>();
        return new Promise((resolve) => {
            signal.addEventListener("abort", () => resolve(), { once: true });
            this.kube.watch(this.kind, {
                signal,
                labelSelector,
                onEvent: (type, object) => {
                    const before = delivered.get(keyOf(object));
                    if (type === "DELETED") {
                        delivered.delete(keyOf(object));
                        this.forget(object);
                    } else {
                        delivered.set(keyOf(object), object);
                        this.remember(object);
                    }
                    onChange({ type, object, before });
                },
                onSynced: resolve,
            });
        });
    }

    get(namespace: string | undefined, name: string): KubeObject | undefined {
        return this.objects.get(`${namespace ?? ""}/${name}`);
    }

    all(namespace?: string): KubeObject[] {
        const all = [...this.objects.values()];
        return namespace === undefined ? all : all.filter((o) => o.metadata.namespace === namespace);
    }

    /** Creates it; an object of that name that is there already is returned as it is. */
    async create(object: KubeObject): Promise<{ object: KubeObject; created: boolean }> {
        try {
            return { object: this.remember(await this.kube.create(object)), created: true };
        } catch (error) {
            const present = isStatus(error, 409) ? await this.kube.get(refOf(object)) : undefined;
            if (!present) {
                throw error;
            }
            return { object: this.remember(present), created: false };
        }
    }

    /**
     * Changes the status of an object as `change` says, one writer at a time; no request when it changes nothing.
     * Undefined when the object is gone.
     */
    updateStatus(ref: Omit<Ref, keyof KindRef>, change: (object: KubeObject) => any): Promise<KubeObject | undefined> {
        return this.update(ref, (object) => ({ ...object, status: change(object) }), true);
    }

    /** The same for everything but the status. */
    update(
        ref: Omit<Ref, keyof KindRef>,
        change: (object: KubeObject) => KubeObject | undefined,
        status = false,
    ): Promise<KubeObject | undefined> {
        const key = `${ref.namespace ?? ""}/${ref.name}`;
        const turn = (this.writers.get(key) ?? Promise.resolve()).then(() => this.write(ref, change, status));
        this.writers.set(
            key,
            turn.catch(() => undefined),
        );
        return turn;
    }

    private async write(
        ref: Omit<Ref, keyof KindRef>,
        change: (object: KubeObject) => KubeObject | undefined,
        status: boolean,
    ): Promise<KubeObject | undefined> {
        let current = this.get(ref.namespace, ref.name) ?? (await this.kube.get({ ...this.kind, ...ref }));
        for (let attempt = 0; current && attempt < 10; attempt++) {
            const next = change(structuredClone(current));
            if (!next || JSON.stringify(next) === JSON.stringify(current)) {
                return current;
            }
            try {
                return this.remember(await (status ? this.kube.replaceStatus(next) : this.kube.replace(next)));
            } catch (error) {
                if (!(error instanceof KubeError) || ![404, 409].includes(error.status)) {
                    throw error;
                }
                current = await this.kube.get({ ...this.kind, ...ref });
            }
        }
        if (current) {
            throw new Error(`${this.kind.kind} ${ref.name} changes faster than it can be written`);
        }
        return undefined;
    }

    private forget(object: KubeObject): void {
        if (this.objects.get(keyOf(object))?.metadata.uid === object.metadata.uid) {
            this.objects.delete(keyOf(object));
        }
    }

    private remember(object: KubeObject): KubeObject {
        if (object.metadata.deletionTimestamp && !object.metadata.finalizers?.length) {
            // Taking the last finalizer away was its end.
            this.forget(object);
            return object;
        }
        const present = this.objects.get(keyOf(object));
        if (!present || Number(object.metadata.resourceVersion) >= Number(present.metadata.resourceVersion)) {
            this.objects.set(keyOf(object), object);
        }
        return object;
    }
}

export function keyOf(object: KubeObject): string {
    return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}

/** The namespace and the name of a key. */
export function splitKey(key: string): { namespace: string | undefined; name: string } {
    const [namespace, name] = key.split("/");
    return { namespace: namespace || undefined, name };
}
