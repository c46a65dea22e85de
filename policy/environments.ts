import { z } from "zod";
import raw from "./environments.json";
import { type Environment, ENVIRONMENTS, LEVELS } from "./levels";
import { fits } from "./rules/names";

const policy = z.union([
    z.enum([...LEVELS, "remediate"]),
    z.looseObject({ enforcementLevel: z.enum([...LEVELS, "remediate"]).optional() }),
]);

/** What --policy-pack-config takes: by rule, or for "all", a level, or settings with or without a level. */
export const packConfig = z.record(z.string(), policy);
export type PackConfig = z.output<typeof packConfig>;

const patterns = z.array(z.string());

/** policy/environments.json: which stacks are which environment, and what holds there beyond defaults. */
export const environments = z.strictObject({
    stacks: z.strictObject({ dev: patterns, staging: patterns, prod: patterns }),
    otherwise: z.enum(ENVIRONMENTS),
    policies: z.strictObject({ dev: packConfig, staging: packConfig, prod: packConfig }),
});
export type Environments = z.output<typeof environments>;

/** The pack's config is wrong. `message` is for a person and says all that is. */
export class PolicyConfigError extends Error {
    override readonly name = "PolicyConfigError";
}

/** The key by which a stack says itself which environment it is. */
export const ENVIRONMENT_KEY = "policy:environment";

/**
 * Which environment a stack is: what its own config says; else what its name says; else what environments.json says of
 * such stacks: the strictest. Errors: PolicyConfigError, when its config names none.
 */
export function environmentOf(
    stack: string | undefined,
    stated: string | undefined,
    known: Environments = own(),
): { environment: Environment; because: string } {
    if (stated !== undefined && stated !== "") {
        const environment = ENVIRONMENTS.find((name) => name === stated);
        if (environment === undefined) {
            throw new PolicyConfigError(
                `${ENVIRONMENT_KEY} is ${stated}: ${ENVIRONMENTS.join(", ")} are what there is`,
            );
        }
        return { environment, because: `as ${ENVIRONMENT_KEY} says` };
    }
    const environment = ENVIRONMENTS.find((name) => known.stacks[name].some((pattern) => fits(pattern, stack ?? "")));
    return environment === undefined
        ? { environment: known.otherwise, because: `as any whose name says nothing; or set ${ENVIRONMENT_KEY}` }
        : { environment, because: "by its name" };
}

/** The pack's own. Errors: the file is wrong. */
export function own(): Environments {
    return environments.parse(raw);
}
