import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PieceReady } from "../cluster/gates";
import type { MeshConfig } from "../config/schema";
import type { Home } from "../dialects";
import { type Context, everyOne, present, type Ready } from "./context";
import { labelNamespace } from "./namespace-labels";
import { makePieces } from "./pieces";

/** One side of a mesh's own things: what a component of the mesh itself is made from. */
export interface MeshArgs {
    /** As it was written: decides which resources there are. */
    config: MeshConfig;
    /** The same with names as they are in the cluster. */
    inCluster: pulumi.Output<MeshConfig>;
    /** Namespaces that are ours, by their names in the config. */
    own: Record<string, k8s.core.v1.Namespace>;
}

/**
 * The control plane, and what holds for the whole mesh. Ready when the operator says so for the very spec that was asked
 * for.
 */
export class ControlPlane extends pulumi.ComponentResource {
    /** What the operator says of it. */
    readonly state: pulumi.Output<PieceReady>;
    readonly ready: Ready;

    constructor(name: string, args: MeshArgs, context: Context, opts: pulumi.ComponentResourceOptions) {
        super("mesh:index:ControlPlane", name, {}, opts);
        const { config, inCluster, own } = args;
        const { dialect } = context;
        const homes = dialect.homes(config).filter(({ purpose }) => purpose !== "gateway");
        const labels = labelHomes(homes, args, { parent: this });
        const pieces = dialect.controlPlane(config);
        const made = makePieces(
            {
                pieces,
                inCluster: inCluster.apply((c) => dialect.controlPlane(c)),
                own,
                // They must be there first, also for objects of the whole cluster.
                on: homes.flatMap((home) => own[home.name] ?? []),
                ...(context.protect ? { protect: pieces[0].name } : {}),
                timeoutSeconds: context.timeouts.controlPlane,
            },
            context,
            {
                parent: this,
                // The operators must answer before their kinds can be made, and must live until the control plane is gone:
                // only they clear its finalizer.
                dependsOn: everyOne(opts.dependsOn as Ready | undefined, labels),
            },
        );
        this.state = made[pieces[0].name].value;
        this.ready = everyOne(...Object.values(made).map((piece) => piece.ready));
        this.registerOutputs({});
    }
}

/** Labels on the mesh's own namespaces where somebody else has made these. */
export function labelHomes(homes: Home[], { own }: MeshArgs, opts: pulumi.CustomResourceOptions): Ready {
    const patches = homes
        .filter((home) => own[home.name] === undefined && home.shared !== true)
        .flatMap((home) => labelNamespace(home.name, home.labels, opts));
    return present(...patches);
}
