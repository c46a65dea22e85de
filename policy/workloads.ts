import { type Declared, isKind } from "./rule";
import { EACH, every, find, type Found, get, type Maybe, same, some, type Step, UNKNOWN } from "./values";

/** By this, a pod asks for its sidecar: an annotation in generation 1.1, a label since. */
const INJECT = "sidecar.istio.io/inject";

/** Kinds with a pod in them, and where: groups in the order of their age. */
const PODS: [group: string, kinds: string[], path: string[]][] = [
    ["core", ["Pod"], []],
    ["core", ["ReplicationController"], ["spec", "template"]],
    ["apps", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"], ["spec", "template"]],
    ["apps.openshift.io", ["DeploymentConfig"], ["spec", "template"]],
    ["batch", ["Job"], ["spec", "template"]],
    ["batch", ["CronJob"], ["spec", "jobTemplate", "spec", "template"]],
];

/** Where the pod of a resource is; undefined for what has none. */
export function podPath(resource: Declared): string[] | undefined {
    return PODS.find(([group, kinds]) => isKind(resource, group, ...kinds))?.[2];
}

/** Values below each container of a resource's pod, those that prepare it included or not. */
export function inContainers(resource: Declared, which: "all" | "lasting", ...below: string[]): Found[] {
    const path = podPath(resource);
    const lists = which === "all" ? ["initContainers", "containers"] : ["containers"];
    return path === undefined
        ? []
        : lists.flatMap((list) => find(resource.props, ...([...path, "spec", list, EACH, ...below] as Step[])));
}

/** A workload whose pods have a sidecar: deployed by this stack, or somebody else's that this stack asks one for. */
export interface Meshed {
    resource: Declared;
    /** UNKNOWN where that is not known yet. */
    namespace: unknown;
    name: unknown;
    /** The labels of its pods. UNKNOWN where they are somebody else's. */
    labels: unknown;
    /** Whether it really asks for one. */
    asks: Maybe;
}

/** The workloads of the mesh; its gateways, which are sidecars alone, are none. */
export function meshedWorkloads(resources: readonly Declared[]): Meshed[] {
    return resources.flatMap((resource) => deployed(resource) ?? takenOver(resource) ?? []);
}

function deployed(resource: Declared): Meshed | undefined {
    const path = podPath(resource);
    if (path === undefined) {
        return undefined;
    }
    const asks = asksForSidecar(resource, path);
    return asks === false
        ? undefined
        : {
              resource,
              namespace: get(resource.props, "metadata", "namespace"),
              name: get(resource.props, "metadata", "name"),
              labels: get(resource.props, ...path, "metadata", "labels"),
              asks,
          };
}

/** Whether pods of a resource that are not a gateway's get a sidecar. */
export function asksForSidecar(resource: Declared, path = podPath(resource)): Maybe {
    if (path === undefined) {
        return false;
    }
    const of = (where: string, key: string) => get(resource.props, ...path, "metadata", where, key);
    const templates = of("annotations", "inject.istio.io/templates");
    const noGateway = templates === UNKNOWN ? UNKNOWN : !/\bgateway\b/.test(String(templates));
    return every([
        some([of("labels", INJECT), of("annotations", INJECT)].map((value) => same(value, "true"))),
        noGateway,
    ]);
}

/** A patch on somebody else's pod template. */
function takenOver({ props, ...resource }: Declared): Meshed | undefined {
    const path = get(props, "path");
    return resource.type.endsWith(":ObjectPatch") && Array.isArray(path) && path.at(-1) === INJECT
        ? {
              resource: { props, ...resource },
              namespace: get(props, "namespace"),
              name: get(props, "name"),
              labels: UNKNOWN,
              asks: same(get(props, "value"), "true"),
          }
        : undefined;
}
