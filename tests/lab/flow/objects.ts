import type { KubeObject } from "../../../kube";

/** The namespaces of a mesh as the scenario has it. */
export const MESH = "flow-mesh";
export const APP = "flow-app";
export const HOSTS = { sample: "sample.apps.example.com", caller: "caller.apps.example.com" };

const ISTIO = "networking.istio.io/v1alpha3";
const SIDECAR = { name: "istio-proxy", image: "registry.example.com/proxyv2" };
const INJECTED = { "sidecar.istio.io/status": "{}" };

export const POD = { apiVersion: "v1", kind: "Pod" };
export const ACCESS = { apiVersion: "security.istio.io/v1beta1", kind: "AuthorizationPolicy" };

export function object(
    kind: { apiVersion: string; kind: string },
    namespace: string,
    name: string,
    rest: object,
): KubeObject {
    return { ...kind, metadata: { name, namespace }, ...rest };
}

/** What the operator makes for a mesh, without it: member, NetworkPolicies, the gateway and its Service. */
export function mesh(): KubeObject[] {
    const name = "istio-ingressgateway";
    const labels = { app: name, istio: "ingressgateway" };
    const router = { namespaceSelector: { matchLabels: { "network.openshift.io/policy-group": "ingress" } } };
    const members = { namespaceSelector: { matchLabels: { "maistra.io/member-of": MESH } } };
    const policy = (namespace: string, policyName: string, pods: object, from: object): KubeObject =>
        object({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" }, namespace, policyName, {
            spec: { podSelector: pods, ingress: [{ from: [from] }], policyTypes: ["Ingress"] },
        });
    return [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: MESH, labels: { "maistra.io/member-of": MESH } } },
        {
            apiVersion: "v1",
            kind: "Namespace",
            metadata: { name: APP, labels: { "maistra.io/member-of": MESH } },
        },
        policy(APP, "istio-mesh", {}, members),
        policy(APP, "istio-expose-route", { matchLabels: { "maistra.io/expose-route": "true" } }, router),
        deployment(MESH, name, { labels, containers: [SIDECAR] }),
        service(
            MESH,
            name,
            labels,
            { name: "http2", port: 80, targetPort: 8080 },
            { name: "https", port: 443, targetPort: 8443 },
        ),
    ];
}

/** sample and caller with their sidecars, Routes straight to them (trap 27), and their hosts at the gateway. */
export function scenario(): KubeObject[] {
    return [
        object({ apiVersion: "v1", kind: "ConfigMap" }, APP, "caller-properties", {
            data: { "application.properties": `sample_api.base_path=http\\://${inside("sample")}\\:8080\n` },
        }),
        ...(["sample", "caller"] as const).flatMap((name) => [
            object({ apiVersion: "v1", kind: "ServiceAccount" }, APP, name, {}),
            deployment(APP, name, {
                labels: { app: name },
                annotations: INJECTED,
                account: name,
                containers: [program(name), SIDECAR],
                volumes: [{ name: "properties", configMap: { name: "caller-properties" } }],
            }),
            service(APP, name, { app: name }, { name: "http", port: 8080 }),
            route(APP, name, name, "http", `straight-${name}.apps.example.com`),
            route(MESH, name, "istio-ingressgateway", "http2", HOSTS[name]),
            object({ apiVersion: ISTIO, kind: "VirtualService" }, APP, name, {
                spec: {
                    hosts: [HOSTS[name]],
                    gateways: ["flow"],
                    http: [{ route: [{ destination: { host: inside(name), port: { number: 8080 } } }] }],
                },
            }),
        ]),
        object({ apiVersion: ISTIO, kind: "Gateway" }, APP, "flow", {
            spec: {
                selector: { istio: "ingressgateway" },
                servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: Object.values(HOSTS) }],
            },
        }),
    ];
}

/** sample once more, made before its namespace was a member: it has no sidecar, and nobody says so (trap 24). */
export function early(): KubeObject[] {
    const labels = { app: "early" };
    return [
        deployment(APP, "early", { labels, containers: [program("sample")] }),
        service(APP, "early", labels, { name: "http", port: 8080 }),
    ];
}

/** What the operator makes when mtls is on (step 9). */
export function strictMtls(): KubeObject[] {
    return [
        object({ apiVersion: "authentication.maistra.io/v1", kind: "ServiceMeshPolicy" }, MESH, "default", {
            spec: { peers: [{ mtls: {} }] },
        }),
        object({ apiVersion: ISTIO, kind: "DestinationRule" }, MESH, "default", {
            spec: { host: "*.local", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } },
        }),
    ];
}

/** sample answers to its own namespace only (step 10). */
export function onlyFromInside(): KubeObject {
    return object(ACCESS, APP, "to-sample", {
        spec: {
            selector: { matchLabels: { app: "sample" } },
            rules: [{ from: [{ source: { namespaces: [APP] } }] }],
        },
    });
}

export function inside(service: string): string {
    return `${service}.${APP}.svc.cluster.local`;
}

export function program(name: string): object {
    return {
        name: "spring-boot",
        image: `registry.example.com/microsvc-sample/${name}:1.0`,
        ports: [{ name: "http", containerPort: 8080 }],
        env: [{ name: "SPRING_CONFIG_ADDITIONAL_LOCATION", value: "optional:file:/etc/application/" }],
        volumeMounts: name === "caller" ? [{ name: "properties", mountPath: "/etc/application" }] : [],
    };
}

export function deployment(
    namespace: string,
    name: string,
    pod: { labels: object; annotations?: object; account?: string; containers: object[]; volumes?: object[] },
): KubeObject {
    const { labels, annotations, account, containers, volumes } = pod;
    return object({ apiVersion: "apps/v1", kind: "Deployment" }, namespace, name, {
        spec: {
            replicas: 1,
            selector: { matchLabels: labels },
            template: { metadata: { labels, annotations }, spec: { serviceAccountName: account, containers, volumes } },
        },
    });
}

export function service(namespace: string, name: string, selector: object, ...ports: object[]): KubeObject {
    return object({ apiVersion: "v1", kind: "Service" }, namespace, name, { spec: { selector, ports } });
}

export function route(namespace: string, name: string, to: string, targetPort: string, host: string): KubeObject {
    return object({ apiVersion: "route.openshift.io/v1", kind: "Route" }, namespace, name, {
        spec: { host, to: { kind: "Service", name: to }, port: { targetPort } },
    });
}
