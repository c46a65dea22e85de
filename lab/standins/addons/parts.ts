import type { KubeObject } from "../../../kube";

export type Labels = Record<string, string>;

/** A port of a Service: its name, its number, and the name or number of the container's. */
export type Port = [name: string, port: number, targetPort: number | string];

export function account(name: string, labels: Labels): KubeObject {
    return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, labels } };
}

export interface Workload {
    kind?: "Deployment" | "StatefulSet";
    name: string;
    labels: Labels;
    /** Identify its pods: the selector. */
    pods: Labels;
    account: string;
    image: string;
    replicas?: number;
}

/** A workload of one container, whose pods never get a sidecar. */
export function workload({ kind = "Deployment", name, labels, pods, account, image, replicas }: Workload): KubeObject {
    const never = { "sidecar.istio.io/inject": "false" };
    return {
        apiVersion: "apps/v1",
        kind,
        metadata: { name, labels },
        spec: {
            replicas: replicas ?? 1,
            selector: { matchLabels: pods },
            ...(kind === "StatefulSet" ? { serviceName: name } : {}),
            template: {
                metadata: { labels: { ...pods, ...never }, annotations: never },
                spec: { serviceAccountName: account, containers: [{ name: name.split("-").at(-1), image }] },
            },
        },
    };
}

export function service(name: string, labels: Labels, selector: Labels, ports: Port[]): KubeObject {
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name, labels },
        spec: {
            selector,
            ports: ports.map(([own, port, targetPort]) => ({ name: own, port, protocol: "TCP", targetPort })),
        },
    };
}

export function route(
    name: string,
    labels: Labels,
    to: string,
    more: { tls?: object; port?: number | string; host?: string } = {},
): KubeObject {
    const { tls, port, host } = more;
    return {
        apiVersion: "route.openshift.io/v1",
        kind: "Route",
        metadata: { name, labels },
        spec: {
            ...(host ? { host } : {}),
            to: { kind: "Service", name: to, weight: 100 },
            ...(port === undefined ? {} : { port: { targetPort: port } }),
            ...(tls ? { tls } : {}),
            wildcardPolicy: "None",
        },
    };
}
