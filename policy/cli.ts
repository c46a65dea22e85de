import { readFileSync } from "node:fs";
import { Command } from "commander";
import { ConfigError } from "../config/problems";
import { readStackFile } from "../config/stack-file";
import { render } from "../render/render";
import { UndecidedError } from "../stacks/plan";
import { ENVIRONMENT_KEY, environmentOf, own, packConfig, type PackConfig, PolicyConfigError } from "./environments";
import { fromRendering } from "./from-rendering";
import { judge } from "./judge";
import { report } from "./report";
import { rules } from "./rules";
import { strictness } from "./settings";

interface Options {
    stack: string;
    generation?: string;
    config?: string;
    environment?: string;
}

/** Judges a stack's rendering by the pack's rules. Ends with 1 when a mandatory one is broken, with 2 when it cannot tell. */
async function main(): Promise<void> {
    const command = new Command("policy")
        .description("What the policy pack has to say of an environment's rendering; no cluster, no CLI.")
        .requiredOption("-s, --stack <name>", "the environment: reads Pulumi.<name>.yaml")
        .option("-g, --generation <name>", "as it would be on another generation, e.g. 3")
        .option("-c, --config <file>", "what --policy-pack-config takes: levels and settings by rule, as JSON")
        .option("-e, --environment <name>", "dev, staging or prod, whatever the stack says or is called");
    const { stack, generation, config, environment: asked } = command.parse().opts<Options>();
    const stated = asked ?? readStackFile(`Pulumi.${stack}.yaml`)[ENVIRONMENT_KEY];
    const { environment, because } = environmentOf(stack, stated);
    const held = strictness(rules, environment, own().policies[environment], config ? readConfig(config) : {});
    const { resources } = await render(stack, generation);
    const judgements = judge(rules, fromRendering(resources), held);
    const enabled = rules.filter((rule) => held[rule.name].level !== "disabled").length;
    const { text, failed } = report(judgements);
    process.stdout.write(
        `${stack} is ${environment}, ${asked ? "as was asked for" : because}: ${enabled} rules\n${text}`,
    );
    process.exitCode = failed ? 1 : 0;
}

function readConfig(file: string): PackConfig {
    let json: unknown;
    try {
        json = JSON.parse(readFileSync(file, "utf8"));
    } catch (error) {
        throw new PolicyConfigError(`${file} cannot be read: ${(error as Error).message}`);
    }
    const parsed = packConfig.safeParse(json);
    if (!parsed.success) {
        const problems = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
        throw new PolicyConfigError(`the policies' config is wrong:\n${problems.join("\n")}`);
    }
    return parsed.data;
}

main().catch((error) => {
    const forPeople = [ConfigError, UndecidedError, PolicyConfigError].some((kind) => error instanceof kind);
    process.stderr.write(`${forPeople ? error.message : error.stack}\n`);
    process.exitCode = 2;
});
