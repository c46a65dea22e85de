import { dirname, join } from "node:path";
import { type PlatformStack, platformStack } from "../stacks/platform-reference";
import { render } from "./render";

/**
 * What the platform of a workloads stack tells, from the rendering of its stack file, which is in the same folder; undefined
 * for any other stack. Errors: those of that rendering; PlatformError when the stack is no platform.
 */
export async function platformBeside(raw: Record<string, string>, file: string): Promise<PlatformStack | undefined> {
    const stack = raw["mesh:platform"];
    if (raw["mesh:part"] !== "workloads" || stack === undefined) {
        return undefined;
    }
    const short = stack.split("/").at(-1) as string;
    const { outputs } = await render(short, undefined, join(dirname(file), `Pulumi.${short}.yaml`));
    return platformStack(stack, outputs);
}
