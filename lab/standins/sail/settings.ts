import { z } from "zod";

const milliseconds = z.number().min(0);

/** Delays are milliseconds of the real operator (see timeScale). Defaults: recorded, sail S1-S10. */
export const sailSettings = z
    .strictObject({
        /** From a change to the controller that looks at it. */
        reactionDelay: milliseconds.default(10),
        /** What Helm takes to install a control plane's chart, before its first object. */
        installDelay: milliseconds.default(350),
        /** What Helm takes for a chart that is installed: each later look at a revision. */
        upgradeDelay: milliseconds.default(600),
        /** The same for the small charts: CNI, tags and base. */
        smallChartDelay: milliseconds.default(60),
        /** How long the error of a creation stands in an Istio's status. */
        flickerDelay: milliseconds.default(35),
        /**
         * What a new Istio's status shows before it is true: "conflict" = a ReconcileError that passes, "not-found" =
         * ActiveRevisionNotFound and then that error, "none". The real one does one or the other, by chance.
         */
        flicker: z.enum(["conflict", "not-found", "none"]).default("conflict"),
        /** From the end of an owner to that of what it owned, which is Kubernetes' part. */
        collectDelay: milliseconds.default(15),
        /** istiod's webhooks do not answer: pods that should get a proxy are refused. */
        injectorDown: z.boolean().default(false),
        /** Proxies are init containers that stay, as from Istio 1.27 on where every Node is of Kubernetes 1.33 or later. */
        nativeSidecars: z.boolean().default(false),
    })
    .prefault({});

export type SailSettings = z.infer<typeof sailSettings>;
