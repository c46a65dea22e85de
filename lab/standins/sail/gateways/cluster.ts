import { type KindRef, type KubeObject, refOf } from "../../../../kube";
import { GATEWAY, GATEWAY_CLASS, HTTP_ROUTE, MANAGED_LABEL } from "../../../gateway-api/names";
import { type Store, watched } from "../../maistra/common/store";
import type { StandInContext } from "../../types";
import { MUTATING, REVISION, VALIDATING } from "../names";

/** The kinds that istiod makes for a Gateway. */
const MADE: KindRef[] = [
    { apiVersion: "v1", kind: "ServiceAccount" },
    { apiVersion: "apps/v1", kind: "Deployment" },
    { apiVersion: "v1", kind: "Service" },
    { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" },
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget" },
];

/** What the gateway controllers watch. */
export interface Cluster {
    context: StandInContext;
    gateways: Store;
    classes: Store;
    routes: Store;
    namespaces: Store;
    services: Store;
    slices: Store;
    secrets: Store;
    configMaps: Store;
    /** Pods of istiods. */
    pods: Store;
    revisions: Store;
    /** Webhook configurations of tags, and the one that says which revision is the default. */
    tags: Store;
    validators: Store;
    /** What was made for a Gateway, by kind. */
    made: Map<string, Store>;
}

/** Begins to watch; `changed` hears of each change. */
export function watchCluster(context: StandInContext, changed: () => void): Cluster {
    const { kube, signal } = context;
    const follow = (kind: KindRef, labelSelector?: string): Store =>
        watched(kube, kind, { signal, labelSelector }, changed);
    return {
        context,
        gateways: follow(GATEWAY),
        classes: follow(GATEWAY_CLASS),
        routes: follow(HTTP_ROUTE),
        namespaces: follow({ apiVersion: "v1", kind: "Namespace" }),
        services: follow({ apiVersion: "v1", kind: "Service" }),
        slices: follow({ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" }, "kubernetes.io/service-name"),
        secrets: follow({ apiVersion: "v1", kind: "Secret" }),
        configMaps: follow({ apiVersion: "v1", kind: "ConfigMap" }),
        pods: follow({ apiVersion: "v1", kind: "Pod" }, "app=istiod"),
        revisions: follow(REVISION),
        tags: follow(MUTATING, "istio.io/tag"),
        validators: follow(VALIDATING, "app=istiod"),
        made: new Map(MADE.map((kind) => [kind.kind, follow(kind, MANAGED_LABEL.key)])),
    };
}

/** An object of one of the kinds that istiod makes, as the watch has it: undefined for one that it did not make. */
export function madeObject({ made }: Cluster, object: KubeObject): KubeObject | undefined {
    const { kind, namespace, name } = refOf(object);
    return made.get(kind)?.objects.get(`${namespace}/${name}`);
}
