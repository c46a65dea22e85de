import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { ConfigError } from "../config/problems";
import { UndecidedError } from "../stacks/plan";
import { PlatformError } from "../stacks/platform-reference";
import { rolesOf } from "./roles";
import { type Subject, subjectOf, yamlOf } from "./yaml";

interface Options {
    stack: string;
    also: string[];
    givenNamespaces?: boolean;
    previewer: Subject[];
    refresher: Subject[];
    deployer: Subject[];
    verifier: Subject[];
    out?: string;
}

/** Prints the roles of those who preview, deploy and verify an environment. */
async function main(): Promise<void> {
    const texts = (value: string, all: string[]): string[] => [...all, value];
    const subjects = (value: string, all: Subject[]): Subject[] => [...all, subjectOf(value)];
    const who = "WHO: user:NAME, group:NAME or sa:NAMESPACE/NAME; may be given more than once";
    const { stack, also, givenNamespaces, previewer, refresher, deployer, verifier, out } = new Command("roles")
        .description("The roles of those who preview, deploy and verify an environment, as YAML; no cluster, no CLI.")
        .requiredOption("-s, --stack <name>", "the environment: reads Pulumi.<name>.yaml")
        .option("-a, --also <file>", "the stack file as it was before, or will be: its rights as well", texts, [])
        .option("-g, --given-namespaces", "make the namespaces too, so that rights within them hold there alone")
        .option("--previewer <who>", `bind the previewer's roles. ${who}`, subjects, [])
        .option("--refresher <who>", "bind them, and the one for reading the stack's Secrets", subjects, [])
        .option("--deployer <who>", "bind the deployer's", subjects, [])
        .option("--verifier <who>", "bind the verifier's", subjects, [])
        .option("-o, --out <file>", "write it there instead of printing it")
        .parse()
        .opts<Options>();
    const roles = await rolesOf(stack, { also, given: givenNamespaces });
    const text = yamlOf(roles, {
        previewer: [...previewer, ...refresher],
        "previewer-secrets": refresher,
        deployer,
        verifier,
    });
    if (out === undefined) {
        process.stdout.write(text);
    } else {
        writeFileSync(out, text);
    }
}

main().catch((error) => {
    const forPeople = [ConfigError, PlatformError, UndecidedError].some((kind) => error instanceof kind);
    const isOurs = forPeople || /names nobody/.test(error.message);
    process.stderr.write(`${isOurs ? error.message : error.stack}\n`);
    process.exitCode = 1;
});
