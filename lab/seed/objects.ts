import type { KubeObject } from "../../kube";

export function namespace(name: string, labels?: Record<string, string>): KubeObject {
    return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

export function service(namespaceName: string, name: string, port: { name: string; port: number }): KubeObject {
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name, namespace: namespaceName, labels: { app: name } },
        spec: { selector: { app: name }, ports: [{ ...port, targetPort: port.port, protocol: "TCP" }] },
    };
}

export function route(
    namespaceName: string,
    name: string,
    to: string,
    port: string | number,
    host?: string,
): KubeObject {
    return {
        apiVersion: "route.openshift.io/v1",
        kind: "Route",
        metadata: { name, namespace: namespaceName, labels: { app: name } },
        spec: {
            host,
            port: { targetPort: port },
            to: { kind: "Service", name: to, weight: 100 },
            wildcardPolicy: "None",
        },
    };
}

export function deployment(namespaceName: string, name: string, image: string): KubeObject {
    const labels = { app: name };
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace: namespaceName, labels },
        spec: {
            replicas: 1,
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [{ name, image }] } },
        },
    };
}
