import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { KEY } from "../cluster/facts";
import { marked } from "../specs/meta";
import type { Context } from "./context";

/** A namespace that this stack makes, or that an earlier run of it made. */
export interface OwnNamespace {
    name: pulumi.Input<string>;
    labels: pulumi.Input<Record<string, string>>;
    /** Pulumi refuses to delete it. */
    protect: boolean;
}

/**
 * The stack's own namespaces, by the names that the config gives them. They stand apart from what is in them, so that a
 * namespace stays where it is when the mesh around it changes.
 */
export class Namespaces extends pulumi.ComponentResource {
    readonly own: Record<string, k8s.core.v1.Namespace> = {};

    constructor(
        name: string,
        args: { namespaces: Record<string, OwnNamespace> },
        context: Context,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("mesh:index:Namespaces", name, {}, opts);
        for (const key of Object.keys(args.namespaces).sort()) {
            const { name: inCluster, labels, protect } = args.namespaces[key];
            const metadata = pulumi.all([inCluster, labels]).apply(([n, l]) =>
                marked(context.mark, n, undefined, {
                    ...(Object.keys(l).length === 0 ? {} : { labels: l }),
                    annotations: { [KEY]: key },
                }),
            );
            this.own[key] = new k8s.core.v1.Namespace(key, { metadata }, { parent: this, protect });
        }
        this.registerOutputs({});
    }
}
