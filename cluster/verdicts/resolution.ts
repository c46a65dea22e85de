import type { KubeObject } from "../../kube";
import { type Condition, condition, type GateProblem, called, type Verdict, failed, waiting } from "../verdict";
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

const AGAIN =
    "OLM looks again when any Subscription of the namespace is touched, or every 15 minutes; to make it look now:";

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
    return orphanIn(text, it, said) ?? missingIn(text, own, it, said) ?? failed(unsatisfiable(it, said, []));
}

/** "clusterserviceversion X exists and is not referenced by a subscription" */
function orphanIn(text: string, it: Resolution, said: Condition): Verdict<never> | undefined {
    const names = [...text.matchAll(/clusterserviceversion (\S+) exists and is not referenced by a subscription/g)].map(
        (m) => m[1],
    );
    if (names.length === 0) {
        return undefined;
    }
    const orphan = it.csvs.find((c) => names.includes(c.metadata.name) && !isGoing(c) && !isReplacedBy(c, it.csvs));
    if (!orphan) {
        return waiting(`OLM has yet to notice that ${names.join(", ")} is gone or being replaced`, touch(it));
    }
    const { name } = orphan.metadata;
    const todo = [
        "An earlier installation left its CSV behind. Remove it:",
        `  oc delete csv ${name} -n ${it.namespace}`,
        ...(name.startsWith(it.csvPrefix)
            ? [
                  "or keep it and let this stack use it:",
                  `  pulumi config set --path mesh:operators.${it.key}.install existing`,
              ]
            : ["It belongs to another package, and blocks every new Subscription of its namespace."]),
    ];
    return failed(unsatisfiable(it, said, todo));
}

const NO_OPERATORS = new RegExp(
    "no operators found (?:with name (\\S+) )?(?:in channel (\\S+) )?(?:of package|in package|from catalog) (\\S+)" +
        ".*? referenced by subscription (\\S+?),",
);

/**
 * "no operators found ... referenced by subscription S", "bundle B requires an operator ..., subscription S requires
 * ...B"
 */
function missingIn(text: string, own: KubeObject, it: Resolution, said: Condition): Verdict<never> | undefined {
    const [, csv, channel, what, referrer] = NO_OPERATORS.exec(`${text},`) ?? [];
    const blamed = referrer ?? /subscription (\S+) requires/.exec(text)?.[1];
    if (blamed === undefined) {
        return undefined;
    }
    const culprit = it.subscriptions.find((s) => s.metadata.name === blamed);
    if (!culprit) {
        return waiting(`OLM has yet to notice that Subscription ${blamed} is gone`, touch(it));
    }
    const spec = culprit.spec ?? {};
    const now = [spec.startingCSV, spec.channel, spec.name, spec.source];
    const named = [csv, channel, what].filter((n) => n !== undefined);
    if (!named.every((n) => now.includes(n))) {
        return waiting(`OLM has yet to notice that Subscription ${blamed} has changed`, touch(it));
    }
    const api = /group: (\S+), version: (\S+), kind: (\S+?),/.exec(text);
    if (culprit === own && api) {
        return failed(
            unsatisfiable(it, said, [
                `It needs ${api[3]} (${api[1]}/${api[2]}), which no operator in the catalogues provides.`,
                "Install what provides it, then:",
                `  ${touchCommand(it)}`,
            ]),
        );
    }
    if (culprit === own) {
        const { source, channel: asked = "the default", startingCSV = "none" } = spec;
        const offer = `oc describe packagemanifest ${spec.name} -n ${spec.sourceNamespace}`;
        return failed(
            unsatisfiable(it, said, [
                `It asks for source ${source}, channel ${asked}, startingCSV ${startingCSV}. What is offered:`,
                `  ${offer}`,
                `Change mesh:operators.${it.key} to something that is offered.`,
            ]),
        );
    }
    return failed(
        unsatisfiable(it, said, [
            `The fault is with its neighbour ${called("Subscription", culprit.metadata)}:`,
            "one that cannot be resolved blocks every new one of its namespace.",
            `Have its owner correct or remove it. Removing alone does not unblock: ${AGAIN}`,
            `  ${touchCommand(it)}`,
        ]),
    );
}

function unsatisfiable(it: Resolution, said: Condition, todo: string[]): GateProblem {
    return {
        object: called("Subscription", { namespace: it.namespace, name: it.subscription }),
        found: "ResolutionFailed",
        expected: "to be resolved into an InstallPlan",
        said: said.message ?? "",
        by: "OLM",
        todo,
    };
}

function touchCommand({ namespace, subscription }: Resolution): string {
    const now = 'touched="$(date +%s)"';
    return `oc annotate subscriptions.operators.coreos.com ${subscription} -n ${namespace} --overwrite ${now}`;
}

/** What to do when OLM does not notice by itself (recorded: olm e2, f4). */
export function touch(it: Pick<Resolution, "namespace" | "subscription">): string[] {
    return [AGAIN, `  ${touchCommand(it as Resolution)}`];
}
