import type { KubeObject } from "../../../kube";
import { serviceHost } from "./hosts";
import type { Refusals } from "./refuse";
import type { Workload } from "./view";

export interface MeshService {
    namespace: string;
    name: string;
    host: string;
    clusterIP?: string;
    selector: Record<string, string>;
    ports: ServicePort[];
}

export interface ServicePort {
    name?: string;
    number: number;
    /** A port of the pods, by number or name. */
    target: number | string;
    protocol: "http" | "http2" | "other";
}

export interface Endpoint {
    address: string;
    port: number;
    workload: Workload;
}

/** Prefixes of port names by which Istio knows that a port does not speak HTTP (its manual, "Protocol Selection"). */
const NOT_HTTP = ["tcp", "tls", "https", "mongo", "mysql", "redis", "udp"];
const HTTP2 = ["grpc", "http2"];

/** A port that does not speak HTTP is left out; said only where someone may miss it. */
export function readService(object: KubeObject, refusals: Refusals | undefined): MeshService | undefined {
    const { name, namespace = "" } = object.metadata;
    const { type, clusterIP, selector, ports } = object.spec ?? {};
    if (type === "ExternalName") {
        refusals?.add(object, "spec.type", "ExternalName is not modelled here");
        return undefined;
    }
    const read: ServicePort[] = (ports ?? []).map((port: any) => ({
        name: port.name,
        number: port.port,
        target: port.targetPort ?? port.port,
        protocol: protocolOf(port),
    }));
    read.forEach(({ protocol }, index) => {
        if (protocol === "other") {
            refusals?.add(object, `spec.ports[${index}]`, "is not HTTP by its name; only HTTP is modelled here");
        }
    });
    return {
        namespace,
        name,
        host: serviceHost(name, namespace),
        clusterIP: clusterIP === "None" || !clusterIP ? undefined : clusterIP,
        selector: selector ?? {},
        ports: read,
    };
}

function protocolOf(port: { name?: string; appProtocol?: string; protocol?: string }): ServicePort["protocol"] {
    const [prefix] = (port.appProtocol ?? port.name ?? "http").toLowerCase().split("-");
    if ((port.protocol ?? "TCP") !== "TCP" || NOT_HTTP.includes(prefix)) {
        return "other";
    }
    return HTTP2.includes(prefix) ? "http2" : "http";
}

/** Whether the workload is one of the service's pods; a service without selector has none. */
export function selectsService(service: MeshService, workload: Workload): boolean {
    const wanted = Object.entries(service.selector);
    return (
        service.namespace === workload.namespace &&
        wanted.length > 0 &&
        wanted.every(([key, value]) => workload.labels[key] === value)
    );
}

/** The number of a pod's port that a service's port stands for, if the pod has such a port. */
export function targetOf(port: ServicePort, workload: Workload): number | undefined {
    return typeof port.target === "number" ? port.target : workload.portNames?.[port.target];
}

export function endpoints(service: MeshService, port: ServicePort, workloads: Workload[]): Endpoint[] {
    return workloads
        .filter((workload) => selectsService(service, workload))
        .flatMap((workload) => {
            const number = targetOf(port, workload);
            return number === undefined ? [] : [{ address: workload.address, port: number, workload }];
        });
}

/** The ports at which a workload takes in HTTP: its containers' and those that services send to. */
export function inboundPorts(workload: Workload, services: MeshService[]): { port: number; http2: boolean }[] {
    const protocols = new Map<number, ServicePort["protocol"]>(workload.ports.map((port) => [port, "http"]));
    for (const service of services.filter((each) => selectsService(each, workload))) {
        for (const port of service.ports) {
            const number = targetOf(port, workload);
            if (number !== undefined) {
                protocols.set(number, port.protocol);
            }
        }
    }
    return [...protocols]
        .filter(([, protocol]) => protocol !== "other")
        .map(([port, protocol]) => ({ port, http2: protocol === "http2" }))
        .sort((a, b) => a.port - b.port);
}
