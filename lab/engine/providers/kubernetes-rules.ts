import { type KubeObject } from "../../../kube";
import { type Diff, diffWith, differences, NO_DIFF, pruneLike } from "../plan/diff";
import { hasUnknown, isMap, plain, type Props, UNKNOWN, type Value } from "../values";

/** Set on objects whose name was made up here (pulumi-kubernetes provider/pkg/metadata/annotations.go). */
const AUTONAMED = "pulumi.com/autonamed";
export const SKIP_AWAIT = "pulumi.com/skipAwait";
export const TIMEOUT = "pulumi.com/timeoutSeconds";
export const PROPAGATION = "pulumi.com/deletionPropagationPolicy";
const WAIT_FOR = "pulumi.com/waitFor";

/** What cannot be changed in place, besides name and namespace (pulumi-kubernetes provider/pkg/provider/diff.go). */
const IMMUTABLE: Record<string, string[]> = {
    "v1/ConfigMap": ["data", "binaryData"],
    "v1/Secret": ["type", "data", "stringData"],
    "v1/Service": ["spec.clusterIP"],
    "v1/ResourceQuota": ["spec.scopes"],
    "apps/v1/Deployment": ["spec.selector"],
    "apps/v1/DaemonSet": ["spec.selector"],
    "rbac.authorization.k8s.io/v1/RoleBinding": ["roleRef"],
    "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ["roleRef"],
};

/** Kinds that the real provider waits for after a write, and that nothing here knows how to wait for. */
const AWAITED_ELSEWHERE = new Set([
    "apps/v1/DaemonSet",
    "apps/v1/StatefulSet",
    "batch/v1/Job",
    "networking.k8s.io/v1/Ingress",
    "v1/PersistentVolume",
    "v1/PersistentVolumeClaim",
    "v1/Pod",
    "v1/ReplicationController",
    "v1/ResourceQuota",
]);

export function gvk(object: { apiVersion?: unknown; kind?: unknown }): string {
    return `${object.apiVersion}/${object.kind}`;
}

export function annotation(inputs: Value | undefined, name: string): string | undefined {
    const metadata = isMap(inputs) ? inputs.metadata : undefined;
    const annotations = isMap(metadata) ? metadata.annotations : undefined;
    const value = isMap(annotations) ? annotations[name] : undefined;
    return typeof value === "string" ? value : undefined;
}

/** Errors: what the stand-in engine does not do, by name. */
export function refuse(type: string, inputs: Props): void {
    const name = type.split(":").pop() ?? type;
    const kind = gvk(inputs);
    if (!/^kubernetes:[^:/]+(\/[^:/]+)?:[A-Z][A-Za-z0-9]*$/.test(type) || typeof inputs.apiVersion !== "string") {
        throw new Error(`the stand-in engine does not know the resource type ${type}`);
    }
    if (name.endsWith("Patch")) {
        throw new Error(`the stand-in engine has no patches of objects that others made: ${type}`);
    }
    if (name.endsWith("List")) {
        throw new Error(`lists of objects cannot be created: ${type}`);
    }
    if (annotation(plain(inputs), WAIT_FOR) !== undefined) {
        throw new Error(`the stand-in engine does not read the annotation ${WAIT_FOR} (on a ${inputs.kind})`);
    }
    if (AWAITED_ELSEWHERE.has(kind) && annotation(plain(inputs), SKIP_AWAIT) !== "true") {
        throw new Error(
            `the stand-in engine does not know when a ${inputs.kind} is ready; the annotation ${SKIP_AWAIT}: "true" ` +
                "says not to wait",
        );
    }
}

/**
 * Inputs with a name and, where the kind has one, a namespace. An object without a name keeps the one that was made up
 * for it before. Source: pulumi-kubernetes provider.go, Check.
 */
export function complete(
    inputs: Props,
    old: Props | undefined,
    made: { name: string; namespaced: boolean; suffix: string },
): Props {
    const given = inputs.metadata ?? {};
    if (!isMap(given)) {
        return inputs;
    }
    const metadata: Props = { ...given };
    if (metadata.name === undefined || metadata.name === "") {
        const before = isMap(old?.metadata) && annotation(plain(old), AUTONAMED) ? old.metadata.name : undefined;
        metadata.name = before ?? `${made.name}-${made.suffix}`;
        metadata.annotations = { ...(isMap(metadata.annotations) ? metadata.annotations : {}), [AUTONAMED]: "true" };
    }
    if (made.namespaced && metadata.namespace === undefined) {
        metadata.namespace = "default";
    }
    return { ...inputs, metadata };
}

/**
 * New inputs against what there is. Kinds of Kubernetes itself: against the old inputs, since the API server writes
 * values its own way. Custom resources, as the real provider does for all: against the live object as it was last seen,
 * reduced to what the inputs had, so that what an operator's webhook changed shows.
 */
export function diffObject(old: { inputs: Props; outputs: Props }, wanted: Props): Diff {
    const oldInputs = plain<Props>(old.inputs);
    const before = isBuiltIn(oldInputs) ? oldInputs : (pruneLike(plain(old.outputs), oldInputs) as Props);
    const after = plain<Props>(wanted);
    const found = differences(without(before, "status"), without(after, "status"));
    if (found.length === 0) {
        return NO_DIFF;
    }
    const forced = ["metadata.name", "metadata.namespace", "kind", "apiVersion", ...(IMMUTABLE[gvk(after)] ?? [])];
    // A newer version of the same kind is the same object.
    const sameKind = groupOf(before) === groupOf(after);
    const diff = diffWith(found, sameKind ? forced.filter((f) => f !== "apiVersion") : forced);
    if (after.metadata === UNKNOWN) {
        return { ...diff, replaces: ["metadata"] };
    }
    return { ...diff, deleteBeforeReplace: diff.replaces.length > 0 && keepsItsPlace(before, after) };
}

/** The successor must bear the very name of its predecessor, so that the two cannot stand side by side. */
function keepsItsPlace(before: Props, after: Props): boolean {
    const [old, wanted] = [before.metadata, after.metadata];
    return (
        isMap(old) &&
        isMap(wanted) &&
        !hasUnknown(wanted.name) &&
        annotation(after, AUTONAMED) !== "true" &&
        old.name === wanted.name &&
        old.namespace === wanted.namespace
    );
}

function groupOf(object: Props): string {
    const apiVersion = String(object.apiVersion);
    return apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
}

/** Groups of Kubernetes itself: no dot ("apps", the core group), or below k8s.io. */
export function isBuiltIn(object: Props): boolean {
    const group = groupOf(object);
    return !group.includes(".") || group.endsWith(".k8s.io");
}

function without(object: Props, key: string): Props {
    const { [key]: _, ...rest } = object;
    return rest;
}

export function isObject(value: Props): value is Props & KubeObject {
    return typeof value.apiVersion === "string" && typeof value.kind === "string" && isMap(value.metadata);
}

export function idOf(object: KubeObject): string {
    const { namespace, name } = object.metadata;
    return namespace ? `${namespace}/${name}` : name;
}
