/**
 * The schema of a stack's configuration: one source for the types that the program uses, the errors that a person
 * reads, the JSON Schema that editors use and the table of keys. Keys are flat where Pulumi wants them flat
 * (`mesh:x`), objects below.
 */
import { z } from "zod";
import { choice, domain, flag, integer, map, object, subdomain, text } from "./fields";
import { GENERATION_NAMES } from "./generations";
import type { Platform } from "./platform";
import { type ControlPlaneConfig, controlPlane } from "./schema-control-plane";
import { type GivenNext, next } from "./schema-next";
import { part, platform } from "./schema-part";
import { catalog, operators } from "./schema-operators";
import { namespaces } from "./schema-services";

const seconds = (what: string, value: number) =>
    integer(1, 86400, "seconds")
        .default(value)
        .describe(`How long to wait for ${what}, in seconds, 1 to 86400. Default: ${value}.`);

const timeouts = object({
    operator: seconds("an operator to be installed", 600),
    controlPlane: seconds("the control plane to be ready", 900),
    membership: seconds("the namespaces to be members", 300),
    build: seconds("OpenShift to build an image", 900),
    rollout: seconds("a service to be rolled out with its sidecars", 600),
    routes: seconds("the Routes to be admitted", 120),
})
    .prefault({})
    .describe("How long each step may take, in seconds. A step that has visibly failed does not wait so long.");

const secrets = map(
    subdomain("a secret's name"),
    text("text that is not empty (numbers in quotes)", { test: (value) => value !== "" }),
    "secrets, by name",
)
    .default({})
    .describe(
        "Secrets that services refer to by name; set with `pulumi config set --secret --path " +
            "mesh:secrets.NAME`. Default: none.",
    );

/** Every key that begins with `mesh:`, without that beginning. */
export const schema = object({
    generation: choice(GENERATION_NAMES).describe("The generation of Service Mesh. Required."),
    part,
    platform,
    appsDomain: domain()
        .optional()
        .describe(
            "The domain that the cluster's router answers for, e.g. apps.example.com. Default: read from the cluster.",
        ),
    uniqueNames: flag()
        .default(false)
        .describe(
            "Whether a random suffix is added to the namespaces that this stack makes and to hosts given " +
                "as a bare label, so that several " +
                "environments can share a cluster. Default: false.",
        ),
    protect: flag()
        .default(false)
        .describe(
            "Whether Pulumi refuses to delete the control plane, its namespace and the operators' namespaces. To remove " +
                "them, set it to false and run pulumi up first. Default: false.",
        ),
    catalog,
    operators,
    controlPlane,
    membership: choice(["roll", "member", "selectors", "labels"])
        .optional()
        .describe(
            "How namespaces join: roll (the control plane lists them), member (each namespace asks), selectors (the " +
                "control plane of 2.6 looks for a label) or labels (generation 3). Default: roll; on 3 labels.",
        ),
    namespaces,
    secrets,
    timeouts,
    next,
});

/** A configuration as the schema gives it; what differs by generation is filled in later (defaults.ts). */
export type GivenConfig = z.output<typeof schema>;

/** A configuration that has been checked; every default is filled in. */
export type MeshConfig = Omit<GivenConfig, "controlPlane" | "membership" | "platform" | "next"> & {
    controlPlane: ControlPlaneConfig;
    membership: NonNullable<GivenConfig["membership"]>;
    /** Of a workloads stack: the mesh that its services are in, whose control plane `controlPlane` then is. */
    platform?: Platform;
    /** The generation that this stack is moving to, in full. To be read through effective(). */
    next?: NextConfig;
};

export type NextConfig = Pick<GivenNext, "generation" | "namespaces"> & {
    controlPlane: ControlPlaneConfig;
    operators: GivenConfig["operators"];
};

/** The same as it may be written, with defaults left out. */
export type MeshConfigInput = z.input<typeof schema>;

export type { Console, ControlPlaneConfig } from "./schema-control-plane";
export type { OperatorConfig, OperatorName } from "./schema-operators";
export type { AllowConfig, AllowRule, EnvValue, NamespaceConfig, ServiceConfig } from "./schema-services";
