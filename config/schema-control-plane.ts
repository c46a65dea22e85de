/** Config of the control plane. */
import { z } from "zod";
import { choice, decimal, flag, label, object, resourceKeys, text } from "./fields";

function autoscale(what: string) {
    return flag().default(true).describe(`Whether ${what} is scaled by its load. Default: true.`);
}

const tracing = object({
    enabled: flag().default(true).describe("Whether requests are traced. Default: true."),
    sampling: decimal(0, 100, "a percentage").default(1).describe("Traced requests, in percent, 0 to 100. Default: 1."),
    storage: choice(["memory", "elasticsearch"])
        .default("memory")
        .describe("Where traces are kept: memory (lost when Jaeger restarts) or elasticsearch. Default: memory."),
});

const gateways = object({
    ingress: object({ autoscale: autoscale("the ingress gateway") })
        .prefault({})
        .describe("The ingress gateway."),
    egress: object({ autoscale: autoscale("the egress gateway") })
        .prefault({})
        .describe("The egress gateway."),
});

const mixer = object({
    policy: object({ autoscale: autoscale("Mixer's policy part") })
        .prefault({})
        .describe("Mixer's policy part."),
    telemetry: object({ autoscale: autoscale("Mixer's telemetry part"), ...resourceKeys("Mixer's telemetry part") })
        .prefault({})
        .describe("Mixer's telemetry part."),
});

const CONSOLES = ["kiali", "grafana", "jaeger", "prometheus"] as const;

const consoles = z
    .array(choice(CONSOLES), { error: `a list of ${CONSOLES.join(", ")}` })
    .default(["kiali", "grafana", "jaeger"])
    .describe("The consoles that are switched on. Default: kiali, grafana, jaeger.");

/** mesh:controlPlane */
export const controlPlane = object({
    name: label("the control plane's name")
        .default("basic-install")
        .describe("The name of the ServiceMeshControlPlane. Default: basic-install."),
    namespace: label("a namespace")
        .default("istio-system")
        .describe("Its namespace, made by this stack unless it is there. Default: istio-system."),
    version: text("a version like v1.1", { pattern: /^v\d+(\.\d+)*$/ })
        .optional()
        .describe("The control plane's version within the generation, e.g. v1.1. Default: the generation's newest."),
    mtls: choice(["off", "permissive", "strict"])
        .default("strict")
        .describe(
            "Mutual TLS between services. off: plain text; permissive: both are taken; strict: plain text " +
                "is refused. Default: strict.",
        ),
    tracing: tracing.prefault({}).describe("Distributed tracing."),
    consoles,
    proxy: object(resourceKeys("each sidecar"))
        .prefault({})
        .describe("Resources of each sidecar. Default: the operator's."),
    gateways: gateways.prefault({}).describe("The mesh's gateways."),
    mixer: mixer
        .prefault({})
        .describe("Mixer, the part of generation 1.1 that checks policies and collects telemetry."),
    pilot: object({ autoscale: autoscale("Pilot") })
        .prefault({})
        .describe("Pilot, which configures the sidecars."),
    routes: choice(["gateways", "none"])
        .default("gateways")
        .describe("gateways: the mesh makes a Route for each host; none: it makes no Route. Default: gateways."),
})
    .prefault({})
    .describe("The control plane.");

export type ControlPlaneConfig = z.output<typeof controlPlane>;
export type Console = (typeof CONSOLES)[number];
