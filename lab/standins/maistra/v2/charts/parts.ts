import type { KubeObject } from "../../../../../kube";
import { CONTROL_PLANE } from "../../common/names";
import { type Labels, namespaced, networkPolicy, object } from "../../common/objects";
import type { Spec } from "../applied-spec";
import { REVISION } from "../names";

export * from "../../common/objects";

/** One control plane, as its charts see it. */
export interface Mesh {
    namespace: string;
    name: string;
    applied: Spec;
    /** The version of its charts: 2.5.1. */
    charts: string;
    /** Namespaces that were configured when it was rendered; Prometheus looks at these. */
    members: string[];
}

export const DESTINATION_RULE = { apiVersion: "networking.istio.io/v1beta1", kind: "DestinationRule" };
export const PEER_AUTHENTICATION = { apiVersion: "security.istio.io/v1beta1", kind: "PeerAuthentication" };

/** The labels that the charts give; `revised`: with the control plane's name as its revision. */
export function chartLabels(mesh: Mesh, own: Labels, revised = false): Labels {
    const revision: Labels = revised ? { [REVISION]: mesh.name } : {};
    return { ...own, "maistra-version": mesh.charts, release: "istio", ...revision };
}

/** None when spec.security.manageNetworkPolicy is false. */
export function managedPolicies(
    mesh: Mesh,
    policies: { name: string; labels: Labels; pods?: Labels; ingress: object; internal?: boolean }[],
): KubeObject[] {
    return mesh.applied.security?.manageNetworkPolicy === false
        ? []
        : policies.map(({ name, labels, ...policy }) => networkPolicy(mesh, name, labels, policy));
}

export interface Workload {
    name: string;
    namespace?: string;
    labels: Labels;
    /** Identify its pods: the selector. */
    pods: Labels;
    podLabels?: Labels;
    podAnnotations?: Labels;
    account: string;
    containers: object[];
    /** Not said when an autoscaler decides. */
    replicas?: number;
}

export function deployment(mesh: Mesh, of: Workload): KubeObject {
    const { name, labels, pods, account, containers, podAnnotations: annotations, replicas } = of;
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace: of.namespace ?? mesh.namespace, labels },
        spec: {
            replicas,
            selector: { matchLabels: pods },
            strategy: { rollingUpdate: { maxSurge: "100%", maxUnavailable: "25%" } },
            template: {
                metadata: { labels: { ...pods, [CONTROL_PLANE]: mesh.namespace, ...of.podLabels }, annotations },
                spec: { serviceAccountName: account, containers },
            },
        },
    };
}

export function autoscaler(of: KubeObject, scaling: Spec): KubeObject {
    const { name, namespace, labels = {} } = of.metadata;
    const averageUtilization = scaling.targetCPUUtilizationPercentage ?? 80;
    return {
        ...object("autoscaling/v2", "HorizontalPodAutoscaler", name, labels, {
            spec: {
                scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
                minReplicas: scaling.minReplicas ?? 1,
                maxReplicas: scaling.maxReplicas ?? 5,
                metrics: [
                    {
                        type: "Resource",
                        resource: { name: "cpu", target: { type: "Utilization", averageUtilization } },
                    },
                ],
            },
        }),
        metadata: { name, namespace, labels },
    };
}

/** A role in the control plane's namespace, bound to a ServiceAccount there. */
export function role(mesh: Mesh, name: string, labels: Labels, rules: object[]): KubeObject {
    return namespaced(mesh, object("rbac.authorization.k8s.io/v1", "Role", name, labels, { rules }));
}

/** Image and resources that runtime.components and runtime.defaults say. */
export function runtimeOf(mesh: Mesh, component: string): { image: string; resources: object } {
    const { components = {}, defaults = {} } = mesh.applied.runtime ?? {};
    const own = components[component]?.container ?? {};
    const { imageRegistry, imageTag } = { ...defaults.container, ...own };
    const image: string = own.imageName ?? `${component}-rhel8`;
    return {
        image: image.includes("/") ? image : `${imageRegistry}/${image}:${imageTag}`,
        resources: own.resources ?? defaults.container?.resources ?? {},
    };
}
