import type { KubeObject } from "../../kube";
import { podAddresses } from "./addresses";
import type { Workload } from "./translate";

/** What the injector leaves on a pod that it has given a sidecar. */
const INJECTED = "sidecar.istio.io/status";
const PROXY = "istio-proxy";
const GATEWAY_LABEL = { key: "istio", value: "ingressgateway" };

interface Container {
    name: string;
    image: string;
    ports?: { name?: string; containerPort: number; protocol?: string }[];
    [key: string]: any;
}

export function containersOf(pod: KubeObject): Container[] {
    return pod.spec?.containers ?? [];
}

/** The containers with programs of the pod's own. */
export function programContainers(pod: KubeObject): Container[] {
    return containersOf(pod).filter(({ name }) => name !== PROXY);
}

/** The name of the container that the pod's Envoy is; undefined for a pod without one. */
export function proxyContainer(pod: KubeObject): string | undefined {
    return hasSidecar(pod) || isGateway(pod) ? PROXY : undefined;
}

/** A pod of the control plane may have a container istio-proxy without having been injected: nothing of it runs. */
export function hasSidecar(pod: KubeObject): boolean {
    return hasProxy(pod) && pod.metadata.annotations?.[INJECTED] !== undefined;
}

export function isGateway(pod: KubeObject): boolean {
    return hasProxy(pod) && !hasSidecar(pod) && pod.metadata.labels?.[GATEWAY_LABEL.key] === GATEWAY_LABEL.value;
}

/** The pod as the network sees it. Undefined for one without an address of this lab. */
export function workloadOf(pod: KubeObject, octet: number, podIP = pod.status?.podIP): Workload | undefined {
    const addresses = podAddresses(podIP, octet);
    if (addresses === undefined) {
        return undefined;
    }
    const ports = programContainers(pod)
        .flatMap((container) => container.ports ?? [])
        .filter(({ protocol }) => (protocol ?? "TCP") === "TCP");
    return {
        namespace: pod.metadata.namespace ?? "",
        pod: pod.metadata.name,
        labels: pod.metadata.labels ?? {},
        serviceAccount: pod.spec?.serviceAccountName || "default",
        ...addresses,
        ports: ports.map(({ containerPort }) => containerPort),
        portNames: Object.fromEntries(ports.flatMap(({ name, containerPort: port }) => (name ? [[name, port]] : []))),
        sidecar: hasSidecar(pod),
        gateway: isGateway(pod),
    };
}

/** Whether others may be sent to the pod. */
export function isReady(pod: KubeObject): boolean {
    const conditions: { type: string; status: string }[] = pod.status?.conditions ?? [];
    const ready = conditions.some(({ type, status }) => type === "Ready" && status === "True");
    return ready && pod.metadata.deletionTimestamp === undefined;
}

function hasProxy(pod: KubeObject): boolean {
    return containersOf(pod).some(({ name }) => name === PROXY);
}
