import type { KubeObject } from "../../kube";
import { called, condition, failed, type Verdict, waiting } from "../verdict";
import { isGoing, isReplacedBy } from "./csv";

/** What a look at a Subscription that OLM could not resolve needs to know. */
export interface Resolution {
    namespace: string;
    /** Our Subscription's name. */
    subscription: string;
    subscriptions: KubeObject[];
    csvs: KubeObject[];
    /** CSVs of our package begin so: "servicemeshoperator." */
    csvPrefix: string;
    /** The key under mesh:operators, for hints. */
    key: string;
}

/**
 * Whether `ResolutionFailed` on a Subscription that has never been resolved is the end. It is, when what OLM says is
 * still so: then nothing changes until a person does something (recorded: olm f2-f4, g1, g2, h1, h2, i). It is not,
 * when what it names has changed or gone since (h1: a removed orphan heals it; g1: a changed Subscription does), when
 * an upgrade is under way (c, c2, d3: it shows for seconds, and is wrong), or when the catalogue could not be read (j2:
 * ErrorPreventedResolution). undefined: the Subscription has no such condition.
 */
export function judgeResolution(it: Resolution): Verdict<never> | undefined {
    const own = it.subscriptions.find((s) => s.metadata.name === it.subscription);
    const said = condition(own, "ResolutionFailed");
    if (!own || said?.status !== "True") {
        return undefined;
    }
    if (said.reason !== "ConstraintsNotSatisfiable") {
        return waiting(`OLM: ${said.message ?? said.reason}`, ["The catalogue may be down: oc get catalogsource -A"]);
    }
    const text = said.message ?? "";
    return (
        orphanIn(text, it) ??
        missingIn(text, own, it) ??
        unsatisfiable(it, text, ["What it names cannot be had together. Change or remove one of them.", ...touch(it)])
    );
}

/** "clusterserviceversion X exists and is not referenced by a subscription" */
function orphanIn(text: string, it: Resolution): Verdict<never> | undefined {
    const all = [...text.matchAll(/clusterserviceversion (\S+) exists and is not referenced by a subscription/g)];
    if (all.length === 0) {
        return undefined;
    }
    const names = all.map(([, name]) => name);
    const orphan = it.csvs.find((c) => names.includes(c.metadata.name) && !isGoing(c) && !isReplacedBy(c, it.csvs));
    if (!orphan) {
        return waiting(`OLM has yet to notice that ${names.join(", ")} is gone or being replaced`, touch(it));
    }
    const { name } = orphan.metadata;
    const [words] = all[names.indexOf(name)];
    return unsatisfiable(it, words, [
        "An earlier installation left its CSV behind. Remove it:",
        `  oc delete csv ${name} -n ${it.namespace}`,
        ...(name.startsWith(it.csvPrefix)
            ? [
                  "or keep it and let this stack use it:",
                  `  pulumi config set --path mesh:operators.${it.key}.install existing`,
              ]
            : ["It belongs to another package, and blocks every new Subscription of its namespace."]),
    ]);
}

const NOT_OFFERED = new RegExp(
    "no operators found (?:with name (\\S+) )?(?:in channel (\\S+) )?(?:of package|in package|from catalog) (\\S+)" +
        ".*? referenced by subscription ([^\\s,]+)",
);
const NOT_PROVIDED = /bundle \S+ requires an operator .*?group: (\S+), version: (\S+), kind: ([^\s,]+)/;

/**
 * What a Subscription asks for that no catalogue has: itself, or an API that it needs. The Subscription may be a
 * neighbour.
 */
function missingIn(text: string, own: KubeObject, it: Resolution): Verdict<never> | undefined {
    const [notOffered, csv, channel, what, referrer] = NOT_OFFERED.exec(text) ?? [];
    const [notProvided, group, version, kind] = NOT_PROVIDED.exec(text) ?? [];
    const words = notOffered ?? notProvided;
    const blamed = referrer ?? /subscription (\S+) requires/.exec(text)?.[1];
    if (words === undefined || blamed === undefined) {
        return undefined;
    }
    const culprit = it.subscriptions.find((s) => s.metadata.name === blamed);
    if (!culprit) {
        return waiting(`OLM has yet to notice that Subscription ${blamed} is gone`, touch(it));
    }
    const { startingCSV, channel: asked, name, source, sourceNamespace } = culprit.spec ?? {};
    const named = [csv, channel, what].filter((n) => n !== undefined);
    if (!named.every((n) => [startingCSV, asked, name, source].includes(n))) {
        return waiting(`OLM has yet to notice that Subscription ${blamed} has changed`, touch(it));
    }
    if (culprit !== own) {
        return unsatisfiable(it, words, [
            `The fault is with its neighbour ${called("Subscription", culprit.metadata)}:`,
            "one that cannot be resolved blocks every new one of its namespace.",
            "Have its owner correct or remove it; removing alone does not unblock.",
            ...touch(it),
        ]);
    }
    if (notOffered === undefined) {
        return unsatisfiable(it, words, [
            `No operator in the catalogues provides ${kind} (${group}/${version}). Install what does.`,
            ...touch(it),
        ]);
    }
    return unsatisfiable(it, words, [
        `It asks for ${source}, channel ${asked ?? "not named"}, startingCSV ${startingCSV ?? "not named"}.`,
        "What the catalogues offer:",
        `  oc describe packagemanifest ${name} -n ${sourceNamespace}`,
        `Change mesh:operators.${it.key} to something that is offered.`,
    ]);
}

/** @param words what decides it of all that OLM says, in OLM's own words */
function unsatisfiable(it: Resolution, words: string, todo: string[]): Verdict<never> {
    return failed({
        object: called("Subscription", { namespace: it.namespace, name: it.subscription }),
        found: "ResolutionFailed",
        expected: "to be resolved into an InstallPlan",
        said: words,
        by: "OLM",
        todo,
    });
}

/** What makes OLM look when it does not notice by itself (recorded: olm e2, f4). */
export function touch({ namespace, subscription }: Pick<Resolution, "namespace" | "subscription">): string[] {
    const now = 'touched="$(date +%s)"';
    return [
        "OLM looks again every 15 minutes, or when a Subscription of the namespace is touched:",
        `  oc annotate subscriptions.operators.coreos.com ${subscription} -n ${namespace} --overwrite ${now}`,
    ];
}
