import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { KEY } from "../cluster/facts";
import { controlPlaneGate, namedRoutesGate } from "../cluster/gates";
import type { MeshConfig } from "../config/schema";
import { marked } from "../specs/meta";
import { type Context, held, type Ready } from "./context";
import { guarded } from "./custom";

export interface ControlPlaneArgs {
    /** The whole config: a control plane's spec depends on the mesh, not only on its own section. */
    config: pulumi.Input<MeshConfig>;
    /** The namespace as the config names it, when it is ours: to be made now, or made by an earlier run. */
    ownNamespace?: string;
    /** The consoles' hosts as a preview shows them. */
    foreseen: Record<string, string>;
}

/**
 * The control plane in its namespace. Ready when the operator says so for the very spec that was asked for; its consoles'
 * Routes are awaited apart, since nothing depends on them but the outputs.
 */
export class ControlPlane extends pulumi.ComponentResource {
    /** Hosts of the consoles, by the names that users know them by. */
    readonly consoles: pulumi.Output<Record<string, string>>;
    readonly ready: Ready;

    constructor(name: string, args: ControlPlaneArgs, context: Context, opts: pulumi.ComponentResourceOptions) {
        super("mesh:index:ControlPlane", name, {}, opts);
        const config = pulumi.output(args.config);
        const kind = context.dialect.controlPlaneKind;
        const namespace = args.ownNamespace
            ? new k8s.core.v1.Namespace(
                  args.ownNamespace,
                  {
                      metadata: config.apply((c) =>
                          marked(context.mark, c.controlPlane.namespace, undefined, {
                              annotations: { [KEY]: args.ownNamespace as string },
                          }),
                      ),
                  },
                  { parent: this },
              )
            : undefined;
        const controlPlane = guarded(
            name,
            {
                ...kind,
                metadata: config.apply((c) => marked(context.mark, c.controlPlane.name, c.controlPlane.namespace)),
                spec: config.apply((c) => context.dialect.controlPlaneSpec(c)),
            },
            context,
            {
                parent: this,
                // The operators must answer before their kinds can be made, and must live until the control plane is gone:
                // only they clear its finalizer. The namespace must be there first and go last.
                dependsOn: pulumi
                    .output(opts.dependsOn as pulumi.Input<pulumi.Resource[]>)
                    .apply((operators) => [...(operators ?? []), ...(namespace ? [namespace] : [])]),
            },
        );
        const objects = [controlPlane, ...(namespace ? [namespace] : [])];
        const at = config.apply((c) => ({ namespace: c.controlPlane.namespace, name: c.controlPlane.name }));
        const installed = held(
            context,
            controlPlane,
            objects,
            at.apply((place) => controlPlaneGate({ ...place, ...kind, timeoutSeconds: context.timeouts.controlPlane })),
            { generation: 0 },
        );
        this.ready = installed.ready;

        const routes = pulumi.output(args.config).apply((c) => context.dialect.consoleRoutes(c));
        const hosts = held(
            context,
            controlPlane,
            objects,
            pulumi.all([at, routes, installed.value]).apply(([{ namespace }, names]) =>
                namedRoutesGate({
                    namespace,
                    names: Object.values(names),
                    timeoutSeconds: context.timeouts.routes,
                }),
            ),
            args.foreseen,
        ).value;
        this.consoles = pulumi
            .all([routes, hosts])
            .apply(([names, found]) => mapValues(names, (route) => found[route] ?? ""));
        this.registerOutputs({ consoles: this.consoles });
    }
}

function mapValues(record: Record<string, string>, change: (value: string) => string): Record<string, string> {
    return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
