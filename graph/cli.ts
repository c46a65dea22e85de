import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Command, Option } from "commander";
import { ConfigError } from "../config/problems";
import { UndecidedError } from "../stacks/plan";
import { PlatformError } from "../stacks/platform-reference";
import { readEnvironment } from "./environment";
import { mermaid } from "./mermaid";
import { svg } from "./svg/svg";

interface Options {
    stack: string;
    format: "svg" | "mermaid";
    out?: string;
}

async function main(): Promise<void> {
    const command = new Command("graph")
        .description("A picture of an environment: what there is, and who may call whom; no cluster, no CLI.")
        .requiredOption("-s, --stack <name>", "the environment: reads Pulumi.<name>.yaml")
        .addOption(new Option("-f, --format <format>", "of the picture").choices(["svg", "mermaid"]).default("svg"))
        .option("-o, --out <file>", "write it there instead of printing it");
    const { stack, format, out } = command.parse().opts<Options>();
    const environment = await readEnvironment(stack);
    const text = format === "svg" ? svg(environment) : mermaid(environment);
    if (out === undefined) {
        process.stdout.write(text);
    } else {
        mkdirSync(dirname(out), { recursive: true });
        writeFileSync(out, text);
    }
}

main().catch((error: Error) => {
    const forPeople = [ConfigError, PlatformError, UndecidedError].some((kind) => error instanceof kind);
    process.stderr.write(`${forPeople ? error.message : error.stack}\n`);
    process.exitCode = 1;
});
