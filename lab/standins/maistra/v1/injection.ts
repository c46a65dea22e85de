import type { KubeObject } from "../../../../kube";
import { CNI_NETWORK } from "./member-namespaces";
import type { Values } from "./values";

/** What the annotation must say; as the injector, which parses it as a YAML boolean. */
const YES = new Set(["y", "yes", "true", "on"]);

const INJECT = "sidecar.istio.io/inject";
const STATUS = "sidecar.istio.io/status";
const NETWORKS = "k8s.v1.cni.cncf.io/networks";

/** Only pods that ask for it by annotation (a namespace label or a pod label means nothing here) and have none yet. */
export function wantsSidecar(pod: KubeObject): boolean {
    const annotations = pod.metadata?.annotations ?? {};
    return YES.has((annotations[INJECT] ?? "").toLowerCase()) && !(STATUS in annotations) && !pod.spec?.hostNetwork;
}

/**
 * JSON Patch that gives a pod its proxy. With the CNI plugin there is no init container: the pod is attached to a
 * network instead (maistra/istio-operator, helm/v1.1 files/injection-template.yaml).
 */
export function sidecarPatch(pod: KubeObject, controlPlane: string, values: Values): object[] {
    const { image, resources } = values.global.proxy;
    const annotations = pod.metadata?.annotations ?? {};
    const account: string = pod.spec.serviceAccountName || "default";
    const networks = annotations[NETWORKS] ? `${annotations[NETWORKS]}, ${CNI_NETWORK}` : CNI_NETWORK;
    const volumes = [
        { name: "istio-envoy", emptyDir: { medium: "Memory" } },
        { name: "istio-certs", secret: { optional: true, secretName: `istio.${account}` } },
    ];
    const injected = {
        version: "1.1.7",
        initContainers: null,
        containers: ["istio-proxy"],
        volumes: volumes.map((volume) => volume.name),
        imagePullSecrets: null,
    };
    return [
        {
            op: "add",
            path: "/spec/containers/-",
            value: proxy(pod, controlPlane, image, resources),
        },
        { op: "add", path: "/spec/volumes", value: [...(pod.spec.volumes ?? []), ...volumes] },
        {
            op: "add",
            path: "/metadata/annotations",
            value: { ...annotations, [NETWORKS]: networks, [STATUS]: JSON.stringify(injected) },
        },
        {
            op: "add",
            path: "/metadata/labels",
            value: { ...pod.metadata?.labels, "security.istio.io/tlsMode": "istio" },
        },
    ];
}

function proxy(pod: KubeObject, controlPlane: string, image: string, resources: Record<string, unknown>): object {
    const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
    const app = pod.metadata?.labels?.app ?? "istio-proxy";
    return {
        name: "istio-proxy",
        image,
        args: [
            "proxy",
            "sidecar",
            "--domain",
            "$(POD_NAMESPACE).svc.cluster.local",
            "--serviceCluster",
            `${app}.$(POD_NAMESPACE)`,
            "--discoveryAddress",
            `istio-pilot.${controlPlane}:15010`,
            "--statusPort",
            "15020",
        ],
        env: [
            field("POD_NAME", "metadata.name"),
            field("POD_NAMESPACE", "metadata.namespace"),
            field("INSTANCE_IP", "status.podIP"),
            field("SERVICE_ACCOUNT", "spec.serviceAccountName"),
        ],
        ports: [{ name: "http-envoy-prom", containerPort: 15090, protocol: "TCP" }],
        readinessProbe: {
            httpGet: { path: "/healthz/ready", port: 15020 },
            initialDelaySeconds: 1,
            periodSeconds: 2,
            failureThreshold: 30,
        },
        resources: Object.fromEntries(Object.entries(resources).filter(([, value]) => value !== null)),
        volumeMounts: [
            { name: "istio-envoy", mountPath: "/etc/istio/proxy" },
            { name: "istio-certs", mountPath: "/etc/certs/", readOnly: true },
        ],
    };
}
