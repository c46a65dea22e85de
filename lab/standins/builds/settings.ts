import { z } from "zod";

export const buildsSettings = z
    .strictObject({
        /** Real milliseconds from the start of a build to its end. */
        duration: z.number().min(0).default(60_000),
        /** Builds whose BuildConfig's name holds one of these fail. */
        failing: z.array(z.string()).default([]),
        /** What the end of a failed build's log says. */
        log: z.string().default("STEP 3/9: RUN npm ci\nnpm error network\nerror: build error: exit status 1"),
    })
    .prefault({});
