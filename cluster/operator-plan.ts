import { keyOf, type Problem } from "../config/problems";
import type { MeshConfig } from "../config/schema";
import type { OperatorSpec } from "../dialects";
import type { ClusterFacts, CsvFact, SubscriptionFact } from "./facts";
import { checkHome, ownership } from "./operator-home";
import { checkOffer, offerOf } from "./operator-offer";
import { type Case, type Decided, nothingThere, notThisPackage, orphan, theirs, twice, use } from "./operator-standing";

/** An operator that a stack installs, or has installed. */
export interface PlannedInstall {
    /** The Subscription's name. */
    subscription: string;
    ownsNamespace: boolean;
    ownsGroup: boolean;
    source: string;
    sourceNamespace: string;
    channel?: string;
    startingCSV?: string;
    approval: "Automatic" | "Manual";
    resources?: object;
}

/** What becomes of one package. */
export interface PlannedOperator {
    operator: OperatorSpec;
    namespace: string;
    /** Absent: it is somebody else's; it is used and left alone. */
    install?: PlannedInstall;
    /** The CSV of an operator that is there already. */
    csv?: string;
    /** What may be approved on this stack's behalf: CSVs, or beginnings of their names. */
    ours: string[];
    /** The CSV that a preview shows. */
    foreseen: string;
}

export interface OperatorPlan {
    plan: PlannedOperator[];
    problems: Problem[];
    /** What a person should know, though it stops nothing. */
    notes: string[];
}

/** The operators that one mesh needs, and the config that says how it wants them. */
export interface WantedOperators {
    config: MeshConfig;
    specs: OperatorSpec[];
}

/** The operators that one configuration of a stack needs. */
export interface OperatorNeeds {
    config: MeshConfig;
    specs: OperatorSpec[];
}

/**
 * What becomes of each package, decided from what is there: an operator that is ours goes on being ours, one that
 * somebody else has installed is used and left alone, a missing one is installed. Pure. Problems are what OLM would
 * refuse, or silently never do; found out here, before anything is touched. `stackId` is the mark of what is ours.
 * @param needs of the stack's mesh; while it moves on, of its next one as well. An operator of both is installed as the
 * first says.
 */
export function planOperators(needs: OperatorNeeds[], facts: ClusterFacts, stackId: string): OperatorPlan {
    const result: OperatorPlan = { plan: [], problems: [], notes: [] };
    const decidedOn = new Set<string>();
    for (const [place, { config, specs }] of needs.entries()) {
        for (const operator of specs.filter((s) => !decidedOn.has(s.package))) {
            decidedOn.add(operator.package);
            const options = config.operators[operator.key];
            const source = {
                source: options.source ?? config.catalog.source,
                sourceNamespace: options.sourceNamespace ?? config.catalog.sourceNamespace,
            };
            const found = facts.packages[operator.package] ?? { subscriptions: [], csvs: [] };
            const decided = decide({ operator, options, source, found, facts, stackId });
            result.problems.push(...(decided.problems ?? []).map((p) => (place === 0 ? p : ofNext(p))));
            result.notes.push(...(decided.notes ?? []));
            if (decided.planned) {
                result.plan.push({ operator, ours: [], ...decided.planned });
            }
        }
    }
    for (const one of result.plan) {
        one.ours = approvable(one.namespace, result.plan);
    }
    return result;
}

/** The same about the mesh that a stack is moving to, whose operators are under mesh:next. */
function ofNext(problem: Problem): Problem {
    const [own, next] = [keyOf(["operators"]), keyOf(["next", "operators"])];
    return problem.key.startsWith(own) ? { ...problem, key: next + problem.key.slice(own.length) } : problem;
}

function decide(it: Case): Decided {
    const own = it.found.subscriptions.filter((s) => s.mark === it.stackId);
    const others = it.found.subscriptions.filter((s) => s.mark !== it.stackId);
    const all = it.found.csvs.filter((c) => !c.deleting && !["Replacing", "Deleting"].includes(c.phase));
    const standing = all.filter((c) => c.otherPackage === undefined);
    if (own.length) {
        return ours(it, own[0], others, standing);
    }
    if (others.length) {
        return theirs(it, others, standing);
    }
    if (standing.length) {
        return orphan(it, standing[0]);
    }
    const rival = all.find((c) => c.otherPackage !== undefined);
    if (rival) {
        return { problems: [notThisPackage(it, rival)] };
    }
    return it.options.install === "existing" ? nothingThere(it) : install(it, it.operator.package);
}

/** Our Subscription stays where it is, also when another version of this program would put it elsewhere. */
function ours(it: Case, own: SubscriptionFact, others: SubscriptionFact[], standing: CsvFact[]): Decided {
    const { operator, options } = it;
    const key = keyOf(["operators", operator.key, "install"]);
    if (options.install === "existing") {
        const stranded = !own.installedCSV && standing.find((c) => c.namespace === own.namespace);
        if (stranded) {
            return use(stranded, [
                `${operator.package}: ${stranded.name} is used as it is; our Subscription is given up`,
            ]);
        }
        const text = `this stack has installed ${operator.package} itself; existing would remove it`;
        return { problems: [{ key, found: "existing", allowed: "auto", text }] };
    }
    const rival = others.find((s) => s.namespace !== own.namespace);
    if (rival) {
        return { problems: [twice(it, own, rival)] };
    }
    const same = own.channel === options.channel && own.startingCSV === options.startingCSV;
    const planned = install(it, own.name, own.namespace, own.installedCSV, same && own.source === it.source.source);
    const notes = others.map(
        (s) => `${operator.package} has a second Subscription, ${s.namespace}/${s.name}, which is not ours: left alone`,
    );
    return { ...planned, notes: [...(planned.notes ?? []), ...notes] };
}

/**
 * @param installed the CSV that is there already
 * @param unchanged nothing else is asked for than before: the catalogue need not still offer what is installed
 */
function install(
    it: Case,
    subscription: string,
    namespace = it.operator.namespace,
    installed?: string,
    unchanged = false,
): Decided {
    const { operator, options, source, found, facts, stackId } = it;
    const offer =
        installed && unchanged ? { problems: [], notes: [] } : checkOffer(operator, options, source, found, facts);
    const problems = [...checkHome(operator, namespace, facts), ...offer.problems];
    if (problems.length) {
        return { problems };
    }
    const { channel, startingCSV, approval, resources } = options;
    const channels = offerOf(found, source)?.channels ?? [];
    const head = channels.find((c) => c.name === (channel ?? offerOf(found, source)?.defaultChannel))?.currentCSV;
    return {
        planned: {
            namespace,
            install: {
                subscription,
                ...ownership(operator, namespace, facts, stackId),
                ...source,
                channel,
                startingCSV,
                approval,
                resources,
            },
            foreseen: installed ?? startingCSV ?? head ?? operator.csvPrefix.replace(/\.$/, ""),
        },
        notes: offer.notes,
    };
}

/** What of a namespace's plans is ours: a pinned CSV by its name, otherwise every version of the package. */
function approvable(namespace: string, plan: PlannedOperator[]): string[] {
    return plan
        .filter((p) => p.namespace === namespace)
        .flatMap(({ install: i, operator }) => {
            if (!i) {
                return [];
            }
            return [i.approval === "Manual" && i.startingCSV ? i.startingCSV : operator.csvPrefix];
        });
}
