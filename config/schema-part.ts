/** Config of which part of an environment a stack is. */
import { choice, text } from "./fields";

export const PARTS = ["both", "platform", "workloads"] as const;

/** mesh:part */
export const part = choice(PARTS)
    .default("both")
    .describe(
        "Which part of an environment this stack is: platform (a mesh that other stacks' services may be in too), workloads " +
            "(services in the mesh of another stack) or both. Default: both.",
    );

/** mesh:platform */
export const platform = text("the full name of a stack, organization/project/stack", {
    pattern: /^[\w.-]+\/[\w.-]+\/[\w.-]+$/,
    hint: (value) =>
        /^[\w.-]+$/.test(value)
            ? `did you mean organization/mesh/${value}? pulumi stack ls shows the names`
            : undefined,
})
    .optional()
    .describe(
        "The stack whose mesh the services of a workloads stack are in, e.g. acme/mesh/prod-platform. Required with part: " +
            "workloads.",
    );
