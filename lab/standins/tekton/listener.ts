import type { KubeObject, OwnerReference } from "../../../kube";

/** What Tekton Triggers makes for an EventListener: tektoncd/triggers v0.8.1, pkg/reconciler/v1alpha1/eventlistener. */

const PORT = 8080;
const PORT_NAME = "http-listener";

/** The labels of an EventListener go to all that is made for it; Tekton's own win. */
export function generatedLabels(listener: KubeObject): Record<string, string> {
    return { ...listener.metadata.labels, ...selectorLabels(listener) };
}

export function generatedName(listener: KubeObject): string {
    return `el-${listener.metadata.name}`;
}

export function deploymentOf(listener: KubeObject, image: string): KubeObject {
    const labels = generatedLabels(listener);
    const { name, namespace } = listener.metadata;
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: generatedName(listener), namespace, labels, ownerReferences: [ownerOf(listener)] },
        spec: {
            replicas: listener.spec?.replicas ?? 1,
            selector: { matchLabels: selectorLabels(listener) },
            template: {
                metadata: { labels },
                spec: {
                    serviceAccountName: listener.spec?.serviceAccountName,
                    containers: [
                        {
                            name: "event-listener",
                            image,
                            args: ["-el-name", name, "-el-namespace", namespace, "-port", String(PORT)],
                            ports: [{ containerPort: PORT, protocol: "TCP" }],
                        },
                    ],
                },
            },
        },
    };
}

export function serviceOf(listener: KubeObject): KubeObject {
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: {
            name: generatedName(listener),
            namespace: listener.metadata.namespace,
            labels: generatedLabels(listener),
            ownerReferences: [ownerOf(listener)],
        },
        spec: {
            selector: selectorLabels(listener),
            type: listener.spec?.serviceType ?? "ClusterIP",
            ports: [{ name: PORT_NAME, protocol: "TCP", port: PORT, targetPort: PORT }],
        },
    };
}

/** The listener's status; the Deployment's own conditions are passed on. */
export function statusOf(listener: KubeObject, deployment: KubeObject | undefined): object {
    const conditions: { type: string; status: string; reason?: string; message?: string }[] = (
        deployment?.status?.conditions ?? []
    ).filter(({ type }: { type: string }) => type === "Available" || type === "Progressing");
    const available = conditions.find(({ type }) => type === "Available")?.status ?? "False";
    const host = `${generatedName(listener)}.${listener.metadata.namespace}.svc.cluster.local`;
    return {
        address: { url: `http://${host}:${PORT}` },
        configuration: { generatedName: generatedName(listener) },
        conditions: [
            ...conditions.map(({ type, status, reason, message }) => ({ type, status, reason, message })),
            { type: "Deployment", status: "True", reason: "Deployment exists", message: "Deployment exists" },
            { type: "Ready", status: available, message: "EventListener is ready" },
            { type: "Service", status: "True", reason: "Service exists", message: "Service exists" },
        ],
    };
}

function selectorLabels(listener: KubeObject): Record<string, string> {
    return {
        "app.kubernetes.io/managed-by": "EventListener",
        "app.kubernetes.io/part-of": "Triggers",
        eventlistener: listener.metadata.name,
    };
}

function ownerOf(listener: KubeObject): OwnerReference {
    const { name, uid } = listener.metadata;
    const { apiVersion, kind } = listener;
    return { apiVersion, kind, name, uid: uid!, controller: true, blockOwnerDeletion: true };
}
