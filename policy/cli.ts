import { Command } from "commander";
import { check, type CheckOptions } from "./check";

/** What the pack has to say of a stack's rendering; the exit code is that of the check. */
async function main(): Promise<void> {
    const command = new Command("policy")
        .description("What the policy pack has to say of an environment's rendering; no cluster, no CLI.")
        .requiredOption("-s, --stack <name>", "the environment: reads Pulumi.<name>.yaml")
        .option("-g, --generation <name>", "as it would be on another generation, e.g. 3")
        .option("-c, --config <file>", "what --policy-pack-config takes: levels and settings by rule, as JSON")
        .option("-e, --environment <name>", "dev, staging or prod, whatever the stack says or is called");
    const { code, text } = await check(command.parse().opts<CheckOptions>());
    (code === 2 ? process.stderr : process.stdout).write(text);
    process.exitCode = code;
}

void main();
