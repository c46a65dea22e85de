import * as pulumi from "@pulumi/pulumi";
import { type Context, everyOne, type Ready } from "./context";
import { labelHomes, type MeshArgs } from "./control-plane";
import { makePieces } from "./pieces";

/**
 * The ingress gateway of a generation whose control plane brings none. Ready when it is rolled out with the proxy that the
 * control plane has put into it.
 */
export class IngressGateway extends pulumi.ComponentResource {
    readonly ready: Ready;

    constructor(name: string, args: MeshArgs, context: Context, opts: pulumi.ComponentResourceOptions) {
        super("mesh:index:IngressGateway", name, {}, opts);
        const { config, inCluster, own } = args;
        const { dialect } = context;
        const homes = dialect.homes(config).filter(({ purpose }) => purpose === "gateway");
        const labels = labelHomes(homes, args, { parent: this });
        const made = makePieces(
            {
                pieces: dialect.gatewayPieces(config),
                inCluster: inCluster.apply((c) => dialect.gatewayPieces(c)),
                own,
                timeoutSeconds: context.timeouts.rollout,
            },
            context,
            {
                parent: this,
                // Its pods get their proxy from the control plane, and would never start without.
                dependsOn: everyOne(opts.dependsOn as Ready, labels),
            },
        );
        this.ready = everyOne(...Object.values(made).map((piece) => piece.ready));
        this.registerOutputs({});
    }
}
