/** Config of the generation that a stack is moving to, while both are there. */
import { z } from "zod";
import { label, numberedChoice, object } from "./fields";
import { GENERATION_NAMES } from "./generations";
import { partial } from "./partial";
import { controlPlane } from "./schema-control-plane";
import { operators } from "./schema-operators";

/** mesh:next */
export const next = object({
    generation: numberedChoice(GENERATION_NAMES).describe("The generation that comes next. Required."),
    controlPlane: partial(controlPlane).describe(
        "Keys of mesh:controlPlane that are others in the next generation. Name and version are its own; everything " +
            "else is as in mesh:controlPlane unless it is given here.",
    ),
    operators: partial(operators).describe(
        "Keys of mesh:operators that are others in the next generation, whose Service Mesh operator is another package.",
    ),
    namespaces: z
        .array(label("a namespace"), { error: "a list of namespaces" })
        .default([])
        .describe("The members that have moved to the next generation. Default: none."),
})
    .optional()
    .describe(
        "The generation that this stack is moving to, beside today's. Once mesh:generation names it too, today's goes. " +
            "Default: none.",
    );

export type GivenNext = NonNullable<z.output<typeof next>>;
