import type { KubeObject, OwnerReference } from "../../kube";
import { called, condition, failed, MAKE_AGAIN, ready, type Snapshot, type Verdict, waiting } from "../verdict";
import { isCopy, isGoing, isLater, isReplacedBy, judgeCsv } from "./csv";
import { judgeFailedPlan, judgePlans, planInWords } from "./install-plan";
import { judgeResolution, touch } from "./resolution";

export const OPERATOR_NAMES = ["subscriptions", "plans", "csvs", "groups", "crds", "webhooks"] as const;
export type OperatorSnapshot = Snapshot<(typeof OPERATOR_NAMES)[number]>;

/** What a stack wants of one operator. */
export interface OperatorWant {
    package: string;
    /** Its key under mesh:operators, for hints. */
    key: string;
    namespace: string;
    /** Our Subscription's name; absent when the operator is somebody else's: then only its CSV counts. */
    subscription?: string;
    /** The CSV of an operator that is there already. */
    csv?: string;
    startingCSV?: string;
    approval: "Automatic" | "Manual";
    /** What the names of the package's CSVs begin with: "servicemeshoperator." */
    csvPrefix: string;
    /** CSVs that may be approved: exact names, or beginnings that end with a dot. */
    ours: string[];
    /** The API group whose admission webhooks the operator registers by itself once it runs, e.g. "maistra.io". */
    webhooksFor?: string;
}

export interface OperatorReady {
    csv: string;
    version?: string;
}

/**
 * Whether an operator is really installed: the CSV that its Subscription stands for has Succeeded, its CRDs are
 * Established, and its webhooks are registered (whether they answer is for the probe). Input: the objects of the
 * operator's namespace, and CRDs and webhook configurations of the cluster.
 */
export function judgeOperator(seen: OperatorSnapshot, want: OperatorWant): Verdict<OperatorReady> {
    const csvs = seen.csvs.filter((c) => !isCopy(c));
    const chosen = want.subscription ? chosenCsv(seen, csvs, want, want.subscription) : existingCsv(csvs, want);
    if (chosen.is !== "ready") {
        return chosen;
    }
    const csv = chosen.value;
    const judged = judgeCsv(csv);
    if (judged.is !== "ready") {
        return judged;
    }
    return (
        judgeServed(seen, csv, want) ??
        ready({ csv: csv.metadata.name, version: csv.spec?.version }, `${csv.metadata.name} Succeeded`)
    );
}

/** The CSV that our Subscription is to bring, once its object is there. */
function chosenCsv(seen: OperatorSnapshot, csvs: KubeObject[], want: OperatorWant, name: string): Verdict<KubeObject> {
    const subscription = seen.subscriptions.find((s) => s.metadata.name === name);
    if (!subscription) {
        return waiting(`Subscription ${want.namespace}/${name} is not there`, MAKE_AGAIN);
    }
    const { currentCSV, installedCSV } = subscription.status ?? {};
    if (!currentCSV && !installedCSV) {
        const csv = plannedCsv(seen, csvs, want, subscription);
        return csv ? ready(csv) : unresolved(seen, want, subscription);
    }
    // Manual with a startingCSV stays UpgradePending for ever, with currentCSV the newer one (trap 2; recorded: olm c).
    const pinned = want.approval === "Manual" ? want.startingCSV : undefined;
    if (pinned && installedCSV && installedCSV !== pinned && isLater(installedCSV, pinned)) {
        return newerThanAsked(want, subscription, installedCSV, pinned);
    }
    const wanted = pinned ?? (want.approval === "Manual" ? (installedCSV ?? currentCSV) : currentCSV);
    const csv = csvs.find((c) => c.metadata.name === wanted);
    if (csv && !csv.metadata.deletionTimestamp) {
        return ready(csv);
    }
    const plan = judgePlans(seen.plans, (c) => c === wanted, want.ours) ?? judgeFailedPlan(seen.plans, subscription);
    return (
        plan ?? gone(seen, want, subscription, wanted) ?? waiting(`${wanted}: ${planInWords(seen.plans, subscription)}`)
    );
}

/**
 * The CSV that an InstallPlan of ours has made: it may be there some seconds before the Subscription names it
 * (recorded: olm e3, i0).
 */
function plannedCsv(
    seen: OperatorSnapshot,
    csvs: KubeObject[],
    want: OperatorWant,
    own: KubeObject,
): KubeObject | undefined {
    const { name, uid } = own.metadata;
    const isOwn = (o: OwnerReference): boolean => o.kind === "Subscription" && (uid ? o.uid === uid : o.name === name);
    const plans = seen.plans.filter((p) => p.metadata.ownerReferences?.some(isOwn));
    const names: string[] = plans.flatMap((p) => p.spec?.clusterServiceVersionNames ?? []);
    const wanted = names.find((n) => (want.startingCSV ? n === want.startingCSV : n.startsWith(want.csvPrefix)));
    return csvs.find((c) => c.metadata.name === wanted && !isGoing(c));
}

/** OLM has not yet found out what the Subscription means, or cannot. */
function unresolved(seen: OperatorSnapshot, want: OperatorWant, subscription: KubeObject): Verdict<never> {
    const { name } = subscription.metadata;
    const { namespace, csvPrefix, key } = want;
    const groups = seen.groups.filter((g) => !g.metadata.deletionTimestamp);
    if (groups.length !== 1) {
        // OLM says nothing at all about it (trap 5; recorded: olm e1, e2).
        const found = groups.length ? `two or more: ${groups.map((g) => g.metadata.name).join(", ")}` : "none";
        return failed({
            object: called("Subscription", subscription.metadata),
            found: `its namespace has ${groups.length} OperatorGroups`,
            expected: "exactly one",
            said: "",
            todo: groups.length
                ? [`Found ${found}. Remove all but one; then:`, ...touch({ namespace, subscription: name }).slice(1)]
                : [`OLM installs nothing into a namespace without one. Create one in ${namespace} with an empty spec.`],
        });
    }
    const byPrefix = (csv: string): boolean =>
        csv === want.startingCSV || (!want.startingCSV && csv.startsWith(csvPrefix));
    const plan = judgePlans(seen.plans, byPrefix, want.ours);
    if (plan) {
        return plan;
    }
    const { subscriptions } = seen;
    const csvs = seen.csvs.filter((c) => !isCopy(c));
    const resolution = judgeResolution({ namespace, subscription: name, subscriptions, csvs, csvPrefix, key });
    if (resolution) {
        return resolution;
    }
    const sources = condition(subscription, "CatalogSourcesUnhealthy");
    if (sources?.status === "True") {
        return waiting(`OLM: ${sources.message ?? sources.reason}`);
    }
    // One of two OperatorGroups was removed: OLM does not notice until it is made to look (recorded: olm e2, e4).
    const stale = condition(groups[0], "MultipleOperatorGroup")?.status === "True";
    return waiting(
        `waiting for OLM to resolve ${want.package}`,
        stale ? touch({ namespace, subscription: name }) : undefined,
    );
}

/** The CSV of a living Subscription was deleted: OLM does not install it again (trap 8; recorded: olm h4, h5). */
function gone(
    seen: OperatorSnapshot,
    want: OperatorWant,
    subscription: KubeObject,
    wanted: string,
): Verdict<never> | undefined {
    const plan = seen.plans.find((p) => p.metadata.name === subscription.status?.installPlanRef?.name);
    const holds = (plan?.spec?.clusterServiceVersionNames ?? []).includes(wanted);
    if (plan?.status?.phase !== "Complete" || !holds) {
        return undefined;
    }
    const { name, namespace } = subscription.metadata;
    return failed({
        object: called("Subscription", subscription.metadata),
        found: `${subscription.status?.state ?? "installed"}, but its CSV was deleted`,
        expected: `ClusterServiceVersion ${want.namespace}/${wanted}`,
        said: `InstallPlan ${plan.metadata.name} is Complete`,
        by: "OLM",
        todo: [
            "OLM does not install again what was deleted from under a Subscription. Remove that and have it made anew:",
            `  oc delete subscriptions.operators.coreos.com ${name} -n ${namespace}`,
            "  pulumi up --refresh",
        ],
    });
}

function newerThanAsked(
    want: OperatorWant,
    subscription: KubeObject,
    installed: string,
    pinned: string,
): Verdict<never> {
    return failed({
        object: called("Subscription", subscription.metadata),
        found: `${installed} is installed`,
        expected: `${pinned}, as mesh:operators.${want.key}.startingCSV asks`,
        said: `installedCSV ${installed}`,
        by: "OLM",
        todo: [
            "Somebody has approved the newer version, and OLM never goes back. To accept it:",
            `  pulumi config set --path mesh:operators.${want.key}.startingCSV ${installed}`,
        ],
    });
}

/** The CSV of an operator that is there already, or the one that has replaced it since. */
function existingCsv(csvs: KubeObject[], want: OperatorWant): Verdict<KubeObject> {
    const named = csvs.find((c) => c.metadata.name === want.csv);
    const csv = named && !isGoing(named) ? named : csvs.find((c) => c.spec?.replaces === want.csv);
    if (csv) {
        return ready(csv);
    }
    const other = csvs.find((c) => c.metadata.name.startsWith(want.csvPrefix) && !isGoing(c) && !isReplacedBy(c, csvs));
    if (other) {
        return ready(other);
    }
    return named ? waiting(`${want.csv} is being replaced`) : goneExisting(want);
}

function goneExisting(want: OperatorWant): Verdict<never> {
    return failed({
        object: called("ClusterServiceVersion", { namespace: want.namespace, name: want.csv ?? want.package }),
        found: "is not there any more",
        expected: `an installed ${want.package}, which this stack uses and does not own`,
        said: "",
        todo: [
            "Have its owner install it again, or let this stack do it: mesh:operators." + `${want.key}.install auto`,
        ],
    });
}

/** CRDs Established and webhooks registered; undefined when all are. */
function judgeServed(seen: OperatorSnapshot, csv: KubeObject, want: OperatorWant): Verdict<never> | undefined {
    const missing = ownedCrds(csv).filter((name) => {
        const crd = seen.crds.find((c) => c.metadata.name === name);
        return condition(crd, "Established")?.status !== "True" || crd?.metadata.deletionTimestamp !== undefined;
    });
    if (missing.length) {
        return waiting(`${csv.metadata.name} Succeeded, waiting for CRD ${missing.join(", ")} to be Established`);
    }
    const group = want.webhooksFor;
    const kinds = new Set(seen.webhooks.filter((w) => group && servesGroup(w, group)).map((w) => w.kind));
    if (group && kinds.size < 2) {
        return waiting(`${csv.metadata.name} Succeeded, waiting for its webhooks to be registered`, [
            `oc logs deployment/istio-operator -n ${want.namespace}`,
        ]);
    }
    return undefined;
}

/** Names of the CRDs that come with a CSV. */
export function ownedCrds(csv: KubeObject): string[] {
    return (csv.spec?.customresourcedefinitions?.owned ?? []).map((c: { name: string }) => c.name);
}

/** Whether a webhook configuration has a webhook for that API group; recorded: "smcp.validation.maistra.io". */
export function servesGroup(configuration: KubeObject, group: string): boolean {
    const webhooks: { name: string; rules?: { apiGroups?: string[] }[] }[] = configuration.webhooks ?? [];
    return webhooks.some(
        (w) => w.name.endsWith(`.${group}`) || (w.rules ?? []).some((r) => r.apiGroups?.includes(group)),
    );
}
