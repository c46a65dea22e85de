import type { KubeObject } from "../../kube";
import { localPort } from "./addresses";
import type { ClusterView } from "./cluster-view";
import type { Workload } from "./translate";
import { workloadOf } from "./workload";

export interface Endpoint {
    workload: Workload;
    /** The pod's port, and where that is reached on this machine. */
    port: number;
    host: string;
    localPort: number;
}

/** A port of a Service. */
export interface ServicePort {
    name?: string;
    port: number;
    targetPort?: number | string;
    protocol?: string;
}

/** The ready pods behind a port of a Service. */
export function endpointsOf(view: ClusterView, service: KubeObject, port: ServicePort, octet: number): Endpoint[] {
    const selector = service.spec?.selector ?? {};
    if (Object.keys(selector).length === 0) {
        return [];
    }
    return view.readyPods(service.metadata.namespace ?? "", selector).flatMap((pod) => {
        const workload = workloadOf(pod, octet);
        const target = port.targetPort ?? port.port;
        const number = typeof target === "number" ? target : workload?.portNames?.[target];
        return workload === undefined || number === undefined
            ? []
            : [{ workload, port: number, host: workload.address, localPort: localPort(workload, number) }];
    });
}

/** The TCP ports of a Service. */
export function portsOf(service: KubeObject): ServicePort[] {
    const ports: ServicePort[] = service.spec?.ports ?? [];
    return ports.filter(({ protocol }) => (protocol ?? "TCP") === "TCP");
}
