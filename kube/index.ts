export { Kube, type DeleteOptions, type ListOptions, type WriteOptions } from "./client";
export { isStatus, KindMissing, KubeError, Unreachable } from "./errors";
export type { LoadOptions } from "./kubeconfig";
export { type KindRef, type KubeObject, type Meta, type OwnerReference, type Ref, refOf } from "./objects";
export type { WatchEvent, WatchOptions } from "./watch";
