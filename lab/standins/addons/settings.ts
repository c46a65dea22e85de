import { z } from "zod";

/** The operators of consoles and tracing. Delays are milliseconds of the real ones (see timeScale). */
export const addonSettings = z
    .strictObject({
        /** From a resource to what its operator makes of it. */
        delay: z.number().min(0).default(2_000),
    })
    .prefault({});
