import { Command } from "commander";
import { ConfigError } from "../config/problems";
import { UndecidedError } from "../stacks/plan";
import { PlatformError } from "../stacks/platform-reference";
import { moveCommand, takenOver } from "./part";
import { render } from "./render";

/** Prints the command that moves services from the stack that has all to a workloads stack. */
async function main(): Promise<void> {
    const command = new Command("part")
        .description(
            "The command that hands services over to a workloads stack, without making them anew (docs/two-stacks.md). " +
                "It is printed, not run.",
        )
        .requiredOption("--from <stack>", "the stack that has them, which becomes the platform")
        .requiredOption("--to <stack>", "the workloads stack: reads Pulumi.<stack>.yaml");
    const { from, to } = command.parse().opts<{ from: string; to: string }>();
    const urns = takenOver(await render(to), from);
    process.stdout.write(`${moveCommand(urns, from, to)}\n`);
}

main().catch((error: Error) => {
    const forPeople = [ConfigError, PlatformError, UndecidedError].some((kind) => error instanceof kind);
    process.stderr.write(`${forPeople ? error.message : error.stack}\n`);
    process.exitCode = 1;
});
