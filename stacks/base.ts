import type * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes";
import type { MeshOutputs } from "./outputs";
import type { MadeSide } from "./sides";

/** What members and their services stand on: a mesh that this stack makes, or one of another stack. */
export interface Base {
    /** With mesh:uniqueNames. */
    suffix: pulumi.Output<string | undefined>;
    /** Namespaces of this stack, by the names that the config gives them. */
    own: Record<string, k8s.core.v1.Namespace>;
    /** The mesh; two of them while a stack moves on, today's first. */
    sides: [MadeSide, ...MadeSide[]];
    /** Hosts of the consoles that this stack has made, by name. */
    consoles: pulumi.Output<Record<string, string>>;
    told: Pick<MeshOutputs, "controlPlane" | "operators">;
}
