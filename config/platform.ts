/** What a platform stack tells the workloads stacks in its mesh. */
import { z } from "zod";
import { completeControlPlane } from "./defaults";
import type { GenerationName } from "./generations";
import { GENERATION_NAMES } from "./generations";
import type { MeshConfig } from "./schema";
import { type ControlPlaneConfig, controlPlane } from "./schema-control-plane";

/**
 * The output `platform` of a stack with mesh:part platform: its mesh as members have to know it, with names as they are in
 * the cluster. Other programs read the outputs contract (consumer/contract.ts) instead.
 */
export interface PlatformOutput {
    generation: GenerationName;
    controlPlane: ControlPlaneConfig;
    membership: MeshConfig["membership"];
    /** The namespaces that it takes in itself: their names in the cluster, by the names that configs give them. */
    namespaces: Record<string, string>;
    /** The domain of the cluster's router. */
    domain: string;
    /** With mesh:uniqueNames. */
    suffix?: string;
    networkType?: string;
}

/** A mesh that another stack has made. */
export interface Platform extends PlatformOutput {
    /** "<organization>/<project>/<stack>", which is also the mark of its objects. */
    stack: string;
}

const shape = z.object({
    generation: z.enum(GENERATION_NAMES),
    controlPlane,
    membership: z.enum(["roll", "member", "selectors", "labels"]),
    namespaces: z.record(z.string(), z.string()),
    domain: z.string(),
    suffix: z.string().optional(),
    networkType: z.string().optional(),
});

/**
 * Reads what a platform stack tells; undefined when it is not what one of this release tells, which may know more keys of
 * the control plane than the other one did.
 */
export function parsePlatform(stack: string, told: unknown): Platform | undefined {
    const parsed = shape.safeParse(told);
    if (!parsed.success) {
        return undefined;
    }
    const { generation, controlPlane: given, ...rest } = parsed.data;
    return { ...rest, generation, stack, controlPlane: completeControlPlane(given, generation) };
}
