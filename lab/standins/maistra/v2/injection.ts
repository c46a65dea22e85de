import type { KubeObject } from "../../../../kube";
import type { Spec } from "./applied-spec";
import { cniNetwork } from "./member-namespaces";

/** What asks for a proxy, and what says that it is there. */
const INJECT = "sidecar.istio.io/inject";
const STATUS = "sidecar.istio.io/status";
const TEMPLATES = "inject.istio.io/templates";
const NETWORKS = "k8s.v1.cni.cncf.io/networks";
const YES = new Set(["y", "yes", "true", "on"]);

/** The control plane whose injector it is. */
interface Injecting {
    name: string;
    namespace: string;
    applied: Spec;
    charts: string;
}

/**
 * Only pods that ask for it: by the label, or else by the annotation (helm/v2.5, policy "disabled";
 * istio/istio, pkg/kube/inject: injectRequired).
 */
export function wantsProxy(pod: KubeObject): boolean {
    const { labels = {}, annotations = {} } = pod.metadata ?? {};
    const asked = (labels[INJECT] ?? annotations[INJECT] ?? "").toLowerCase();
    return YES.has(asked) && !(STATUS in annotations) && !pod.spec?.hostNetwork;
}

export function isGateway(pod: KubeObject): boolean {
    const templates = pod.metadata?.annotations?.[TEMPLATES] ?? "";
    return templates.split(",").some((each: string) => each.trim() === "gateway");
}

/**
 * JSON Patch that gives a pod its proxy, or makes a gateway of its container istio-proxy; both say whose they are
 * (helm/v2.5, istio-discovery/files/injection-template.yaml and gateway-injection-template.yaml).
 */
export function proxyPatch(pod: KubeObject, mesh: Injecting): object[] {
    const gateway = isGateway(pod);
    const { metadata = {} as KubeObject["metadata"], spec } = pod;
    const { labels = {}, annotations = {} } = metadata;
    const containers: { name: string }[] = spec.containers;
    const given = containers.find(({ name }) => name === "istio-proxy");
    const made = proxy(pod, mesh, gateway);
    const volumes = [
        { name: "istio-envoy", emptyDir: { medium: "Memory" } },
        { name: "istio-data", emptyDir: {} },
        { name: "istio-podinfo", emptyDir: {} },
    ];
    const status = {
        initContainers: null,
        containers: ["istio-proxy"],
        volumes: volumes.map((volume) => volume.name),
        imagePullSecrets: null,
        revision: mesh.name,
    };
    const network = cniNetwork(mesh.applied.version);
    const networks = annotations[NETWORKS] ? `${annotations[NETWORKS]}, ${network}` : network;
    const name = labels.app ?? metadata.generateName?.replace(/-[a-z0-9]*-?$/, "") ?? "";
    return [
        {
            op: "replace",
            path: "/spec/containers",
            value: given
                ? containers.map((container) =>
                      container === given ? { ...made, ...container, ...forced(made) } : container,
                  )
                : [...containers, made],
        },
        { op: "add", path: "/spec/volumes", value: [...(spec.volumes ?? []), ...volumes] },
        {
            op: "add",
            path: "/metadata/annotations",
            value: {
                ...annotations,
                ...(gateway ? {} : { [NETWORKS]: networks }),
                "istio.io/rev": mesh.name,
                [STATUS]: JSON.stringify(status),
            },
        },
        {
            op: "add",
            path: "/metadata/labels",
            value: {
                "maistra-version": mesh.charts,
                ...(gateway ? {} : { "security.istio.io/tlsMode": "istio" }),
                "service.istio.io/canonical-name": name,
                "service.istio.io/canonical-revision": labels.version ?? "latest",
                ...labels,
            },
        },
    ];
}

/** Of a container that the pod brought along only the image "auto" is replaced. */
function forced({ image }: { image: string }): object {
    return { image };
}

function proxy(pod: KubeObject, mesh: Injecting, gateway: boolean) {
    const { imageName, resources } = mesh.applied.proxy?.runtime?.container ?? {};
    const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
    const address = `istiod-${mesh.name}.${mesh.namespace}.svc:15012`;
    return {
        name: "istio-proxy",
        image: imageName as string,
        args: ["proxy", gateway ? "router" : "sidecar", "--domain", "$(POD_NAMESPACE).svc.cluster.local"],
        env: [
            { name: "CA_ADDR", value: address },
            field("POD_NAME", "metadata.name"),
            field("POD_NAMESPACE", "metadata.namespace"),
            field("INSTANCE_IP", "status.podIP"),
            field("SERVICE_ACCOUNT", "spec.serviceAccountName"),
            { name: "PROXY_CONFIG", value: JSON.stringify({ discoveryAddress: address }) },
        ],
        ports: [{ name: "http-envoy-prom", containerPort: 15090, protocol: "TCP" }],
        readinessProbe: {
            httpGet: { path: "/healthz/ready", port: 15021 },
            initialDelaySeconds: 1,
            periodSeconds: 2,
            failureThreshold: 30,
        },
        resources: resourcesOf(pod, resources),
        volumeMounts: [
            { name: "istio-envoy", mountPath: "/etc/istio/proxy" },
            { name: "istio-data", mountPath: "/var/lib/istio/data" },
            { name: "istio-podinfo", mountPath: "/etc/istio/pod" },
        ],
    };
}

/** A pod's annotations take the place of the control plane's proxy.runtime.container.resources, both parts of it. */
function resourcesOf(pod: KubeObject, ofMesh: object = {}): object {
    const annotations = pod.metadata?.annotations ?? {};
    const said = (suffix: string) => ({
        cpu: annotations[`sidecar.istio.io/proxyCPU${suffix}`],
        memory: annotations[`sidecar.istio.io/proxyMemory${suffix}`],
    });
    const dense = (map: Record<string, string | undefined>) =>
        Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
    const own = { requests: dense(said("")), limits: dense(said("Limit")) };
    const kept = Object.entries(own).filter(([, map]) => Object.keys(map).length > 0);
    return kept.length > 0 ? Object.fromEntries(kept) : ofMesh;
}
