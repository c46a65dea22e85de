import * as pulumi from "@pulumi/pulumi";
import { groupOf, type Need, need, resourceOf } from "../cluster/need";
import type { Leaving } from "../dialects";
import { type ClusterProvider, configure, type ForeignCluster, foreignCluster, type Named } from "./foreign-cluster";

export interface OperatorRemovalArgs {
    package: string;
    namespace: pulumi.Input<string>;
    /** The name of our Subscription. */
    subscription: string;
    leavings: Leaving[];
}

interface Inputs {
    package: string;
    namespace: string;
    subscription: string;
    leavings: Leaving[];
}

/**
 * The rights to remove an operator: its CSV, whose name is that of the version, and what it leaves.
 * @param owns the kinds of which there must be none left, as "plural.group"
 */
export function needsToRemove(args: Pick<Inputs, "package" | "namespace" | "leavings">, owns: string[]): Need[] {
    const { namespace, leavings } = args;
    const why = `removing the operator of ${args.package}`;
    const olm = (kind: string) => ({ apiVersion: "operators.coreos.com/v1alpha1", kind });
    return [
        need(olm("Subscription"), ["list"], why, { namespace }),
        need(olm("ClusterServiceVersion"), ["get", "list", "delete"], why, { namespace }),
        ...owns.map((crd): Need => {
            const [resource, ...group] = crd.split(".");
            return { group: group.join("."), resource, verbs: ["list"], why: `${why}: whether others need it` };
        }),
        ...leavings.map(({ apiVersion, kind, namespace: at, name, labelled }): Need => ({
            group: groupOf(apiVersion),
            resource: resourceOf(kind),
            verbs: labelled === undefined ? ["delete"] : ["get", "delete"],
            ...(at === undefined ? {} : { namespace: at }),
            name,
            why: `${why}: what it leaves`,
        })),
    ];
}

const provider: ClusterProvider = {
    configure,

    async create(inputs: Inputs) {
        return { id: `${inputs.namespace}/${inputs.package}`, outs: inputs };
    },

    async update(_id: string, _olds: Inputs, news: Inputs) {
        return { outs: news };
    },

    async diff(_id: string, olds: Inputs, news: Inputs) {
        const moved = olds.namespace !== news.namespace || olds.package !== news.package;
        const changes = moved || JSON.stringify(olds.leavings) !== JSON.stringify(news.leavings);
        return { changes, replaces: moved ? ["package"] : [] };
    },

    async delete(this: ClusterProvider, _id: string, inputs: Inputs) {
        const cluster = foreignCluster(this);
        const subscriptions = await cluster.list("operators.coreos.com/v1alpha1", "Subscription", inputs.namespace);
        // Two Subscriptions for one package share its CSV (recorded: olm f1): then it is not ours alone.
        if (subscriptions.some((s) => s.spec.name === inputs.package && s.metadata.name !== inputs.subscription)) {
            return;
        }
        const ours = subscriptions.find((s) => s.metadata.name === inputs.subscription);
        const names: unknown[] = [ours?.status?.installedCSV, ours?.status?.currentCSV].filter(Boolean);
        if (names.length === 0) {
            // It never brought anything: a version that stands there is an earlier installation's, or somebody else's.
            return;
        }
        const all = await cluster.list("operators.coreos.com/v1alpha1", "ClusterServiceVersion", inputs.namespace);
        const csvs = all.filter((csv) => names.includes(csv.metadata.name));
        await nobodyNeeds(cluster, inputs, csvs);
        for (const csv of csvs) {
            await removeAndWait(cluster, csv);
        }
        for (const { apiVersion, kind, namespace, name, labelled } of inputs.leavings) {
            const ref = { apiVersion, kind, metadata: { name, namespace } };
            const theirs = labelled !== undefined && !(labelled in ((await cluster.read(ref))?.metadata.labels ?? {}));
            if (!theirs) {
                await cluster.remove(ref);
            }
        }
    },
};

/**
 * Objects of the operator's kinds would lose their operator, and could then never be deleted, for only it clears their
 * finalizers. Those that are on their way out are waited for; others stop the removal before anything is touched.
 */
async function nobodyNeeds(cluster: ForeignCluster, inputs: Inputs, csvs: Named[]): Promise<void> {
    const { setTimeout: sleep } = require("timers/promises") as typeof import("timers/promises");
    const owned: { name: string; version: string; kind: string }[] = csvs.flatMap(
        (csv) => csv.spec?.customresourcedefinitions?.owned ?? [],
    );
    // Operator 3's bundle brings Istio's kinds, which no operator looks after: they stay as they are, and can be deleted.
    const kinds = owned.filter(({ name }) => !name.endsWith(".istio.io"));
    const patience = Date.now() + 120_000;
    for (;;) {
        const found: Named[] = [];
        for (const { name, version, kind } of kinds) {
            const apiVersion = `${name.split(".").slice(1).join(".")}/${version}`;
            found.push(...(await cluster.list(apiVersion, kind)).map((o) => ({ ...o, apiVersion, kind })));
        }
        if (found.length === 0) {
            return;
        }
        const staying = found.filter((o) => !o.metadata.deletionTimestamp && !o.metadata.ownerReferences?.length);
        if (staying.length > 0 || Date.now() > patience) {
            const list = (staying.length > 0 ? staying : found)
                .map((o) => `${o.kind} ${o.metadata.namespace ? `${o.metadata.namespace}/` : ""}${o.metadata.name}`)
                .join(", ");
            throw new Error(
                `the operator of ${inputs.package} is still needed by ${list}, which this stack did not make or which does ` +
                    `not go. Remove these first; or leave the operator to their owners: take its Subscription ` +
                    `${inputs.namespace}/${inputs.subscription} and this resource out of the stack with "pulumi state delete"`,
            );
        }
        await sleep(500);
    }
}

async function removeAndWait(cluster: ForeignCluster, object: Named): Promise<void> {
    const { setTimeout: sleep } = require("timers/promises") as typeof import("timers/promises");
    const ref = {
        apiVersion: "operators.coreos.com/v1alpha1",
        kind: "ClusterServiceVersion",
        metadata: object.metadata,
    };
    await cluster.remove({ ...ref, metadata: { name: object.metadata.name, namespace: object.metadata.namespace } });
    const patience = Date.now() + 120_000;
    while (await cluster.read(ref)) {
        if (Date.now() > patience) {
            throw new Error(`${ref.kind} ${object.metadata.namespace}/${object.metadata.name} does not go away`);
        }
        await sleep(200);
    }
}

/**
 * What has to be done when an operator's Subscription is removed, and what OLM leaves to people: deletes the CSV, and with it
 * the running operator, and what the operator made for itself. Without that the next installation is refused: "exists and
 * is not referenced by a subscription" (recorded: olm h1). It stands on the Subscription, so it goes first. CRDs stay: they
 * may hold other people's objects. Errors: somebody else still uses the operator.
 */
export class OperatorRemoval extends pulumi.dynamic.Resource {
    constructor(name: string, args: OperatorRemovalArgs, opts: pulumi.CustomResourceOptions) {
        // Its own code is no reason to replace what it stands for: what was done is undone by the code that did it.
        const kept = pulumi.mergeOptions(opts, { ignoreChanges: ["__provider"] });
        super(provider, name, { ...args }, kept, "mesh", "OperatorRemoval");
    }
}
