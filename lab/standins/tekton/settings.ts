import { z } from "zod";

export const tektonSettings = z
    .strictObject({
        /** Real milliseconds from a change of an EventListener to its Deployment. */
        reconcileDelay: z.number().min(0).default(500),
        /** The image of the listeners' pods. */
        image: z.string().default("gcr.io/tekton-releases/github.com/tektoncd/triggers/cmd/eventlistenersink:v0.8.1"),
    })
    .prefault({});
