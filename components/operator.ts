import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { operatorGate } from "../cluster/gates";
import type { PlannedInstall, PlannedOperator } from "../cluster/operator-plan";
import { marked } from "../specs/meta";
import { operatorNamespace, subscriptionSpec } from "../specs/operator";
import { type Context, everyOne, held, present, type Ready } from "./context";
import { custom } from "./custom";
import { OperatorRemoval } from "./operator-removal";

/**
 * One operator. Ready when its CSV has Succeeded, its CRDs are Established and its webhooks answer, whoever installed it.
 */
export class Operator extends pulumi.ComponentResource {
    /** The CSV that is really installed. */
    readonly csv: pulumi.Output<string>;
    readonly ready: Ready;

    constructor(name: string, args: PlannedOperator, context: Context, opts: pulumi.ComponentResourceOptions) {
        super("mesh:index:Operator", name, {}, opts);
        const objects = args.install ? subscribe(name, args, args.install, context, this, opts.dependsOn) : [];
        const { webhook } = args.operator;
        const gate = operatorGate({
            key: args.operator.key,
            package: args.operator.package,
            namespace: args.namespace,
            subscription: args.install?.subscription,
            csv: args.csv,
            startingCSV: args.install?.startingCSV,
            approval: args.install?.approval ?? "Automatic",
            csvPrefix: args.operator.csvPrefix,
            ours: args.ours,
            webhooksFor: webhook?.apiVersion.split("/")[0],
            probe: webhook && { ...webhook, namespace: args.namespace },
            timeoutSeconds: context.timeouts.operator,
        });
        // A used operator has nothing of ours to wait on but what comes before it.
        const before = pulumi.output(opts.dependsOn as Ready);
        const installed = held(
            context,
            objects[0] ?? this,
            objects,
            before.apply(() => gate),
            {
                csv: args.foreseen,
            },
        );
        this.csv = installed.value.apply((state) => state.csv);
        this.ready = installed.ready;
        this.registerOutputs({ csv: this.csv });
    }
}

/** The Subscription first: its row shows the progress. */
function subscribe(
    name: string,
    args: PlannedOperator,
    install: PlannedInstall,
    context: Context,
    parent: pulumi.Resource,
    after: pulumi.ComponentResourceOptions["dependsOn"],
): pulumi.Resource[] {
    const { operator, namespace } = args;
    const home: pulumi.Resource[] = [];
    if (install.ownsNamespace) {
        const metadata = marked(context.mark, namespace, undefined, operatorNamespace);
        home.push(new k8s.core.v1.Namespace(namespace, { metadata }, { parent, protect: context.protect }));
    }
    if (install.ownsGroup) {
        home.push(
            custom(
                namespace,
                {
                    apiVersion: "operators.coreos.com/v1",
                    kind: "OperatorGroup",
                    metadata: marked(context.mark, namespace, namespace),
                    spec: {},
                },
                { parent, dependsOn: [...home] },
            ),
        );
    }
    const subscription = custom(
        name,
        {
            apiVersion: "operators.coreos.com/v1alpha1",
            kind: "Subscription",
            metadata: marked(context.mark, install.subscription, namespace),
            spec: subscriptionSpec({ package: operator.package, ...install }),
        },
        {
            parent,
            // The vendor's order between operators; and without its OperatorGroup OLM would say nothing at all.
            dependsOn: everyOne(after as Ready | undefined, present(...home)),
        },
    );
    const removal = new OperatorRemoval(
        name,
        { package: operator.package, namespace, subscription: install.subscription, leavings: operator.leavings },
        // Removed before its Subscription, while it can still refuse.
        { parent, dependsOn: [subscription] },
    );
    return [subscription, removal, ...home];
}
