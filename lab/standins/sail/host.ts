import type { KubeObject } from "../../../kube";
import type { Store } from "../maistra/common/store";
import type { StandInContext } from "../types";
import type { Helm } from "./helm";
import { ValidationError } from "./objects";

/** What the operator's controllers share: what they have watched, and Helm. */
export interface Sail {
    context: StandInContext;
    helm: Helm;
    istios: Store;
    revisions: Store;
    cnis: Store;
    tags: Store;
    namespaces: Store;
    pods: Store;
}

export function all(store: Store): KubeObject[] {
    return [...store.objects.values()];
}

/** Errors: a ValidationError, when what is to be installed has nowhere to go (pkg/validation/namespace.go). */
export async function checkNamespace({ context }: Sail, name: string): Promise<void> {
    const namespace = await context.kube.get({ apiVersion: "v1", kind: "Namespace", name });
    if (!namespace) {
        throw new ValidationError(`namespace "${name}" doesn't exist`);
    }
    if (namespace.metadata.deletionTimestamp) {
        throw new ValidationError(`namespace "${name}" is being deleted`);
    }
}
