import { z } from "zod";

/** What the cluster holds at the start; read once, by `lab up`. */
export const seedSettings = z
    .strictObject({
        /** Another team has installed the Jaeger operator already. */
        jaegerInstalled: z.boolean().default(false),
        /** Another team's Gateway, made as soon as the cluster knows that kind. */
        gateway: z.boolean().default(true),
        /** An administrator has installed the CRDs of the Gateway API. They need an OpenShift newer than 4.5. */
        gatewayApi: z.boolean().default(false),
        /** The scenario's namespaces, Routes and listeners, and another team's things. Off: operators' namespaces only. */
        scenario: z.boolean().default(true),
    })
    .prefault({});
