import { setTimeout as sleep } from "node:timers/promises";
import { Discovery, prefixOf, type Resource } from "./discovery";
import { isStatus, KindMissing, type KubeError } from "./errors";
import { access, type LoadOptions } from "./kubeconfig";
import { type KindRef, type KubeObject, type Ref, refOf } from "./objects";
import { readAll, Transport } from "./transport";
import { Expired, runWatch, type WatchOptions } from "./watch";

export interface ListOptions {
    namespace?: string;
    labelSelector?: string;
    fieldSelector?: string;
}

export interface WriteOptions {
    dryRun?: boolean;
    fieldManager?: string;
    fieldValidation?: "Strict" | "Warn" | "Ignore";
}

export interface DeleteOptions {
    propagationPolicy?: "Foreground" | "Background" | "Orphan";
    preconditions?: { uid?: string; resourceVersion?: string };
}

interface At {
    namespace?: string;
    name?: string;
    subresource?: string;
}

interface RawOptions {
    query?: Record<string, string | undefined>;
    contentType?: string;
    signal?: AbortSignal;
}

const MERGE_PATCH = "application/merge-patch+json";
const JSON_PATCH = "application/json-patch+json";
const APPLY_PATCH = "application/apply-patch+yaml";

/**
 * A Kubernetes API in plain JSON. Errors: KubeError in the API server's own words, KindMissing for a kind that is not
 * served, Unreachable when there is no answer.
 */
export class Kube {
    private readonly discovery = new Discovery((path) => this.raw("GET", path));

    constructor(private readonly transport: Transport) {}

    /** Errors: an Error in words when there is no usable cluster in the kubeconfig. */
    static load(options: LoadOptions = {}): Kube {
        return new Kube(new Transport(access(options)));
    }

    get server(): string {
        return this.transport.server;
    }

    async raw(method: string, path: string, body?: unknown, options: RawOptions = {}): Promise<any> {
        const response = await this.transport.open({ method, path, body, ...options });
        const text = await readAll(response);
        return text === "" ? undefined : JSON.parse(text);
    }

    resources(apiVersion: string): Promise<Resource[]> {
        return this.discovery.resources(apiVersion);
    }

    groupVersions(): Promise<string[]> {
        return this.discovery.groupVersions();
    }

    /** undefined when there is no such object. */
    async get(ref: Ref): Promise<KubeObject | undefined> {
        try {
            return await this.send("GET", ref, ref);
        } catch (error) {
            if (isStatus(error, 404) && !(error instanceof KindMissing)) {
                return undefined;
            }
            throw error;
        }
    }

    async list(kind: KindRef, options: ListOptions = {}): Promise<KubeObject[]> {
        return (await this.listPage(kind, options)).items;
    }

    /** A whole list (all pages) and the version of the cluster that it shows. */
    async listPage(
        kind: KindRef,
        options: ListOptions & { signal?: AbortSignal } = {},
    ): Promise<{ items: KubeObject[]; resourceVersion: string }> {
        const { namespace, labelSelector, fieldSelector, signal } = options;
        const items: KubeObject[] = [];
        let resourceVersion = "";
        let next: string | undefined;
        do {
            const query = { labelSelector, fieldSelector, limit: "500", continue: next };
            const page = await this.send("GET", kind, { namespace }, undefined, { query, signal });
            // Items of a list carry no kind of their own.
            items.push(...page.items.map((i: object) => ({ ...i, apiVersion: kind.apiVersion, kind: kind.kind })));
            resourceVersion = page.metadata.resourceVersion;
            next = page.metadata.continue || undefined;
        } while (next);
        return { items, resourceVersion };
    }

    async create(object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
        const { namespace } = object.metadata;
        return this.send("POST", object, { namespace }, object, { query: writeQuery(options) });
    }

    async replace(object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
        return this.send("PUT", object, refOf(object), object, { query: writeQuery(options) });
    }

    async replaceStatus(object: KubeObject): Promise<KubeObject> {
        return this.send("PUT", object, { ...refOf(object), subresource: "status" }, object);
    }

    async mergePatch(ref: Ref, body: object, options: WriteOptions = {}): Promise<KubeObject> {
        return this.send("PATCH", ref, ref, body, { contentType: MERGE_PATCH, query: writeQuery(options) });
    }

    async mergePatchStatus(ref: Ref, body: object): Promise<KubeObject> {
        return this.send("PATCH", ref, { ...ref, subresource: "status" }, body, { contentType: MERGE_PATCH });
    }

    async jsonPatch(ref: Ref, operations: object[], options: WriteOptions = {}): Promise<KubeObject> {
        return this.send("PATCH", ref, ref, operations, { contentType: JSON_PATCH, query: writeQuery(options) });
    }

    /** Server-side apply. */
    async apply(
        object: KubeObject,
        options: WriteOptions & { fieldManager: string; force?: boolean },
    ): Promise<KubeObject> {
        const query = { ...writeQuery(options), force: options.force ? "true" : undefined };
        return this.send("PATCH", object, refOf(object), object, { contentType: APPLY_PATCH, query });
    }

    /** False when there was no such object. */
    async delete(ref: Ref, options: DeleteOptions = {}): Promise<boolean> {
        try {
            await this.send("DELETE", ref, ref, { apiVersion: "v1", kind: "DeleteOptions", ...options });
            return true;
        } catch (error) {
            if (isStatus(error, 404)) {
                return false;
            }
            throw error;
        }
    }

    /** Lists, then watches, until the signal aborts; see WatchOptions. */
    watch(kind: KindRef, options: WatchOptions): void {
        const source = {
            list: () => this.listFor(kind, options),
            stream: async (resourceVersion: string) => {
                if (resourceVersion === BY_NAME) {
                    await sleep(ASK_AGAIN_MS, undefined, { signal: options.signal });
                    throw new Expired();
                }
                const path = await this.path(kind, { namespace: options.namespace });
                const { labelSelector, fieldSelector } = selectors(options);
                const query = {
                    labelSelector,
                    fieldSelector,
                    resourceVersion,
                    watch: "1",
                    allowWatchBookmarks: "true",
                };
                return this.transport.open({ method: "GET", path, query, signal: options.signal, idleTimeout: 0 });
            },
        };
        void runWatch(source, options);
    }

    /**
     * What a watch begins with. Rights within a namespace cover the Namespace itself, but neither listing nor watching it
     * (kubernetes/apiserver, pkg/endpoints/request/requestinfo.go: a list of namespaces is of the whole cluster): who may
     * not is told by its name, and asked again.
     */
    private async listFor(kind: KindRef, options: WatchOptions) {
        try {
            return await this.listPage(kind, selectors(options));
        } catch (error) {
            const { name, namespace } = options;
            if (name === undefined || !isStatus(error, 403)) {
                throw error;
            }
            const found = await this.get({ ...kind, name, namespace });
            return { items: found ? [found] : [], resourceVersion: BY_NAME };
        }
    }

    private async send(method: string, kind: KindRef, at: At, body?: unknown, options?: RawOptions): Promise<any> {
        try {
            return await this.raw(method, await this.path(kind, at), body, options);
        } catch (error) {
            // A missing object is answered with a Status; a path that is no longer served with plain text.
            if (isStatus(error, 404) && (error as KubeError).body === undefined) {
                this.discovery.forget(kind.apiVersion);
                throw new KindMissing(kind.apiVersion, kind.kind);
            }
            throw error;
        }
    }

    private async path(kind: KindRef, at: At): Promise<string> {
        const resource = await this.discovery.find(kind);
        const namespace = resource.namespaced && at.namespace ? `/namespaces/${encodeURIComponent(at.namespace)}` : "";
        const name = at.name === undefined ? "" : `/${encodeURIComponent(at.name)}`;
        const subresource = at.subresource === undefined ? "" : `/${at.subresource}`;
        return `${prefixOf(kind.apiVersion)}${namespace}/${resource.name}${name}${subresource}`;
    }
}

/** In a version's place: there is no watch to go on with. */
const BY_NAME = "by-name";
const ASK_AGAIN_MS = 1_000;

function selectors(options: WatchOptions): ListOptions & { signal: AbortSignal } {
    const fieldSelector = options.name === undefined ? undefined : `metadata.name=${options.name}`;
    const { namespace, labelSelector, signal } = options;
    return { namespace, labelSelector, fieldSelector, signal };
}

function writeQuery(options: WriteOptions): Record<string, string | undefined> {
    const { fieldManager, fieldValidation } = options;
    return { fieldManager, fieldValidation, dryRun: options.dryRun ? "All" : undefined };
}
