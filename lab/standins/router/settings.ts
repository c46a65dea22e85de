import { z } from "zod";

export const routerSettings = z
    .strictObject({
        /** Hosts that a Route does not name are made under this domain. */
        domain: z.string().default("apps.example.com"),
        /** Real milliseconds from a Route's creation to its admission. */
        admitDelay: z.number().min(0).default(300),
        /** Nothing is admitted while it is off: Routes stay without a status. */
        running: z.boolean().default(true),
        /** Real milliseconds that the router waits for a pod that NetworkPolicies close to it (HAProxy: 5 s). */
        cutOffDelay: z.number().min(0).default(5_000),
    })
    .prefault({});
