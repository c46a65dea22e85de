import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import type { KubeObject } from "../../../../kube";
import { all } from "../host";
import type { Cluster } from "./cluster";
import type { Istiod } from "./istiods";
import { type MadeKind, OPTIONAL } from "./objects";

/** The keys that a ConfigMap may have, by the kind that each is laid over (applyOverlay in deploymentcontroller.go). */
const KEYS: Record<MadeKind, string> = {
    Deployment: "deployment",
    Service: "service",
    ServiceAccount: "serviceAccount",
    HorizontalPodAutoscaler: "horizontalPodAutoscaler",
    PodDisruptionBudget: "podDisruptionBudget",
};

const CLASS_DEFAULTS = "gateway.istio.io/defaults-for-class";

/** The release of Istio from which on it looks at ConfigMaps. */
const SINCE_MINOR = 26;

/** Strategic merge: the lists whose items have a name, by where they are; all others are replaced as a whole. */
const ITEM_KEYS: [path: RegExp, key: string][] = [
    [/\.(containers|initContainers|volumes|env|imagePullSecrets)$/, "name"],
    [/containers\.ports$/, "containerPort"],
    [/^spec\.ports$/, "port"],
    [/\.volumeMounts$/, "mountPath"],
    [/\.topologySpreadConstraints$/, "topologyKey"],
    [/\.hostAliases$/, "ip"],
];

/** What stands in the ConfigMaps that speak of a Gateway: its class's and then its own. Errors: istiod's own words. */
export function overlaysOf(cluster: Cluster, { namespace, version }: Istiod, gateway: KubeObject): object[] {
    if (version[1] < SINCE_MINOR) {
        return [];
    }
    const oldest = all(cluster.configMaps)
        .filter(({ metadata }) => metadata.namespace === namespace)
        .filter(({ metadata }) => metadata.labels?.[CLASS_DEFAULTS] === gateway.spec.gatewayClassName)
        .sort((a, b) => ((a.metadata.creationTimestamp ?? "") < (b.metadata.creationTimestamp ?? "") ? -1 : 1))[0];
    const named = gateway.spec.infrastructure?.parametersRef;
    return [...(oldest ? [oldest.data ?? {}] : []), ...(named ? [parameters(cluster, gateway, named)] : [])];
}

function parameters({ configMaps }: Cluster, { metadata }: KubeObject, { group = "", kind, name }: any): object {
    if (group !== "" || kind !== "ConfigMap") {
        throw new Error(`invalid parameters: unknown infrastructure parameters type ${group}/${kind}`);
    }
    const key = `${metadata.namespace}/${name}`;
    const found = configMaps.objects.get(key);
    if (!found) {
        throw new Error(`parametersRef targeting configmap "${key}", but configmap does not exist`);
    }
    return found.data ?? {};
}

/**
 * An object with all that is said of its kind. Undefined for one that is only made when something is said. Errors: a
 * key that means nothing, text that is no YAML, another identity.
 */
export function withOverlays(object: KubeObject, overlays: Record<string, string>[]): KubeObject | undefined {
    const unknown = overlays.flatMap(Object.keys).find((key) => !Object.values(KEYS).includes(key));
    if (unknown !== undefined) {
        const supported = Object.values(KEYS).sort().join(" ");
        throw new Error(`unsupported overlay "${unknown}" (supported: [${supported}])`);
    }
    const kind = object.kind as MadeKind;
    const said = overlays.flatMap((each) => each[KEYS[kind]] ?? []);
    if (said.length === 0 && OPTIONAL.includes(kind)) {
        return undefined;
    }
    const result = said.reduce((base, text) => strategicMerge(base, parse(text) ?? {}, "") as KubeObject, object);
    const identity = ({ metadata: { name, namespace, ownerReferences, finalizers } }: KubeObject) => ({
        name,
        namespace,
        ownerReferences,
        finalizers,
    });
    if (!isDeepStrictEqual(identity(result), identity(object))) {
        throw new Error("illegal metadata change");
    }
    return result;
}

/** Maps key by key, null takes away; lists by ITEM_KEYS. Errors: directives, which a lab does not know. */
function strategicMerge(base: unknown, patch: unknown, path: string): unknown {
    if (Array.isArray(patch) && Array.isArray(base)) {
        const key = ITEM_KEYS.find(([where]) => where.test(path))?.[1];
        return key === undefined ? patch : mergedItems(base, patch, key, path);
    }
    if (!isMap(patch) || !isMap(base)) {
        return patch;
    }
    const merged: Record<string, unknown> = { ...base };
    for (const [key, value] of Object.entries(patch)) {
        if (key.startsWith("$")) {
            throw new Error(`strategic merge patch failed: ${key} is not modelled in this lab`);
        }
        if (value === null) {
            delete merged[key];
        } else {
            merged[key] = strategicMerge(merged[key], value, path === "" ? key : `${path}.${key}`);
        }
    }
    return merged;
}

function mergedItems(base: unknown[], patch: unknown[], key: string, path: string): unknown[] {
    const nameOf = (item: unknown): unknown => (isMap(item) ? item[key] : undefined);
    const changed = base.map((item) => {
        const own = patch.find((each) => nameOf(each) !== undefined && nameOf(each) === nameOf(item));
        return own === undefined ? item : strategicMerge(item, own, path);
    });
    const added = patch.filter((each) => !base.some((item) => nameOf(item) === nameOf(each)));
    return [...added, ...changed];
}

function isMap(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
