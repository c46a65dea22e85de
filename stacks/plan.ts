import { type ClusterFacts, KEY } from "../cluster/facts";
import type { Wanted } from "../cluster/look";
import { type PlannedOperator, planOperators } from "../cluster/operator-plan";
import { type RouteAnswers, routeAnswers } from "../cluster/route-answers";
import { checkAgainstCluster } from "../config/check-cluster";
import { formatProblems } from "../config/problems";
import type { MeshConfig } from "../config/schema";
import { type Dialect, dialects } from "../dialects";
import { namespaceName, type Owned } from "./names";

/** Everything that is decided before anything is touched: a function of the config and of one look at the cluster. */
export interface Plan {
    config: MeshConfig;
    facts: ClusterFacts;
    dialect: Dialect;
    /** In an order in which each comes after those it waits for. */
    operators: PlannedOperator[];
    /** Namespaces that are ours: to be made, or made by an earlier run. By the name that the config gives them. */
    owned: Owned;
    /** EventListeners whose Routes go on as they are. */
    exceptions: RouteAnswers["exceptions"];
    /** The domain that bare hosts are under. */
    domain: string;
    /** The hosts of the Routes that come with the control plane, by the Route's name, as a preview shows them. */
    foreseenConsoles: Record<string, string>;
    /** One line on what was found. */
    summary: string;
}

/** The stack cannot be had on this cluster as the config says. `message` is for a person and says everything. */
export class UndecidedError extends Error {
    override readonly name = "UndecidedError";
}

/** What has to be known of the cluster. */
export function looksAt(config: MeshConfig, mark: string): Wanted {
    return {
        packages: dialects[config.generation].operators,
        namespaces: Object.keys(config.namespaces),
        controlPlaneNamespace: config.controlPlane.namespace,
        stackId: mark,
    };
}

/** Errors: UndecidedError with everything that stands in the way, at once. Pure. */
export function decide(config: MeshConfig, facts: ClusterFacts, mark: string, file?: string): Plan {
    const dialect = dialects[config.generation];
    const owned = ownedNamespaces(config, facts, mark);
    const suffix = config.uniqueNames ? knownSuffix(facts, mark) : undefined;
    const nameOf = (namespace: string): string => namespaceName(namespace, owned, suffix);
    const operators = planOperators(config, facts, dialect.operators, mark);
    const answers = routeAnswers(config, facts, mark, nameOf);
    const problems = [
        ...checkAgainstCluster(config, config.uniqueNames ? { ...facts, controlPlanes: [] } : facts, {
            stackId: mark,
            suffix,
        }),
        ...operators.problems,
        ...answers.problems,
    ];
    const obstacles = [problems.length > 0 ? formatProblems(problems, file) : undefined, answers.message];
    if (obstacles.some((o) => o !== undefined)) {
        throw new UndecidedError(obstacles.filter((o) => o !== undefined).join("\n"));
    }
    // Without any host there is nothing to put under a domain.
    const domain = config.appsDomain ?? facts.appsDomain ?? "";
    return {
        config,
        facts,
        dialect,
        operators: operators.plan,
        owned,
        exceptions: answers.exceptions,
        domain,
        foreseenConsoles: foreseeConsoles(config, facts, dialect, nameOf(config.controlPlane.namespace), domain),
        summary: summarize(answers, [...operators.notes, ...answers.notes]),
    };
}

/**
 * A namespace that is not there is made, and is ours from then on; one that somebody else has made is used. With unique
 * names the control plane's is always ours: another environment's stands beside it, not in its place.
 */
function ownedNamespaces(config: MeshConfig, facts: ClusterFacts, mark: string): Owned {
    const own = config.controlPlane.namespace;
    const wanted = [own, ...Object.keys(config.namespaces)];
    return new Set(
        wanted.filter((name) => {
            const there = facts.namespaces[name];
            return !there?.exists || there.mark === mark || (config.uniqueNames && name === own);
        }),
    );
}

/** The suffix that an earlier run chose: the namespaces that it made tell. */
function knownSuffix(facts: ClusterFacts, mark: string): string | undefined {
    for (const [name, { mark: owner, annotations }] of Object.entries(facts.namespaces)) {
        const key = annotations[KEY];
        if (owner === mark && key !== undefined && name.startsWith(`${key}-`)) {
            return name.slice(key.length + 1);
        }
    }
    return undefined;
}

/** As they are; otherwise as OpenShift's router names a Route without a host: <name>-<namespace>.<domain>. */
function foreseeConsoles(
    config: MeshConfig,
    facts: ClusterFacts,
    dialect: Dialect,
    namespace: string,
    domain: string,
): Record<string, string> {
    const routes = Object.values(dialect.consoleRoutes(config));
    return Object.fromEntries(
        routes.map((name) => {
            const there = facts.routes.find((r) => r.namespace === namespace && r.name === name);
            return [name, there?.host ?? `${name}-${namespace}.${domain}`];
        }),
    );
}

function summarize(answers: RouteAnswers, notes: string[]): string {
    const count = (answer: string, one: string, many: string): string[] => {
        const n = answers.table.filter((t) => t.answer === answer).length;
        return n === 0 ? [] : [n === 1 ? `1 ${one}` : `${n} ${many}`];
    };
    const routes = [
        ...count("managed", "Route will be managed", "Routes will be managed"),
        ...count("exception", "is an exception", "are exceptions"),
        ...count("cut-off", "will be cut off", "will be cut off"),
    ].join(", ");
    const all = [...(routes ? [routes] : []), ...notes];
    return all.length > 0 ? all.join("; ") : "nothing is in the way";
}
