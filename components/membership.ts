import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { KEY } from "../cluster/facts";
import { membershipGate } from "../cluster/gates";
import { COMPULSORY_NAME, memberSpec, rollSpec } from "../specs/membership";
import { marked } from "../specs/meta";
import { type Context, held, type Ready } from "./context";
import { guarded } from "./custom";

export interface MembershipArgs {
    /** `roll`: the platform lists the members. `member`: each namespace asks for itself. */
    by: "roll" | "member";
    controlPlane: pulumi.Input<{ name: string; namespace: string }>;
    /** By the key in mesh:namespaces: the namespace's name, and whether it is ours. */
    namespaces: Record<string, { name: pulumi.Input<string>; owned: boolean }>;
    networkType?: string;
}

/**
 * Namespaces that belong to the mesh. Ready when the operator has configured every one of them: pods that were made a
 * moment earlier would have no sidecar, and nobody would say so.
 */
export class Membership extends pulumi.ComponentResource {
    /** Every namespace that the roll has really configured, by this stack or another. */
    readonly configured: pulumi.Output<string[]>;
    readonly ready: Ready;
    /** The namespaces that are ours, by key. */
    readonly namespaces: Record<string, k8s.core.v1.Namespace> = {};

    constructor(name: string, args: MembershipArgs, context: Context, opts: pulumi.ComponentResourceOptions) {
        super("mesh:index:Membership", name, {}, opts);
        const keys = Object.keys(args.namespaces).sort();
        for (const key of keys.filter((k) => args.namespaces[k].owned)) {
            const metadata = pulumi
                .output(args.namespaces[key].name)
                .apply((n) => marked(context.mark, n, undefined, { annotations: { [KEY]: key } }));
            this.namespaces[key] = new k8s.core.v1.Namespace(key, { metadata }, { parent: this });
        }
        const names = pulumi.all(keys.map((key) => args.namespaces[key].name));
        const controlPlane = pulumi.output(args.controlPlane);
        const { membership: apiVersion } = context.dialect.apis;

        // After the control plane, without which the operator refuses a roll, and after the exceptions, so that their Routes are
        // never cut off. The namespaces go last: the operator takes its objects out of them when the roll goes.
        const after = (own: pulumi.Resource[]): Ready =>
            pulumi
                .output(opts.dependsOn as pulumi.Input<pulumi.Resource[]>)
                .apply((others) => [...(others ?? []), ...own]);

        const asked =
            args.by === "roll"
                ? [
                      guarded(
                          name,
                          {
                              apiVersion,
                              kind: "ServiceMeshMemberRoll",
                              metadata: controlPlane.apply((cp) => {
                                  // The operator writes members that joined by themselves into the same list; a later
                                  // change of ours would otherwise be refused as a conflict with it.
                                  const forced = { annotations: { "pulumi.com/patchForce": "true" } };
                                  return marked(context.mark, COMPULSORY_NAME, cp.namespace, forced);
                              }),
                              spec: names.apply(rollSpec),
                          },
                          context,
                          { parent: this, dependsOn: after(Object.values(this.namespaces)) },
                      ),
                  ]
                : keys.map((key, i) =>
                      guarded(
                          key,
                          {
                              apiVersion,
                              kind: "ServiceMeshMember",
                              metadata: names.apply((all) => marked(context.mark, COMPULSORY_NAME, all[i])),
                              spec: controlPlane.apply(memberSpec),
                          },
                          context,
                          { parent: this, dependsOn: after(this.namespaces[key] ? [this.namespaces[key]] : []) },
                      ),
                  );
        const gate = pulumi.all([names, controlPlane]).apply(([wanted, cp]) =>
            membershipGate({
                by: args.by,
                controlPlane: cp,
                namespaces: wanted,
                networkType: args.networkType,
                timeoutSeconds: context.timeouts.membership,
            }),
        );
        const objects = [...asked, ...Object.values(this.namespaces)];
        const configured = held(context, asked[0], objects, gate, { configured: [] });
        // In a preview nobody was asked: what is wanted is what there will be.
        this.configured = pulumi
            .all([configured.value, names])
            .apply(([{ configured: found }, wanted]) => (pulumi.runtime.isDryRun() ? wanted : found).slice().sort());
        this.ready = configured.ready;
        this.registerOutputs({ configured: this.configured });
    }
}
