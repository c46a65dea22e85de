import { isStatus, KindMissing } from "./errors";
import type { KindRef } from "./objects";

export interface Resource {
    kind: string;
    name: string;
    namespaced: boolean;
}

type Get = (path: string) => Promise<any>;

/** The URL prefix of a group version: `/api/v1` or `/apis/<group>/<version>`. */
export function prefixOf(apiVersion: string): string {
    return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** What the API server serves, remembered; a kind that is not found is looked up afresh every time. */
export class Discovery {
    private readonly known = new Map<string, Promise<Resource[]>>();

    constructor(private readonly getJson: Get) {}

    /** The resources of one group version, without subresources; none if it is not served. */
    async resources(apiVersion: string): Promise<Resource[]> {
        try {
            const list = await this.getJson(prefixOf(apiVersion));
            return (list.resources ?? [])
                .filter((r: any) => !r.name.includes("/"))
                .map((r: any) => ({ kind: r.kind, name: r.name, namespaced: r.namespaced }));
        } catch (error) {
            if (isStatus(error, 404)) {
                return [];
            }
            throw error;
        }
    }

    /** Every served "group/version", and "v1". */
    async groupVersions(): Promise<string[]> {
        const groups = (await this.getJson("/apis")).groups ?? [];
        return ["v1", ...groups.flatMap((g: any) => g.versions.map((v: any) => v.groupVersion))];
    }

    /** The next find() asks the API server again. */
    forget(apiVersion: string): void {
        this.known.delete(apiVersion);
    }

    /** Errors: KindMissing when the kind is not served now. */
    async find(ref: KindRef): Promise<Resource> {
        const remembered = (await this.known.get(ref.apiVersion))?.find((r) => r.kind === ref.kind);
        if (remembered) {
            return remembered;
        }
        const fresh = this.resources(ref.apiVersion);
        this.known.set(ref.apiVersion, fresh);
        fresh.catch(() => this.known.delete(ref.apiVersion));
        const found = (await fresh).find((r) => r.kind === ref.kind);
        if (!found) {
            throw new KindMissing(ref.apiVersion, ref.kind);
        }
        return found;
    }
}
