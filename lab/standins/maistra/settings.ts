import { z } from "zod";

const milliseconds = z.number().min(0);

/** Delays are milliseconds of the real operator (see timeScale). Defaults: recorded, maistra117 N0-N7, maistra25 M0-M10. */
export const maistraSettings = z
    .strictObject({
        /** From the operator's pod being Ready to its webhook configurations and its Service. */
        registrationDelay: milliseconds.default(590),
        /** From then on until the webhooks answer; meanwhile every write of a mesh resource is refused. */
        webhookDelay: milliseconds.default(3_000),
        /** How long an operator 2.5 is away when it restarts itself, once after it has been installed. */
        restartDelay: milliseconds.default(8_000),
        /** How long a changed control plane keeps its old status. */
        reactionDelay: milliseconds.default(100),
        /** What "Pruning obsolete resources" takes at the end of every install, update and removal; 1.1 only. */
        pruningDelay: milliseconds.default(24_400),
        /** From a change of a Gateway to its Routes. */
        iorDelay: milliseconds.default(500),
        /** This component (none by default) never becomes ready: galley, pilot, ...; 2.x: istio-discovery, grafana, ... */
        stuckComponent: z.string().default(""),
        /** The Routes of the Gateways are not looked after, and nobody says so. */
        iorDown: z.boolean().default(false),
        /** The sidecar injector's webhook does not answer: pods of members are refused. */
        injectorDown: z.boolean().default(false),
        /** A roll that names its own namespace; 2.x always drops it. */
        ownNamespaceAsMember: z.enum(["refused", "dropped"]).default("refused"),
        /** After an update of the control plane the roll is not Ready for a moment, as always with 2.x. */
        rollFlipsAfterUpdate: z.boolean().default(false),
    })
    .prefault({});

export type MaistraSettings = z.infer<typeof maistraSettings>;
