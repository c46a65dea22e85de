import * as pulumi from "@pulumi/pulumi";
import { parsePlatform, type Platform } from "../config/platform";
import type { Outputs } from "../consumer/contract";

/** A platform stack, as a workloads stack sees it. */
export interface PlatformStack {
    /** What members have to know of its mesh. */
    platform: Platform;
    /** What both tell others of it. */
    told: Pick<Outputs, "controlPlane" | "operators">;
}

/** The stack that mesh:platform names has no mesh for others. `message` is for a person and says everything. */
export class PlatformError extends Error {
    override readonly name = "PlatformError";
}

/**
 * Reads the outputs of the stack that mesh:platform names; undefined where the config names none. Errors: PlatformError when
 * it tells of no platform. That there is no such stack is said by Pulumi itself.
 */
export async function referToPlatform(config: Readonly<Record<string, string>>): Promise<PlatformStack | undefined> {
    const stack = config["mesh:platform"] ?? "";
    if (config["mesh:part"] !== "workloads" || stack.split("/").length !== 3) {
        return undefined;
    }
    const reference = new pulumi.StackReference(stack);
    const [told, controlPlane, operators] = await Promise.all(
        ["platform", "controlPlane", "operators"].map(async (name) => (await reference.getOutputDetails(name)).value),
    );
    return platformStack(stack, { platform: told, controlPlane, operators });
}

/** The same from outputs that are at hand. Pure. */
export function platformStack(stack: string, outputs: Record<string, unknown>): PlatformStack {
    const platform = parsePlatform(stack, outputs.platform);
    if (platform === undefined) {
        const short = stack.split("/").at(-1);
        const why =
            outputs.platform !== undefined
                ? "was brought up by another release of this program"
                : outputs.controlPlane !== undefined
                  ? "is not a platform: it has no mesh for the services of other stacks"
                  : "has not been brought up";
        throw new PlatformError(
            `mesh:platform: the stack ${stack} ${why}; nothing was touched\n` +
                `  Set mesh:part: platform in Pulumi.${short}.yaml and run there: pulumi up -s ${short}`,
        );
    }
    return { platform, told: outputs as PlatformStack["told"] };
}
