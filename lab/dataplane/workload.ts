import type { KubeObject } from "../../kube";
import { MANAGED_LABEL } from "../gateway-api/names";
import { podAddresses } from "./addresses";
import type { Workload } from "./translate";

/** What the injector leaves on a pod that it has given a proxy. */
const INJECTED = "sidecar.istio.io/status";
/** Which of the injector's templates the pod asked for; "gateway" makes a gateway of it. */
const TEMPLATES = "inject.istio.io/templates";
const PROXY = "istio-proxy";
const GATEWAY_LABEL = { key: "istio", value: "ingressgateway" };
/** Whom istiod has made a pod for: a Gateway of the Gateway API. */
const { key: MADE_BY, value: ISTIOD } = MANAGED_LABEL;

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
    return hasProxy(pod) && isInjected(pod) && !asksForGateway(pod);
}

/** Made by an injector from its gateway template; or, without one, by 1.1's operator or by istiod for a Gateway. */
export function isGateway(pod: KubeObject): boolean {
    const { labels } = pod.metadata;
    const byOperator = labels?.[GATEWAY_LABEL.key] === GATEWAY_LABEL.value;
    const made = byOperator || labels?.[MADE_BY] === ISTIOD;
    return hasProxy(pod) && (isInjected(pod) ? asksForGateway(pod) : made);
}

function isInjected(pod: KubeObject): boolean {
    return pod.metadata.annotations?.[INJECTED] !== undefined;
}

function asksForGateway(pod: KubeObject): boolean {
    const templates = pod.metadata.annotations?.[TEMPLATES] ?? "";
    return templates.split(",").some((each) => each.trim() === "gateway");
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

/** The proxy is a container of its own; newer injectors begin with it, as an init container that goes on running. */
function hasProxy(pod: KubeObject): boolean {
    const inits: Container[] = pod.spec?.initContainers ?? [];
    return [...containersOf(pod), ...inits.filter((each) => each.restartPolicy === "Always")].some(
        ({ name }) => name === PROXY,
    );
}
