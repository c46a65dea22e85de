import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { accessSpec, denySpec, type ServiceConfig } from "../specs/access";
import { marked } from "../specs/meta";
import { type Context, everyOne, present, type Ready } from "./context";
import { custom } from "./custom";

export interface AccessPoliciesArgs {
    namespace: pulumi.Input<string>;
    ownNamespace?: k8s.core.v1.Namespace;
    /** The identities of the gateways through which requests come in. */
    gateways: pulumi.Input<string[]>;
    /**
     * The services that not everyone may call: as they were written, which decides which resources there are, and with
     * names as they are in the cluster.
     */
    services: Record<string, { config: ServiceConfig; inCluster: pulumi.Output<ServiceConfig> }>;
}

/**
 * Who may call what in a namespace: an AuthorizationPolicy `to-<service>` for each service that not everyone may call, and
 * `deny-to-<service>` for each with callers that may not whatever else holds.
 */
export class AccessPolicies extends pulumi.ComponentResource {
    /** By service: its rules are there. */
    readonly ready: Record<string, Ready> = {};

    constructor(name: string, args: AccessPoliciesArgs, context: Context, opts: pulumi.ComponentResourceOptions) {
        super("mesh:index:AccessPolicies", name, {}, opts);
        const namespace = pulumi.output(args.namespace);
        const gateways = pulumi.output(args.gateways);
        for (const [service, { config, inCluster }] of Object.entries(args.services)) {
            const policy = (
                logicalName: string,
                prefix: string,
                spec: (s: ServiceConfig, ns: string, entries: string[]) => object | undefined,
            ): Ready => {
                const object = custom(
                    logicalName,
                    {
                        apiVersion: context.dialect.apis.security,
                        kind: "AuthorizationPolicy",
                        metadata: namespace.apply((ns) => marked(context.mark, `${prefix}${service}`, ns)),
                        spec: pulumi
                            .all([inCluster, namespace, gateways])
                            .apply(([s, ns, entries]) => spec(s as ServiceConfig, ns, entries) ?? {}),
                    },
                    // Its kind comes with the control plane, and it rules only in a namespace that is a member.
                    { parent: this, dependsOn: opts.dependsOn, deletedWith: args.ownNamespace },
                );
                return present(object);
            };
            const allowing =
                config.allow === "anyone"
                    ? undefined
                    : policy(`${name}/${service}`, "to-", (s, ns, entries) =>
                          accessSpec(service, ns, s.allow, entries),
                      );
            const denying =
                config.deny.length === 0
                    ? undefined
                    : policy(`${name}/${service}/deny`, "deny-to-", (s, ns, entries) =>
                          denySpec(service, ns, s.deny, entries),
                      );
            this.ready[service] = everyOne(allowing, denying);
        }
        this.registerOutputs({});
    }
}
