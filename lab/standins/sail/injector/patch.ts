import type { KubeObject } from "../../../../kube";
import { REV, suffixed } from "../names";
import type { Values } from "../values";
import { STATUS, workloadName } from "./selection";

/** Of whom a proxy is, and how it is set up. */
export interface Mesh {
    namespace: string;
    revision: string;
    values: Values;
    /** The proxy is an init container that stays. */
    native: boolean;
}

type Container = Record<string, any> & { name: string };

const PROXY = "istio-proxy";
const VALIDATION = "istio-validation";
const NETWORKS = "k8s.v1.cni.cncf.io/networks";
const CNI_NETWORK = "default/istio-cni";
/** What the image of a proxy's container says that is to be filled in. */
const AUTO = "auto";

/** JSON Patch that gives a pod its sidecar (istio/istio, istio-discovery/files/injection-template.yaml). */
export function sidecarPatch(pod: KubeObject, mesh: Mesh): object[] {
    const annotations = pod.metadata.annotations ?? {};
    const native = annotations["sidecar.istio.io/nativeSidecar"]
        ? annotations["sidecar.istio.io/nativeSidecar"] === "true"
        : mesh.native;
    const proxy = merged(proxyContainer("sidecar", mesh, pod), own(pod));
    const validation = { name: VALIDATION, image: mesh.values.global.proxy_init.image, args: ["istio-iptables"] };
    const others = containers(pod).filter(({ name }) => name !== PROXY);
    const init: Container[] = pod.spec.initContainers ?? [];
    const network = annotations[NETWORKS] ? `${annotations[NETWORKS]}, ${CNI_NETWORK}` : CNI_NETWORK;
    return patch(pod, mesh, {
        labels: { "security.istio.io/tlsMode": "istio" },
        annotations: { [NETWORKS]: network, "sidecar.istio.io/interceptionMode": "REDIRECT" },
        containers: native ? others : [...others, proxy],
        initContainers: native ? [validation, { ...proxy, restartPolicy: "Always" }, ...init] : [...init, validation],
        injected: native ? { init: [VALIDATION, PROXY], own: [] } : { init: [VALIDATION], own: [PROXY] },
    });
}

/** JSON Patch that makes a pod's container istio-proxy a gateway (istio-discovery/files/gateway-injection-template.yaml). */
export function gatewayPatch(pod: KubeObject, mesh: Mesh): object[] {
    const proxy = merged(proxyContainer("router", mesh, pod), own(pod));
    const others = containers(pod).filter(({ name }) => name !== PROXY);
    const sysctls = [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }];
    return [
        ...patch(pod, mesh, {
            labels: {},
            annotations: {},
            containers: [...others, proxy],
            initContainers: pod.spec.initContainers,
            injected: { init: [], own: [PROXY] },
        }),
        { op: "add", path: "/spec/securityContext", value: { sysctls, ...pod.spec.securityContext } },
    ];
}

function patch(
    pod: KubeObject,
    mesh: Mesh,
    wanted: {
        labels: Record<string, string>;
        annotations: Record<string, string>;
        containers: Container[];
        initContainers?: Container[];
        injected: { init: string[]; own: string[] };
    },
): object[] {
    const labels = pod.metadata.labels ?? {};
    const annotations = pod.metadata.annotations ?? {};
    const first = containers(pod).find(({ name }) => name !== PROXY)?.name;
    const defaults = first
        ? { "kubectl.kubernetes.io/default-container": first, "kubectl.kubernetes.io/default-logs-container": first }
        : {};
    const volumes = volumesOf();
    const status = {
        initContainers: orNull(wanted.injected.init),
        containers: orNull(wanted.injected.own),
        volumes: volumes.map(({ name }) => name),
        imagePullSecrets: null,
        revision: mesh.revision,
    };
    const name = labels["app.kubernetes.io/name"] ?? labels.app ?? workloadName(pod);
    return [
        { op: "add", path: "/spec/containers", value: wanted.containers },
        ...(wanted.initContainers ? [{ op: "add", path: "/spec/initContainers", value: wanted.initContainers }] : []),
        { op: "add", path: "/spec/volumes", value: [...(pod.spec.volumes ?? []), ...volumes] },
        {
            op: "add",
            path: "/metadata/labels",
            value: {
                "service.istio.io/canonical-name": name.slice(0, 63).replace(/-$/, ""),
                "service.istio.io/canonical-revision":
                    labels["app.kubernetes.io/version"] ?? labels.version ?? "latest",
                ...wanted.labels,
                ...labels,
            },
        },
        {
            op: "add",
            path: "/metadata/annotations",
            value: {
                ...defaults,
                ...annotations,
                ...wanted.annotations,
                [REV]: mesh.revision,
                [STATUS]: JSON.stringify(status),
            },
        },
    ];
}

/** What the pod itself says of its proxy goes over the template, except the image that is to be filled in. */
function merged(template: Container, { image, env = [], ports = [], ...rest }: Partial<Container> = {}): Container {
    const named = new Set([...env].map((variable: { name: string }) => variable.name));
    return {
        ...template,
        ...rest,
        image: image === undefined || image === AUTO ? template.image : image,
        env: [...template.env.filter((variable: { name: string }) => !named.has(variable.name)), ...env],
        ports: [...template.ports, ...ports],
    };
}

function proxyContainer(role: "sidecar" | "router", mesh: Mesh, pod: KubeObject): Container {
    const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
    const text = (name: string, value: string) => ({ name, value });
    const { image, resources } = mesh.values.global.proxy;
    const programs = containers(pod).filter(({ name }) => name !== PROXY);
    return {
        name: PROXY,
        image: pod.metadata.annotations?.["sidecar.istio.io/proxyImage"] ?? image,
        args: ["proxy", role, "--domain", "$(POD_NAMESPACE).svc.cluster.local"],
        env: [
            text("PILOT_CERT_PROVIDER", "istiod"),
            text("CA_ADDR", `${suffixed("istiod", mesh.revision)}.${mesh.namespace}.svc:15012`),
            field("POD_NAME", "metadata.name"),
            field("POD_NAMESPACE", "metadata.namespace"),
            field("INSTANCE_IP", "status.podIP"),
            field("SERVICE_ACCOUNT", "spec.serviceAccountName"),
            text("ISTIO_META_APP_CONTAINERS", programs.map(({ name }) => name).join(",")),
            text("ISTIO_META_WORKLOAD_NAME", workloadName(pod)),
        ],
        ports: [{ name: "http-envoy-prom", containerPort: 15090, protocol: "TCP" }],
        readinessProbe: {
            httpGet: { path: "/healthz/ready", port: 15021 },
            periodSeconds: 15,
            timeoutSeconds: 3,
            failureThreshold: 4,
        },
        ...(resources ? { resources } : {}),
        volumeMounts: [
            { name: "istiod-ca-cert", mountPath: "/var/run/secrets/istio" },
            { name: "istio-data", mountPath: "/var/lib/istio/data" },
            { name: "istio-envoy", mountPath: "/etc/istio/proxy" },
            { name: "istio-token", mountPath: "/var/run/secrets/tokens" },
            { name: "istio-podinfo", mountPath: "/etc/istio/pod" },
        ],
    };
}

function volumesOf(): { name: string; [kind: string]: unknown }[] {
    const token = { serviceAccountToken: { audience: "istio-ca", expirationSeconds: 43_200, path: "istio-token" } };
    return [
        { name: "workload-socket", emptyDir: {} },
        { name: "istio-envoy", emptyDir: { medium: "Memory" } },
        { name: "istio-data", emptyDir: {} },
        {
            name: "istio-podinfo",
            downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] },
        },
        { name: "istio-token", projected: { sources: [token] } },
        { name: "istiod-ca-cert", configMap: { name: "istio-ca-root-cert" } },
    ];
}

function containers(pod: KubeObject): Container[] {
    return pod.spec.containers;
}

function own(pod: KubeObject): Container | undefined {
    return containers(pod).find(({ name }) => name === PROXY);
}

function orNull(names: string[]): string[] | null {
    return names.length > 0 ? names : null;
}
