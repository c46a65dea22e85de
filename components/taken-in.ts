import * as pulumi from "@pulumi/pulumi";
import { membershipGate } from "../cluster/gates";
import { type Context, held, type Ready } from "./context";

export interface TakenInArgs {
    controlPlane: pulumi.Input<{ name: string; namespace: string }>;
    /** The namespaces, and the labels by which they are members, where labels say so; by the name that the config gives. */
    namespaces: Record<string, { name: pulumi.Input<string>; labels?: pulumi.Input<Record<string, string>> }>;
}

/**
 * Namespaces that the platform's stack takes into the mesh. Nothing is made: pods wait until they are really members, as
 * they would get no sidecars otherwise.
 */
export class TakenIn extends pulumi.ComponentResource {
    /** The namespaces, once they are members. */
    readonly configured: pulumi.Output<string[]>;
    readonly ready: Ready;

    constructor(name: string, args: TakenInArgs, context: Context, opts: pulumi.ComponentResourceOptions) {
        super("mesh:index:TakenIn", name, {}, opts);
        const keys = Object.keys(args.namespaces).sort();
        const all = pulumi.all(keys.map((key) => pulumi.output(args.namespaces[key])));
        const gate = pulumi.all([all, pulumi.output(args.controlPlane), opts.dependsOn as Ready]).apply(([each, cp]) =>
            membershipGate({
                by: "platform",
                controlPlane: cp,
                namespaces: each.map((n) => n.name),
                ...(each.some((n) => n.labels)
                    ? { labels: Object.fromEntries(each.map((n) => [n.name, n.labels ?? {}])) }
                    : {}),
                timeoutSeconds: context.timeouts.membership,
            }),
        );
        const taken = held(context, this, [], gate, { configured: [] });
        // In a preview nobody was asked: what is wanted is what there will be.
        this.configured = pulumi
            .all([taken.value, all])
            .apply(([{ configured }, each]) =>
                (pulumi.runtime.isDryRun() ? each.map((n) => n.name) : configured).slice().sort(),
            );
        this.ready = taken.ready;
        this.registerOutputs({ configured: this.configured });
    }
}
