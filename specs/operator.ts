/** What a Subscription asks of OLM. Absent fields are left to the catalogue. */
export interface SubscriptionArgs {
    package: string;
    source: string;
    sourceNamespace: string;
    channel?: string;
    startingCSV?: string;
    approval: "Automatic" | "Manual";
    resources?: object;
}

export function subscriptionSpec(args: SubscriptionArgs): object {
    const { channel, startingCSV, resources } = args;
    return {
        name: args.package,
        source: args.source,
        sourceNamespace: args.sourceNamespace,
        installPlanApproval: args.approval,
        ...(channel === undefined ? {} : { channel }),
        ...(startingCSV === undefined ? {} : { startingCSV }),
        ...(resources === undefined ? {} : { config: { resources } }),
    };
}

/**
 * Metadata of a namespace for an operator that watches the whole cluster: run anywhere, scraped by the cluster's
 * monitoring (openshift-docs, modules/cluster-logging-deploy-cli.adoc).
 */
export const operatorNamespace = {
    labels: { "openshift.io/cluster-monitoring": "true" },
    annotations: { "openshift.io/node-selector": "" },
};
