import type { KubeObject } from "../../../../kube";
import type { StandInContext } from "../../types";
import { CONTROL_PLANE } from "../common/names";
import { isReady } from "../common/running";
import { type Store, watched } from "../common/store";
import { REVISION } from "./names";

/** The pods of istiod, by the namespace of their control plane: an istiod does its work while one of them is Ready. */
export class Istiods {
    private readonly pods: Store;
    private readonly listeners: (() => void)[] = [];
    /** Resolves when they are known. */
    readonly synced: Promise<void>;

    constructor({ kube, signal }: StandInContext) {
        const labelSelector = `app=istiod,${CONTROL_PLANE}`;
        this.pods = watched(kube, { apiVersion: "v1", kind: "Pod" }, { labelSelector, signal }, () =>
            this.listeners.forEach((listener) => listener()),
        );
        this.synced = this.pods.synced;
    }

    onChange(listener: () => void): void {
        this.listeners.push(listener);
    }

    /** Of this control plane, or of whichever is in the namespace. */
    isReady(namespace: string, revision?: string): boolean {
        return this.all().some(
            (pod) =>
                pod.metadata.namespace === namespace &&
                (revision === undefined || pod.metadata.labels?.[REVISION] === revision) &&
                isReady(pod),
        );
    }

    private all(): KubeObject[] {
        return [...this.pods.objects.values()];
    }
}
