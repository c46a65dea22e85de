import { z } from "zod";

export const dataplaneSettings = z
    .strictObject({
        /** Programs and proxies run for pods. Only looked at when the lab starts. */
        enabled: z.boolean().default(true),
        /** Images whose name begins like this are the programs of apps/, by the name that follows: sample or caller. */
        images: z.array(z.string()).default([
            "registry.example.com/microsvc-sample/",
            // Where OpenShift's own builds push to.
            "image-registry.openshift-image-registry.svc:5000/microsvc-sample/",
        ]),
    })
    .prefault({});
