import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../../kube";

export const FIELD_MANAGER = "lab-engine";

interface ManagedFields {
    manager?: string;
    operation?: string;
    subresource?: string;
    apiVersion?: string;
    fieldsType?: string;
    fieldsV1?: FieldSet;
}

interface FieldSet {
    [field: string]: FieldSet;
}

/** True when this engine wrote the object. */
export function isOurs(live: KubeObject): boolean {
    return ((live.metadata.managedFields ?? []) as ManagedFields[]).some((e) => e.manager === FIELD_MANAGER);
}

/**
 * The JSON patch after which what we wrote with POST counts as ours by server-side apply, so that the next apply can
 * also take fields away. Empty when nothing has to be done.
 * Source: Kubernetes' csaupgrade package, and pulumi-kubernetes await.go, fixCSAFieldManagers.
 */
export function takenOver(live: KubeObject): object[] {
    const entries = (live.metadata.managedFields ?? []) as ManagedFields[];
    const ours = entries.filter((e) => e.manager === FIELD_MANAGER && !e.subresource);
    const posted = ours.filter((e) => e.operation === "Update");
    if (posted.length === 0) {
        return [];
    }
    const applied: ManagedFields = {
        ...posted[0],
        operation: "Apply",
        fieldsV1: ours.map((e) => e.fieldsV1 ?? {}).reduce(union, {}),
    };
    const rest = entries.filter((e) => !ours.includes(e));
    return [
        { op: "test", path: "/metadata/resourceVersion", value: live.metadata.resourceVersion },
        { op: "replace", path: "/metadata/managedFields", value: [...rest, applied] },
    ];
}

function union(a: FieldSet, b: FieldSet): FieldSet {
    const result: FieldSet = { ...a };
    for (const [field, inner] of Object.entries(b)) {
        result[field] = field in a && !isDeepStrictEqual(a[field], inner) ? union(a[field], inner) : inner;
    }
    return result;
}
