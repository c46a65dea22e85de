import { readFileSync } from "node:fs";
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

export interface CheckOptions {
    stack: string;
    /** As it would be on another generation. */
    generation?: string;
    /** A file with what --policy-pack-config takes. */
    config?: string;
    /** Whatever the stack says or is called. */
    environment?: string;
}

export interface Checked {
    /** 0: kept; 1: a mandatory rule is broken; 2: it cannot be told, and the text says why. */
    code: 0 | 1 | 2;
    text: string;
}

/** Judges a stack's rendering by the pack's rules. */
export async function check(options: CheckOptions): Promise<Checked> {
    try {
        return await checkOrThrow(options);
    } catch (error) {
        const forPeople = [ConfigError, UndecidedError, PolicyConfigError].some((kind) => error instanceof kind);
        const { message, stack } = error as Error;
        return { code: 2, text: `${forPeople ? message : stack}\n` };
    }
}

async function checkOrThrow({ stack, generation, config, environment: asked }: CheckOptions): Promise<Checked> {
    const stated = asked ?? readStackFile(`Pulumi.${stack}.yaml`)[ENVIRONMENT_KEY];
    const { environment, because } = environmentOf(stack, stated);
    const held = strictness(rules, environment, own().policies[environment], config ? readConfig(config) : {});
    const { resources } = await render(stack, generation);
    const { text, failed } = report(judge(rules, fromRendering(resources), held));
    const enabled = rules.filter((rule) => held[rule.name].level !== "disabled").length;
    const reason = asked === undefined ? because : "as was asked for";
    return { code: failed ? 1 : 0, text: `${stack} is ${environment}, ${reason}: ${enabled} rules\n${text}` };
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
