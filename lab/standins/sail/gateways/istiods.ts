import type { KubeObject } from "../../../../kube";
import { concreteVersion } from "../../../crds/sail-versions";
import { controlPlanes } from "../../../dataplane/meshes";
import { isReady } from "../../maistra/common/running";
import { all } from "../host";
import { DEFAULT, REV } from "../names";
import type { Values } from "../values";
import type { Cluster } from "./cluster";

/** A control plane that runs: its gateway controller works. */
export interface Istiod {
    revision: string;
    /** Istio's root namespace. */
    namespace: string;
    /** Of Istio, as [1, 27]. */
    version: [major: number, minor: number];
    values: Values;
    /** Namespaces that its discovery selectors take. */
    namespaces: KubeObject[];
    /** What an object may call it: its revision, and the tags that mean that. */
    names: Set<string>;
    /** Whether it also takes what names no revision. */
    takesUnnamed: boolean;
}

const DEFAULT_VALIDATOR = "istiod-default-validator";
const DEFAULT_TAG = "istio-revision-tag-default";

/** Set to "false", istiod leaves the Gateway API alone. */
const FLAG = "PILOT_ENABLE_GATEWAY_API";

/** Those that have a Ready pod, and look at the Gateway API. */
export function istiods(cluster: Cluster): Istiod[] {
    const pods = all(cluster.pods).filter(isReady);
    const namespaces = all(cluster.namespaces);
    const planes = controlPlanes({ namespaces, controlPlanes: [], rolls: [], revisions: all(cluster.revisions) });
    return all(cluster.revisions)
        .filter(({ spec }) => String(spec.values?.pilot?.env?.[FLAG]) !== "false")
        .filter(({ metadata, spec }) =>
            pods.some(
                (pod) => pod.metadata.labels?.[REV] === metadata.name && pod.metadata.namespace === spec.namespace,
            ),
        )
        .map(({ metadata: { name }, spec }) => {
            const known = planes.find(({ revision }) => revision === name)?.namespaces;
            const names = new Set([name, ...tagsOf(cluster, name)]);
            return {
                revision: name,
                namespace: spec.namespace,
                version: minorOf(spec.version),
                values: spec.values ?? {},
                namespaces: namespaces.filter(({ metadata }) => known?.has(metadata.name)),
                names,
                takesUnnamed: names.has(DEFAULT) || isDefault(cluster, name),
            };
        });
}

/** Whether istiod goes by an object: it knows its namespace, and is the one that is named (tag_watcher.go, IsMine). */
export function isOf({ names, namespaces, takesUnnamed }: Istiod, { metadata }: KubeObject): boolean {
    const home = namespaces.find(({ metadata: { name } }) => name === metadata.namespace);
    if (home === undefined) {
        return false;
    }
    const named = metadata.labels?.[REV] ?? home.metadata.labels?.[REV] ?? "";
    return names.has(named) || (named === "" && takesUnnamed);
}

function tagsOf({ tags }: Cluster, revision: string): string[] {
    return all(tags)
        .filter(({ metadata }) => metadata.labels?.[REV] === revision)
        .map(({ metadata }) => metadata.labels?.["istio.io/tag"] ?? "");
}

/** A tag of that name goes before what the validator's configuration says. */
function isDefault({ tags, validators }: Cluster, revision: string): boolean {
    const validator = validators.objects.get(`/${DEFAULT_VALIDATOR}`);
    const tagged = all(tags).some(({ metadata }) => metadata.name === DEFAULT_TAG);
    return validator?.metadata.labels?.[REV] === revision && !tagged;
}

function minorOf(version: string): [number, number] {
    const [major, minor] = concreteVersion(version).replace(/^v/, "").split(".").map(Number);
    return [major, minor];
}
