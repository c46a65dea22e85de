import type { KubeObject } from "../../../kube";
import type { AddonOperator } from "./operator";
import { account, type Labels, type Port, service, workload } from "./parts";

const IMAGE = "registry.redhat.io/rhosdt/opentelemetry-collector-rhel8:0.127.0";
/** The ports of receivers when their configuration says none (open-telemetry/opentelemetry-operator, components). */
const DEFAULTS: Record<string, number> = { "otlp/grpc": 4317, "otlp/http": 4318, zipkin: 9411 };
const KINDS: Record<string, "Deployment" | "StatefulSet"> = { deployment: "Deployment", statefulset: "StatefulSet" };

/** OpenTelemetry's operator: of each collector "<name>-collector", a workload and a Service with its receivers' ports. */
export function opentelemetryOperator(): AddonOperator {
    return {
        namespace: "openshift-opentelemetry-operator",
        deployment: "opentelemetry-operator-controller-manager",
        kind: { apiVersion: "opentelemetry.io/v1beta1", kind: "OpenTelemetryCollector" },
        finalizer: "opentelemetrycollector.opentelemetry.io/finalizer",
        objects: collectorObjects,
        status: ({ metadata, spec }, ready) => {
            const replicas: number = spec.replicas ?? 1;
            const selector = Object.entries(labelsOf(metadata)).map(([key, value]) => `${key}=${value}`);
            const statusReplicas = `${ready ? replicas : 0}/${replicas}`;
            return {
                version: "0.127.0",
                image: IMAGE,
                scale: { replicas, statusReplicas, selector: selector.join(",") },
            };
        },
    };
}

export function collectorObjects({ metadata, spec }: KubeObject): KubeObject[] {
    const name = `${metadata.name}-collector`;
    const pods = labelsOf(metadata);
    const labels = { ...pods, "app.kubernetes.io/name": name };
    const kind = KINDS[spec.mode ?? "deployment"];
    if (kind === undefined) {
        // A sidecar is its pods' own affair, and a DaemonSet nobody here asks for.
        return [];
    }
    const ports = receiverPorts(spec.config.receivers);
    const run = workload({ kind, name, labels, pods, account: name, image: IMAGE, replicas: spec.replicas });
    return [account(name, labels), run, ...(ports.length > 0 ? [service(name, labels, pods, ports)] : [])];
}

/** "otlp-grpc" 4317, "otlp-http" 4318, ...: a receiver, or each of its protocols, with the port of its endpoint. */
function receiverPorts(receivers: Record<string, any>): Port[] {
    return Object.entries(receivers ?? {}).flatMap(([receiver, config]) => {
        const protocols = config?.protocols;
        const listening: [string, any][] = protocols
            ? Object.entries(protocols).map(([protocol, own]) => [`${receiver}/${protocol}`, own])
            : [[receiver, config]];
        return listening.flatMap(([id, own]): Port[] => {
            const port = Number(/:(\d+)$/.exec(own?.endpoint ?? "")?.[1] ?? DEFAULTS[id]);
            return Number.isNaN(port) ? [] : [[id.replace(/\//g, "-"), port, port]];
        });
    });
}

function labelsOf({ name, namespace }: KubeObject["metadata"]): Labels {
    return {
        "app.kubernetes.io/component": "opentelemetry-collector",
        "app.kubernetes.io/instance": `${namespace}.${name}`,
        "app.kubernetes.io/managed-by": "opentelemetry-operator",
        "app.kubernetes.io/part-of": "opentelemetry",
    };
}
