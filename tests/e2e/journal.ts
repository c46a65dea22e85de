import type { KindRef, Kube, KubeObject, WatchEvent } from "../../kube";
import { eventually } from "../lab/wait";
import { isCopy } from "./snapshot";

interface Entry {
    version: number;
    type: WatchEvent;
    object: KubeObject;
}

/** An object, and what must be true of it. */
export interface Moment {
    kind: KindRef;
    name: string;
    is?: (object: KubeObject) => boolean;
}

/**
 * Everything that happens to some kinds, with the version of the cluster at which it happened: one counter for all
 * kinds (etcd's revision), so that it tells what came first where timestamps of a second cannot.
 */
export class Journal {
    private readonly entries: Entry[] = [];
    private readonly stop = new AbortController();

    constructor(kube: Kube, kinds: KindRef[]) {
        for (const kind of kinds) {
            kube.watch(kind, {
                signal: this.stop.signal,
                onEvent: (type, object) => {
                    if (isCopy(object)) {
                        return;
                    }
                    const version = Number(object.metadata.resourceVersion);
                    this.entries.push({ version, type, object: { ...object, ...kind } });
                },
            });
        }
    }

    /** The version at which it was so for the first time. Errors: it never was. */
    first({ kind, name, is = () => true }: Moment): Promise<number> {
        return this.find(`${kind.kind} ${name} as expected`, kind, name, (e) => e.type !== "DELETED" && is(e.object));
    }

    /** The version at which it was gone. Errors: it never went. */
    gone(kind: KindRef, name: string): Promise<number> {
        return this.find(`${kind.kind} ${name} gone`, kind, name, (e) => e.type === "DELETED");
    }

    /** The version at which its end began. Errors: it never did. */
    going(kind: KindRef, name: string): Promise<number> {
        const is = (e: Entry) => e.type === "DELETED" || e.object.metadata.deletionTimestamp !== undefined;
        return this.find(`${kind.kind} ${name} going`, kind, name, is);
    }

    end(): void {
        this.stop.abort();
    }

    private find(what: string, kind: KindRef, name: string, is: (entry: Entry) => boolean): Promise<number> {
        const look = async () => {
            const named = this.entries.filter(
                ({ object }) =>
                    object.kind === kind.kind && object.apiVersion === kind.apiVersion && object.metadata.name === name,
            );
            const found = named.filter(is).map((entry) => entry.version);
            return found.length > 0 ? Math.min(...found) : undefined;
        };
        return eventually(what, look, 30);
    }
}
