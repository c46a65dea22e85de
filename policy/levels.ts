/** What kinds of environment there are, from the loosest to the strictest. */
export const ENVIRONMENTS = ["dev", "staging", "prod"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** What becomes of a run in which a rule is broken: nothing, a warning, or its end. As @pulumi/policy names them. */
export const LEVELS = ["disabled", "advisory", "mandatory"] as const;
export type Level = (typeof LEVELS)[number];

export const everywhere: Record<Environment, Level> = { dev: "mandatory", staging: "mandatory", prod: "mandatory" };
export const outsideDev: Record<Environment, Level> = { dev: "disabled", staging: "mandatory", prod: "mandatory" };
export const warnedInDev: Record<Environment, Level> = { dev: "advisory", staging: "mandatory", prod: "mandatory" };
export const warnedInStaging: Record<Environment, Level> = { dev: "disabled", staging: "advisory", prod: "mandatory" };
export const inProd: Record<Environment, Level> = { dev: "disabled", staging: "disabled", prod: "mandatory" };
