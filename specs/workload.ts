import { createHash } from "node:crypto";
import type { SidecarRequest } from "../dialects";
import type { ServiceConfig } from "./access";
import { affinity } from "./spread";

/** Where a service finds its application.properties. */
const PROPERTIES_DIR = "/etc/application";

export interface WorkloadArgs {
    name: string;
    service: ServiceConfig;
    image: string;
    sidecar: SidecarRequest;
    /** The name of the ConfigMap with application.properties, if there are properties. */
    propertiesMap?: string;
    /** The name of the Secret with environment variables, if there are any. */
    secretName?: string;
    /** Changes whenever the Secret does, so that the pods restart with it. */
    secretRevision?: string;
}

/** The same properties always give the same name, other ones another: a pod never runs on half a change. */
export function propertiesMapName(service: string, properties: Record<string, string>): string {
    return `${service}-properties-${createHash("sha256").update(propertiesFile(properties)).digest("hex").slice(0, 8)}`;
}

/** The text of an application.properties file, escaped as java.util.Properties reads it, in the order of keys. */
export function propertiesFile(properties: Record<string, string>): string {
    return Object.keys(properties)
        .sort()
        .map((key) => `${escape(key, /[=:#! ]/g)}=${escape(properties[key], /^[ #!]/)}\n`)
        .join("");
}

/** What is not printable ASCII becomes \\uXXXX: the file may be read as Latin-1 (java.util.Properties.load). */
function escape(text: string, special: RegExp): string {
    const hex = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return text
        .replace(/\\/g, "\\\\")
        .replace(special, "\\$&")
        .replace(/[^\x20-\x7e]/g, hex);
}

export function deploymentSpec(args: WorkloadArgs): object {
    const { name, service } = args;
    return {
        replicas: service.replicas,
        selector: { matchLabels: { app: name } },
        template: { metadata: podMetadata(args), spec: podSpec(args) },
    };
}

export function serviceSpec(name: string, port: number): object {
    // The port's name tells the mesh which protocol it carries.
    return { selector: { app: name }, ports: [{ name: "http", port, targetPort: port, protocol: "TCP" }] };
}

function podMetadata({ name, service, sidecar, secretRevision }: WorkloadArgs): object {
    const httpProbes = service.probes.liveness !== undefined || service.probes.readiness !== undefined;
    return {
        labels: { app: name, ...sidecar.labels },
        annotations: {
            ...sidecar.annotations,
            // The kubelet has no certificate: with mTLS its probes must be answered by the sidecar in the service's place.
            ...(httpProbes ? { "sidecar.istio.io/rewriteAppHTTPProbers": "true" } : {}),
            ...(secretRevision === undefined ? {} : { "openshift-mesh/secret-revision": secretRevision }),
        },
    };
}

function podSpec({ name, service, image, propertiesMap, secretName }: WorkloadArgs): object {
    const { port, requests, limits, probes } = service;
    const resources = { ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) };
    const apart = affinity(service.antiAffinity, { app: name });
    const env = environment(service, secretName, propertiesMap !== undefined);
    return {
        serviceAccountName: name,
        ...(apart === undefined ? {} : { affinity: apart }),
        securityContext: { runAsNonRoot: true },
        containers: [
            {
                name: service.container ?? name,
                image,
                // Its build can be run again, for a branch that has moved on, and then gives the same tag another image.
                ...(service.build === undefined ? {} : { imagePullPolicy: "Always" }),
                ports: [{ name: "http", containerPort: port, protocol: "TCP" }],
                ...(env.length === 0 ? {} : { env }),
                ...(requests || limits ? { resources } : {}),
                livenessProbe: { ...probe(probes.liveness, port), periodSeconds: 10, initialDelaySeconds: 10 },
                readinessProbe: { ...probe(probes.readiness, port), periodSeconds: 5 },
                securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"] },
                },
                volumeMounts: [
                    { name: "tmp", mountPath: "/tmp" },
                    ...(propertiesMap ? [{ name: "properties", mountPath: PROPERTIES_DIR, readOnly: true }] : []),
                ],
            },
        ],
        volumes: [
            // The only place that a read-only container may write to.
            { name: "tmp", emptyDir: {} },
            ...(propertiesMap ? [{ name: "properties", configMap: { name: propertiesMap } }] : []),
        ],
    };
}

function probe(path: string | undefined, port: number): object {
    return path === undefined ? { tcpSocket: { port } } : { httpGet: { path, port } };
}

function environment(service: ServiceConfig, secretName: string | undefined, properties: boolean): object[] {
    const fixed = properties ? [{ name: "SPRING_CONFIG_ADDITIONAL_LOCATION", value: `file:${PROPERTIES_DIR}/` }] : [];
    const own = Object.entries(service.env).map(([name, value]) =>
        typeof value === "string"
            ? { name, value }
            : { name, valueFrom: { secretKeyRef: { name: secretName, key: name } } },
    );
    return [...fixed, ...own];
}
