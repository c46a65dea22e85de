/** Config of the control plane. */
import { z } from "zod";
import { choice, decimal, flag, integer, label, memory, object, resourceKeys, subdomain, text } from "./fields";
import { autoscale, ingress } from "./schema-gateway";

const tracing = object({
    enabled: flag().default(true).describe("Whether requests are traced. Default: true."),
    sampling: decimal(0, 100, "a percentage").default(1).describe("Traced requests, in percent, 0 to 100. Default: 1."),
    backend: choice(["jaeger", "tempo"])
        .optional()
        .describe(
            "What keeps the traces: jaeger (generations 1.1 and 2.6) or tempo (2.6 and 3). Default: jaeger, on 3 tempo.",
        ),
    storage: choice(["memory", "elasticsearch", "object"])
        .default("memory")
        .describe(
            "Where it keeps them: memory (lost when it restarts), elasticsearch (jaeger) or object (tempo). Default: memory.",
        ),
    secret: subdomain("the name of a Secret")
        .optional()
        .describe(
            "The Secret with the address and credentials of the object storage, in the control plane's namespace. " +
                "Required with storage: object.",
        ),
    secretType: choice(["s3", "azure", "gcs"])
        .optional()
        .describe("What kind of object storage that Secret is of. Default: s3, with storage: object."),
    size: memory()
        .optional()
        .describe("What each part of Tempo may keep on disk until it is there. Default: 10Gi, with storage: object."),
});

const gateways = object({
    ingress,
    egress: object({ autoscale: autoscale("the egress gateway") })
        .prefault({})
        .describe("The egress gateway, of generations 1.1 and 2.6."),
});

const mixer = object({
    policy: object({ autoscale: autoscale("Mixer's policy part") })
        .optional()
        .describe("Mixer's policy part."),
    telemetry: object({ autoscale: autoscale("Mixer's telemetry part"), ...resourceKeys("Mixer's telemetry part") })
        .optional()
        .describe("Mixer's telemetry part."),
});

const CONSOLES = ["kiali", "grafana", "jaeger", "prometheus"] as const;

const consoles = z
    .array(choice(CONSOLES), { error: `a list of ${CONSOLES.join(", ")}` })
    .optional()
    .describe(
        "The consoles that are switched on; jaeger is the one of traces, whatever keeps them; generation 3 has kiali " +
            "and jaeger. Default: kiali, grafana, jaeger; on 3 kiali, jaeger.",
    );

const updateStrategy = object({
    type: choice(["InPlace", "RevisionBased"])
        .default("InPlace")
        .describe(
            "InPlace: a new version takes the old one's place; RevisionBased: both run until every sidecar has moved " +
                "over, which needs a version. Default: InPlace.",
        ),
    gracePeriodSeconds: integer(0, 86400, "seconds")
        .optional()
        .describe("How long a revision stays that no sidecar uses any more, in seconds. Default: the operator's, 30."),
});

/** mesh:controlPlane */
export const controlPlane = object({
    name: label("the control plane's name")
        .optional()
        .describe("The name of the control plane's object. Default: basic-install; on 2.6 basic; on 3 default."),
    namespace: label("a namespace")
        .default("istio-system")
        .describe("Its namespace, made by this stack unless it is there. Default: istio-system."),
    version: text("a version like v1.1, v2.6, v1.27.9 or v1.27-latest", { pattern: /^v\d+(\.\d+)*(-latest)?$/ })
        .optional()
        .describe(
            "The control plane's version within the generation, e.g. v1.1, v2.6, v1.27.9. Default: the generation's " +
                "newest; on 3 the operator's own default.",
        ),
    updateStrategy: updateStrategy.optional().describe("How a control plane of generation 3 goes to another version."),
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
    mixer: mixer.optional().describe("Mixer, the part of generation 1.1 that checks policies and collects telemetry."),
    pilot: object({ autoscale: autoscale("Pilot") })
        .prefault({})
        .describe("Pilot, which configures the sidecars."),
    routes: choice(["gateways", "stack", "none"])
        .optional()
        .describe(
            "Who makes a Route for each host. gateways: the mesh, from Gateways (not on 3); stack: this stack; none: " +
                "nobody. Default: gateways; on 2.6 and 3 stack.",
        ),
})
    .prefault({})
    .describe("The control plane.");

/** As the schema gives it; what differs by generation is filled in later. */
export type GivenControlPlane = z.output<typeof controlPlane>;
export type Console = (typeof CONSOLES)[number];

type Filled<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };

/** With every default filled in. */
export type ControlPlaneConfig = Filled<Omit<GivenControlPlane, "tracing">, "name" | "consoles" | "routes"> & {
    tracing: Filled<GivenControlPlane["tracing"], "backend">;
};
