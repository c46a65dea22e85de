import { type Kube, KindMissing, type KindRef, type KubeObject, type Ref, type WatchOptions } from "../../../kube";

interface Watcher {
    kind: KindRef;
    options: WatchOptions;
}

/** An API server in memory: just as much of it as gates and looks use. */
export class FakeKube {
    readonly server = "https://fake.invalid:6443";
    readonly patches: { ref: Ref; body: object }[] = [];
    readonly reads: string[] = [];
    /** Kinds that are not served, as "apiVersion Kind". */
    readonly missing = new Set<string>();
    /** Called before every read or write; throws what the API server would answer. */
    before: (verb: string, kind: KindRef & { namespace?: string; name?: string }) => void = () => undefined;
    private readonly objects = new Map<string, KubeObject>();
    private readonly watchers = new Set<Watcher>();
    private version = 0;

    /** For what takes a Kube. */
    get kube(): Kube {
        return this as unknown as Kube;
    }

    put(object: KubeObject): void {
        const key = keyOf(object, object.metadata);
        const type = this.objects.has(key) ? "MODIFIED" : "ADDED";
        const metadata = { ...object.metadata, resourceVersion: String(++this.version) };
        this.objects.set(key, { ...object, metadata });
        this.tell(type, { ...object, metadata });
    }

    remove(ref: Ref): void {
        const object = this.objects.get(keyOf(ref, ref));
        if (object && this.objects.delete(keyOf(ref, ref))) {
            this.tell("DELETED", object);
        }
    }

    /** Nothing is there any more, as if it had never been. */
    clear(): void {
        this.objects.clear();
    }

    /** The kind is served from now on; watches that waited for it begin. */
    serve(kind: KindRef): void {
        this.missing.delete(`${kind.apiVersion} ${kind.kind}`);
        for (const watcher of this.watchers) {
            if (sameKind(watcher.kind, kind)) {
                this.begin(watcher);
            }
        }
    }

    /** Every watch of a kind fails, as when a connection breaks. */
    breakWatches(kind: KindRef, error: Error): void {
        for (const watcher of this.watchers) {
            if (sameKind(watcher.kind, kind)) {
                watcher.options.onError?.(error);
            }
        }
    }

    get openWatches(): number {
        return this.watchers.size;
    }

    watch(kind: KindRef, options: WatchOptions): void {
        const watcher = { kind, options };
        this.watchers.add(watcher);
        options.signal.addEventListener("abort", () => this.watchers.delete(watcher));
        setImmediate(() => this.begin(watcher));
    }

    async list(kind: KindRef, o: { namespace?: string; fieldSelector?: string } = {}): Promise<KubeObject[]> {
        this.reads.push(`list ${kind.kind} ${o.namespace ?? "*"}`);
        this.before("list", { ...kind, namespace: o.namespace });
        this.refuseMissing(kind);
        const name = o.fieldSelector?.replace("metadata.name=", "");
        return [...this.objects.values()].filter(
            (x) =>
                sameKind(x, kind) &&
                (o.namespace === undefined || x.metadata.namespace === o.namespace) &&
                (name === undefined || x.metadata.name === name),
        );
    }

    async get(ref: Ref): Promise<KubeObject | undefined> {
        this.reads.push(`get ${ref.kind} ${ref.name}`);
        this.before("get", ref);
        this.refuseMissing(ref);
        return this.objects.get(keyOf(ref, ref));
    }

    async mergePatch(ref: Ref, body: { spec?: object }): Promise<KubeObject> {
        this.before("patch", ref);
        this.patches.push({ ref, body });
        const object = this.objects.get(keyOf(ref, ref)) as KubeObject;
        this.put({ ...object, spec: { ...object.spec, ...body.spec } });
        return object;
    }

    async create(object: KubeObject, options: { dryRun?: boolean } = {}): Promise<KubeObject> {
        this.before("create", { ...object, ...object.metadata });
        if (!options.dryRun) {
            this.put(object);
        }
        return object;
    }

    async groupVersions(): Promise<string[]> {
        this.before("get", { apiVersion: "", kind: "groupVersions" });
        const versions = [...this.objects.values()].map((o) => o.apiVersion);
        return [...new Set(["v1", "apps/v1", ...this.served, ...versions])];
    }

    /** Group versions that are served although nothing of them is there. */
    served: string[] = [];

    private begin({ kind, options }: Watcher): void {
        if (options.signal.aborted) {
            return;
        }
        try {
            this.before("watch", { ...kind, namespace: options.namespace });
            this.refuseMissing(kind);
        } catch (error) {
            options.onError?.(error as Error);
            return;
        }
        for (const object of this.objects.values()) {
            if (sees({ kind, options }, object)) {
                options.onEvent("ADDED", object);
            }
        }
        options.onSynced?.();
    }

    private tell(type: "ADDED" | "MODIFIED" | "DELETED", object: KubeObject): void {
        for (const watcher of this.watchers) {
            if (sees(watcher, object)) {
                watcher.options.onEvent(type, object);
            }
        }
    }

    private refuseMissing({ apiVersion, kind }: KindRef): void {
        if (this.missing.has(`${apiVersion} ${kind}`)) {
            throw new KindMissing(apiVersion, kind);
        }
    }
}

function sameKind(a: KindRef, b: KindRef): boolean {
    return a.apiVersion === b.apiVersion && a.kind === b.kind;
}

function sees({ kind, options }: Watcher, object: KubeObject): boolean {
    const labels = object.metadata.labels ?? {};
    const selected = (options.labelSelector ?? "")
        .split(",")
        .filter(Boolean)
        .every((s) => (s.startsWith("!") ? !(s.slice(1) in labels) : labels[s.split("=")[0]] === s.split("=")[1]));
    return (
        sameKind(kind, object) &&
        selected &&
        (options.namespace === undefined || options.namespace === object.metadata.namespace) &&
        (options.name === undefined || options.name === object.metadata.name)
    );
}

function keyOf({ apiVersion, kind }: KindRef, { namespace, name }: { namespace?: string; name: string }): string {
    return `${apiVersion} ${kind} ${namespace ?? ""}/${name}`;
}
