import { z } from "zod";

const patterns = z.array(z.string()).default([]);

/** Images are named by any part of their name. Delays are milliseconds of the real thing (see timeScale). */
export const kubeletSettings = z
    .strictObject({
        /** From the binding of a Pod to its containers being Ready. */
        readyDelay: z.number().min(0).default(2_000),
        /** From a Pod's deletion to its end, unless its grace period is shorter. */
        terminationDelay: z.number().min(0).default(1_000),
        /** Containers that start and never pass their readiness probe. */
        neverReadyImages: patterns,
        /** Containers that end with exit code 1 at once, again and again. */
        crashLoopImages: patterns,
        /** Images that the registry does not have. */
        missingImages: patterns,
    })
    .prefault({});
