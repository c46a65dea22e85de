import { z } from "zod";
import { type PackConfig, PolicyConfigError } from "./environments";
import type { Environment, Level } from "./levels";
import type { Rule } from "./rule";

/** How a rule is held to in a run. */
export interface Strictness {
    level: Level;
    settings: Record<string, unknown>;
}

/**
 * How each rule is held to in an environment: its defaults, and over them one config after the other, as the engine
 * lays them over each other (pulumi/pulumi, pkg/resource/analyzer/config.go). Errors: PolicyConfigError.
 */
export function strictness(
    rules: readonly Rule[],
    environment: Environment,
    ...configs: PackConfig[]
): Record<string, Strictness> {
    const problems: string[] = [];
    for (const name of configs.flatMap((config) => Object.keys(config))) {
        if (name !== "all" && !rules.some((rule) => rule.name === name)) {
            problems.push(`${name}: no such rule; there are ${rules.map((rule) => rule.name).join(", ")}`);
        }
    }
    const result = Object.fromEntries(
        rules.map((rule) => {
            let level = rule.level[environment];
            const given: Record<string, unknown> = {};
            for (const config of configs) {
                const { enforcementLevel, ...settings } = spread(config[rule.name]);
                level = asLevel(enforcementLevel ?? spread(config.all).enforcementLevel) ?? level;
                Object.assign(given, settings);
            }
            const parsed = z.strictObject(rule.settings.shape).safeParse(given);
            if (!parsed.success) {
                problems.push(...parsed.error.issues.map((i) => `${[rule.name, ...i.path].join(".")}: ${i.message}`));
            }
            return [rule.name, { level, settings: parsed.data ?? {} }];
        }),
    );
    if (problems.length > 0) {
        throw new PolicyConfigError(`the policies' config is wrong:\n${problems.map((p) => `  ${p}`).join("\n")}`);
    }
    return result;
}

function spread(config: PackConfig[string] | undefined): { enforcementLevel?: string } & Record<string, unknown> {
    return typeof config === "string" ? { enforcementLevel: config } : (config ?? {});
}

/** Nothing is remedied here: what asks for it is held to what is said. */
function asLevel(level: string | undefined): Level | undefined {
    return level === "remediate" ? "mandatory" : (level as Level | undefined);
}
