/** What a Kubernetes object looks like on the wire. Nothing is converted: dates are strings, unknown fields stay. */

export interface OwnerReference {
    apiVersion: string;
    kind: string;
    name: string;
    uid: string;
    controller?: boolean;
    blockOwnerDeletion?: boolean;
}

export interface Meta {
    name: string;
    generateName?: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
    ownerReferences?: OwnerReference[];
    managedFields?: unknown[];
}

export interface KubeObject {
    apiVersion: string;
    kind: string;
    metadata: Meta;
    // Specs and statuses are whatever their operator says they are: each reader narrows what it reads.
    [key: string]: any;
}

/** A kind, as an object names it. */
export interface KindRef {
    apiVersion: string;
    kind: string;
}

/** One object. */
export interface Ref extends KindRef {
    namespace?: string;
    name: string;
}

/** The reference of an object that is at hand. */
export function refOf(object: KubeObject): Ref {
    const { apiVersion, kind, metadata } = object;
    return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name };
}
