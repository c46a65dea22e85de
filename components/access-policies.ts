import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { accessSpec, type ServiceConfig } from "../specs/access";
import { marked } from "../specs/meta";
import type { Context, Ready } from "./context";
import { custom } from "./custom";

export interface AccessPoliciesArgs {
    namespace: pulumi.Input<string>;
    ownNamespace?: k8s.core.v1.Namespace;
    /** The services that not everyone may call, and who may, with names as they are in the cluster. */
    services: Record<string, pulumi.Input<ServiceConfig["allow"]>>;
}

/** Who may call what in a namespace: one AuthorizationPolicy `to-<service>` for each service that not everyone may call. */
export class AccessPolicies extends pulumi.ComponentResource {
    /** By service: its rule is there. */
    readonly ready: Record<string, Ready> = {};

    constructor(name: string, args: AccessPoliciesArgs, context: Context, opts: pulumi.ComponentResourceOptions) {
        super("mesh:index:AccessPolicies", name, {}, opts);
        const namespace = pulumi.output(args.namespace);
        for (const [service, allow] of Object.entries(args.services)) {
            const policy = custom(
                `${name}/${service}`,
                {
                    apiVersion: context.dialect.apis.security,
                    kind: "AuthorizationPolicy",
                    metadata: namespace.apply((ns) => marked(context.mark, `to-${service}`, ns)),
                    spec: pulumi
                        .all([namespace, pulumi.output(allow)])
                        .apply(([ns, callers]) => accessSpec(service, ns, callers as ServiceConfig["allow"]) ?? {}),
                },
                // Its kind comes with the control plane, and it rules only in a namespace that is a member.
                { parent: this, dependsOn: opts.dependsOn, deletedWith: args.ownNamespace },
            );
            this.ready[service] = policy.id.apply(() => [policy]);
        }
        this.registerOutputs({});
    }
}
