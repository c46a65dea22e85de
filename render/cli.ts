import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { ConfigError } from "../config/problems";
import { UndecidedError } from "../stacks/plan";
import { PlatformError } from "../stacks/platform-reference";
import { filesOf } from "./files";
import { render } from "./render";

interface Options {
    stack: string;
    generation?: string;
    out?: string;
}

/** Prints a stack's manifests, graph and outputs, or writes them into a folder as three files. */
async function main(): Promise<void> {
    const command = new Command("render")
        .description("What an environment declares: manifests, resource graph and outputs; no cluster, no CLI.")
        .requiredOption("-s, --stack <name>", "the environment: reads Pulumi.<name>.yaml")
        .option("-g, --generation <name>", "as it would be on another generation, e.g. 3")
        .option("-o, --out <folder>", "write manifests.yaml, graph.txt and outputs.yaml there instead");
    const { stack, generation, out } = command.parse().opts<Options>();
    const rendering = await render(stack, generation);
    for (const line of rendering.leftOut) {
        process.stderr.write(`left out: ${line}\n`);
    }
    for (const [name, text] of Object.entries(filesOf(rendering))) {
        if (out === undefined) {
            process.stdout.write(`# ${name}\n${text}\n`);
        } else {
            mkdirSync(out, { recursive: true });
            writeFileSync(join(out, name), text);
        }
    }
}

main().catch((error) => {
    const forPeople = [ConfigError, PlatformError, UndecidedError].some((kind) => error instanceof kind);
    process.stderr.write(`${forPeople ? error.message : error.stack}\n`);
    process.exitCode = 1;
});
