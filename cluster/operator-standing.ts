/** What becomes of a package that is there already and is not this stack's. */
import { keyOf, type Problem } from "../config/problems";
import type { OperatorConfig } from "../config/schema";
import type { OperatorSpec } from "../dialects";
import type { ClusterFacts, CsvFact, PackageFact, SubscriptionFact } from "./facts";
import type { Source } from "./operator-offer";
import type { PlannedOperator } from "./operator-plan";

/** One package: what is wanted of it, and what there is. */
export interface Case {
    operator: OperatorSpec;
    options: OperatorConfig;
    source: Source;
    found: PackageFact;
    facts: ClusterFacts;
    stackId: string;
}

export interface Decided {
    planned?: Pick<PlannedOperator, "namespace" | "install" | "csv" | "foreseen">;
    problems?: Problem[];
    notes?: string[];
}

/** Installed, or being installed, by somebody else. */
export function theirs(it: Case, others: SubscriptionFact[], standing: CsvFact[]): Decided {
    const { operator, options, source } = it;
    const installed = others.filter((s) => standing.some((c) => isOf(c, s)));
    const [one] = installed.length ? installed : others;
    const rival = installed.find((s) => s.namespace !== one.namespace);
    if (rival) {
        return { problems: [twice(it, one, rival)] };
    }
    if (one.source !== source.source || one.sourceNamespace !== source.sourceNamespace) {
        const from = `${one.sourceNamespace}/${one.source}`;
        return {
            problems: [
                {
                    key: keyOf(["operators", operator.key, "source"]),
                    found: source.source,
                    allowed: one.source,
                    text: `${operator.package} is in ${one.namespace}, from ${from}, not from ${source.source}`,
                    hint: `to accept that one, set it to ${one.source}`,
                },
            ],
        };
    }
    const csv = standing.find((c) => isOf(c, one));
    if (!csv) {
        const text = `${one.namespace}/${one.name}, another team's Subscription, has installed nothing yet`;
        const key = keyOf(["operators", operator.key]);
        const allowed = "an operator that is installed";
        const hint = `see why: oc describe subscriptions.operators.coreos.com ${one.name} -n ${one.namespace}`;
        return { problems: [{ key, allowed, text, hint }] };
    }
    const notes = [`${operator.package} is already installed by another team: used, left alone`];
    if (options.channel && one.channel && options.channel !== one.channel) {
        notes.push(`${operator.package}: channel ${options.channel} is asked for; theirs is ${one.channel} and stays`);
    }
    if (options.startingCSV && options.startingCSV !== csv.name) {
        notes.push(`${operator.package}: ${options.startingCSV} is asked for; theirs is ${csv.name} and stays`);
    }
    return use(csv, notes);
}

function isOf(csv: CsvFact, subscription: SubscriptionFact): boolean {
    const { namespace, installedCSV, currentCSV } = subscription;
    return csv.namespace === namespace && (csv.name === installedCSV || csv.name === currentCSV);
}

/** A CSV without Subscription: OLM refuses every new Subscription over it, for good (trap 8; recorded: olm h1, h2). */
export function orphan(it: Case, csv: CsvFact): Decided {
    const { operator, options } = it;
    if (options.install === "existing") {
        return use(csv, [`${operator.package}: ${csv.name} has no Subscription; it is used as it is`]);
    }
    return {
        problems: [
            {
                key: keyOf(["operators", operator.key, "install"]),
                found: options.install,
                allowed: "existing",
                text: `an earlier installation left ${csv.name} in ${csv.namespace}, and OLM installs nothing over it`,
                hint: `remove it (oc delete csv ${csv.name} -n ${csv.namespace}), or set this to existing to use it`,
            },
        ],
    };
}

/** A Community operator of the very same name (scenario, step 1): not the one wanted, and in its way. */
export function notThisPackage({ operator }: Case, { namespace, name, otherPackage }: CsvFact): Problem {
    return {
        key: keyOf(["operators", operator.key]),
        allowed: `no operator but that of ${operator.package}`,
        text: `${name} in ${namespace} is of another package, ${otherPackage}, for the same kinds: it is not used`,
        hint: "two operators for one kind get in each other's way: have it removed first",
    };
}

export function nothingThere({ operator }: Case): Decided {
    const text = `${operator.package} is not installed in this cluster`;
    const allowed = "auto, which installs it";
    return {
        problems: [
            { key: keyOf(["operators", operator.key, "install"]), found: "existing", allowed, text, hint: allowed },
        ],
    };
}

export function use(csv: CsvFact, notes: string[]): Decided {
    return { planned: { namespace: csv.namespace, csv: csv.name, foreseen: csv.name }, notes };
}

export function twice({ operator }: Case, one: SubscriptionFact, other: SubscriptionFact): Problem {
    const names = [one, other].map((s) => `${s.namespace}/${s.name}`).join(" and ");
    const text = `${operator.package} has two Subscriptions: ${names}`;
    const hint = "two operators for one kind get in each other's way: remove one of the two";
    return { key: keyOf(["operators", operator.key]), allowed: "one Subscription", text, hint };
}
