import type { KubeObject } from "../../../kube";
import {
    type MeshView,
    type ProxyFiles,
    type Refusal,
    translate,
    type Translation,
    type Workload,
} from "../../../lab/dataplane/translate";

/** The mesh of the tests: the control plane in istio-system, shop and office known to it, elsewhere outside. */
export function view(patch: Partial<MeshView> = {}): MeshView {
    return {
        controlPlane: { name: "test", namespace: "istio-system", retriesOn503: true },
        namespaces: ["istio-system", "shop", "office"],
        gateways: [],
        virtualServices: [],
        destinationRules: [],
        authorizationPolicies: [],
        meshPolicies: [],
        peerAuthentications: [],
        policies: [],
        services: [
            service("shop", "sample"),
            service("shop", "caller"),
            service("istio-system", "istio-ingressgateway", [{ name: "http2", port: 80, targetPort: 8080 }]),
        ],
        workloads: [sample, caller, ingress],
        ...patch,
    };
}

export function workload(namespace: string, pod: string, more: Partial<Workload> = {}): Workload {
    return {
        namespace,
        pod,
        labels: { app: pod },
        serviceAccount: pod,
        address: "127.20.0.9",
        appAddress: "127.20.128.9",
        ports: [8080],
        sidecar: true,
        gateway: false,
        ...more,
    };
}

export const sample = workload("shop", "sample", { address: "127.20.0.1", appAddress: "127.20.128.1" });
export const caller = workload("shop", "caller", { address: "127.20.0.2", appAddress: "127.20.128.2" });
export const ingress = workload("istio-system", "istio-ingressgateway", {
    labels: { app: "istio-ingressgateway", istio: "ingressgateway" },
    serviceAccount: "istio-ingressgateway-service-account",
    address: "127.20.0.3",
    ports: [],
    sidecar: false,
    gateway: true,
});

export const files: ProxyFiles = { cert: "/p/cert.pem", key: "/p/key.pem", ca: "/p/ca.pem", folder: "/p" };

let age = 0;

/** Objects are the younger the later they are made. */
export function object(kind: string, namespace: string, name: string, spec?: object): KubeObject {
    const creationTimestamp = new Date(Date.UTC(2026, 0, 1) + age++ * 1_000).toISOString();
    return { apiVersion: "test", kind, metadata: { name, namespace, creationTimestamp }, spec };
}

export function service(
    namespace: string,
    name: string,
    ports: object[] = [{ name: "http", port: 8080, targetPort: 8080 }],
): KubeObject {
    return object("Service", namespace, name, { selector: { app: name }, clusterIP: "None", ports });
}

export function virtualService(name: string, spec: object, namespace = "shop"): KubeObject {
    return object("VirtualService", namespace, name, { hosts: ["sample"], ...spec });
}

export function gateway(name: string, hosts: string[], more: object = {}, namespace = "shop"): KubeObject {
    const servers = [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts, ...more }];
    return object("Gateway", namespace, name, { selector: { istio: "ingressgateway" }, servers });
}

export function to(host: string, port?: number): object {
    return { destination: { host, ...(port === undefined ? {} : { port: { number: port } }) } };
}

/** Translations, read loosely: tests say what they expect of Envoy's JSON. */
export function translated(patch: Partial<MeshView>, self: Workload = sample): Translation & Record<string, any> {
    return translate(view(patch), self, files);
}

export function outbound(patch: Partial<MeshView>, self: Workload = caller): any[] {
    return (translated(patch, self).routes.outbound as any).virtual_hosts;
}

/** The routes that a caller takes to a domain. */
export function routesTo(domain: string, patch: Partial<MeshView>, self: Workload = caller): any[] | undefined {
    return outbound(patch, self).find(({ domains }) => domains.includes(domain))?.routes;
}

export function cluster(name: string, patch: Partial<MeshView>, self: Workload = caller): any {
    return translated(patch, self).clusters.find((each: any) => each.name === name);
}

export function listener(name: string, patch: Partial<MeshView>, self: Workload = sample): any {
    return translated(patch, self).listeners.find((each: any) => each.name === name);
}

/** Refusals in one line each. */
export function said(refused: Refusal[]): string[] {
    return refused.map(({ object: { kind, namespace, name }, field, why, effect }) =>
        [`${kind} ${namespace}/${name}`, field, why, effect].join(" | "),
    );
}
