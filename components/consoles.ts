import * as pulumi from "@pulumi/pulumi";
import { namedRoutesGate } from "../cluster/gates";
import { type Context, everyOne, held, type Ready } from "./context";
import type { MeshArgs } from "./control-plane";
import { makePieces } from "./pieces";

export interface ConsolesArgs extends MeshArgs {
    /** The consoles' hosts as a preview shows them, by the Route's name. */
    foreseen: Record<string, string>;
}

/**
 * The consoles and the tracing behind them. Nothing depends on them but the outputs, so whatever else there is to do is
 * done meanwhile.
 */
export class Consoles extends pulumi.ComponentResource {
    /** Hosts, by the names that users know the consoles by. */
    readonly hosts: pulumi.Output<Record<string, string>>;

    constructor(name: string, args: ConsolesArgs, context: Context, opts: pulumi.ComponentResourceOptions) {
        super("mesh:index:Consoles", name, {}, opts);
        const { config, inCluster, own, foreseen } = args;
        const { dialect, timeouts } = context;
        const made = makePieces(
            {
                pieces: dialect.consolePieces(config),
                inCluster: inCluster.apply((c) => dialect.consolePieces(c)),
                own,
                timeoutSeconds: timeouts.controlPlane,
            },
            context,
            // They look at the control plane, and ask it for their sidecars.
            { parent: this, dependsOn: opts.dependsOn },
        );
        const before = everyOne(opts.dependsOn as Ready, ...Object.values(made).map((piece) => piece.ready));
        const routes = inCluster.apply((c) => dialect.consoleRoutes(c));
        const gate = pulumi
            .all([before, routes])
            .apply(([, names]) => namedRoutesGate({ routes: Object.values(names), timeoutSeconds: timeouts.routes }));
        const found = held(context, this, [], gate, foreseen).value;
        this.hosts = pulumi
            .all([routes, found])
            .apply(([names, hosts]) =>
                Object.fromEntries(Object.entries(names).map(([console, route]) => [console, hosts[route.name] ?? ""])),
            );
        this.registerOutputs({ hosts: this.hosts });
    }
}
