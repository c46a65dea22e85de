import { z } from "zod";

const milliseconds = z.number().min(0);

/** Delays are milliseconds of the real operator (see timeScale). Defaults: recorded, maistra117 N0-N7. */
export const maistraSettings = z
    .strictObject({
        /** From the operator's pod being Ready to its webhook configurations and its Service. */
        registrationDelay: milliseconds.default(590),
        /** From then on until the webhooks answer; meanwhile every write of a mesh resource is refused. */
        webhookDelay: milliseconds.default(3_000),
        /** How long a changed control plane keeps its old status. */
        reactionDelay: milliseconds.default(100),
        /** What "Pruning obsolete resources" takes at the end of every install, update and removal. */
        pruningDelay: milliseconds.default(24_400),
        /** From a change of a Gateway to its Routes. */
        iorDelay: milliseconds.default(500),
        /** From a Kiali or Jaeger resource to what its operator makes of it. */
        addonDelay: milliseconds.default(2_000),
        /** This component (none by default) never becomes ready: security, galley, mixer, pilot, gateways, ... */
        stuckComponent: z.string().default(""),
        /** The Routes of the Gateways are not looked after, and nobody says so. */
        iorDown: z.boolean().default(false),
        /** The sidecar injector's webhook does not answer: pods of members are refused. */
        injectorDown: z.boolean().default(false),
        /** A roll that names its own namespace. */
        ownNamespaceAsMember: z.enum(["refused", "dropped"]).default("refused"),
        /** After an update of the control plane the roll is not Ready for a moment, as with later operators. */
        rollFlipsAfterUpdate: z.boolean().default(false),
    })
    .prefault({});

export type MaistraSettings = z.infer<typeof maistraSettings>;
