import { z } from "zod";

export const deploymentConfigSettings = z
    .strictObject({
        /** Real milliseconds from a change of the template to its ReplicationController. */
        rolloutDelay: z.number().min(0).default(1_000),
    })
    .prefault({});
