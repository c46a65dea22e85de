import type { KubeObject } from "../../../../../kube";
import { CONTROL_PLANE } from "../../common/names";
import { type Labels, namespaced, object } from "../../common/objects";
import type { Values } from "../values";

export * from "../../common/objects";

/** One control plane, as its charts see it. */
export interface Mesh {
    namespace: string;
    values: Values;
}

/** The labels that Helm gave to every object of a chart. */
export function chartLabels(chart: string, app: string, extra: Labels = {}): Labels {
    return { app, chart, heritage: "Tiller", "maistra-version": "1.1.7", release: "istio", ...extra };
}

export interface Workload {
    name: string;
    labels: Labels;
    /** Identify its pods: the selector. */
    pods: Labels;
    podAnnotations?: Labels;
    account: string;
    containers: { name: string; image: string; resources?: object; ports?: object[]; env?: object[] }[];
}

/** A Deployment with one replica, whose pods never get a sidecar. */
export function deployment(mesh: Mesh, of: Workload): KubeObject {
    const { name, labels, pods, account, containers } = of;
    const podLabels: Labels = { ...pods, heritage: "Tiller", release: "istio", [CONTROL_PLANE]: mesh.namespace };
    if (labels.chart !== undefined) {
        podLabels.chart = labels.chart;
    }
    const made = object("apps/v1", "Deployment", name, labels, {
        spec: {
            replicas: 1,
            selector: { matchLabels: pods },
            strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
            template: {
                metadata: {
                    labels: podLabels,
                    annotations: { "sidecar.istio.io/inject": "false", ...of.podAnnotations },
                },
                spec: {
                    serviceAccountName: account,
                    containers: containers.map((c) => ({ ...c, resources: withoutNull(c.resources) })),
                },
            },
        },
    });
    return namespaced(mesh, made);
}

/** The template writes "limits:" without a value; the API wants the key left out. */
function withoutNull(resources: object = {}): object {
    return Object.fromEntries(Object.entries(resources).filter(([, value]) => value !== null));
}

export function autoscaler(mesh: Mesh, deploymentName: string, labels: Labels): KubeObject {
    return namespaced(
        mesh,
        object("autoscaling/v1", "HorizontalPodAutoscaler", deploymentName, labels, {
            spec: {
                scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deploymentName },
                minReplicas: 1,
                maxReplicas: 5,
                targetCPUUtilizationPercentage: 80,
            },
        }),
    );
}

export const DESTINATION_RULE = { apiVersion: "networking.istio.io/v1alpha3", kind: "DestinationRule" };
export const MESH_POLICY = { apiVersion: "authentication.maistra.io/v1", kind: "ServiceMeshPolicy" };
export const POLICY = { apiVersion: "authentication.istio.io/v1alpha1", kind: "Policy" };
