import { type ClusterFacts, KEY } from "../cluster/facts";
import type { Wanted } from "../cluster/look";
import { type PlannedOperator, planOperators } from "../cluster/operator-plan";
import { type RouteAnswers, routeAnswers } from "../cluster/route-answers";
import { checkVersion } from "../cluster/version-check";
import { checkAgainstCluster } from "../config/check-cluster";
import { checkNextAgainstCluster } from "../config/check-mesh";
import { effective } from "../config/next";
import { formatProblems, type Problem } from "../config/problems";
import type { MeshConfig } from "../config/schema";
import { type Dialect, dialects } from "../dialects";
import { checkMove } from "./moving";
import { asMember, bringingIn, checkParts, renamedBy } from "./parts";
import { namespaceName, type Owned } from "./names";

/** A mesh of one generation: all of a stack, or one of the two sides of a stack that is moving on. */
export interface Side {
    dialect: Dialect;
    config: MeshConfig;
    /** Packages of its operators, by the operators' short names. */
    packages: Record<string, string>;
    /** The hosts of the Routes that come with the control plane, by the Route's name, as a preview shows them. */
    foreseenConsoles: Record<string, string>;
}

/** Everything that is decided before anything is touched: a function of the config and of one look at the cluster. */
export interface Plan {
    config: MeshConfig;
    facts: ClusterFacts;
    /** The mesh that is there. */
    now: Side;
    /** The mesh that this stack is moving to, beside it. */
    next?: Side;
    /** Members that have gone over to the next mesh; while a stack has one alone: those that came from another. */
    moved: ReadonlySet<string>;
    /** In an order in which each comes after those it waits for. */
    operators: PlannedOperator[];
    /**
     * Namespaces that are ours: to be made, or made by an earlier run; in a workloads stack, those that its platform made with
     * its suffix. By the name that the config gives them.
     */
    owned: Owned;
    /** EventListeners whose Routes go on as they are. */
    exceptions: RouteAnswers["exceptions"];
    /** The domain that bare hosts are under. */
    domain: string;
    /** One line on what was found. */
    summary: string;
}

/** The stack cannot be had on this cluster as the config says. `message` is for a person and says everything. */
export class UndecidedError extends Error {
    override readonly name = "UndecidedError";
}

/** What has to be known of the cluster. */
export function looksAt(config: MeshConfig, mark: string): Wanted {
    const { now, next } = effective(config);
    const sides = [now, ...(next ? [next] : [])].map((c) => ({ config: c, dialect: dialects[c.generation] }));
    if (config.platform !== undefined) {
        const { namespaces } = config.platform;
        return {
            packages: [],
            namespaces: Object.keys(config.namespaces).map((key) => namespaces[key] ?? key),
            controlPlaneNamespace: now.controlPlane.namespace,
            stackId: mark,
            within: { gateway: sides[0].dialect.gateway(now).namespace },
        };
    }
    const packages = sides.flatMap((side) => side.dialect.operators(side.config));
    const pieces = sides.flatMap(({ dialect, config: c }) => [...dialect.controlPlane(c), ...dialect.consolePieces(c)]);
    return {
        packages: packages.filter((p, i) => packages.findIndex((q) => q.package === p.package) === i),
        namespaces: Object.keys(config.namespaces),
        controlPlaneNamespace: now.controlPlane.namespace,
        homes: [...new Set(sides.flatMap(({ dialect, config: c }) => dialect.homes(c).map((home) => home.name)))],
        shared: pieces
            .filter((piece) => piece.shared)
            .map(({ apiVersion, kind, metadata }) => ({
                apiVersion,
                kind,
                name: metadata.name,
                ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
            })),
        stackId: mark,
    };
}

/** Errors: UndecidedError with everything that stands in the way, at once. Pure. */
export function decide(config: MeshConfig, seen: ClusterFacts, mark: string, file?: string): Plan {
    const { platform } = config;
    const { now, next, moved } = effective(config);
    const facts = platform === undefined ? seen : asMember(seen, platform, mark);
    const owned = platform ? renamedBy(platform) : ownedNamespaces([now, ...(next ? [next] : [])], facts, mark);
    const suffix = platform ? platform.suffix : config.uniqueNames ? knownSuffix(facts, mark) : undefined;
    const nameOf = (namespace: string): string => namespaceName(namespace, owned, suffix);
    const operators = planOperators(
        platform
            ? []
            : [now, ...(next ? [next] : [])].map((c) => ({ config: c, specs: dialects[c.generation].operators(c) })),
        facts,
        mark,
    );
    const answers = routeAnswers(bringingIn(config), facts, mark, nameOf);
    const problems: Problem[] = [
        ...checkAgainstCluster(now, config.uniqueNames ? { ...facts, controlPlanes: [] } : facts, {
            stackId: mark,
            suffix,
        }),
        ...(next && !config.uniqueNames ? checkNextAgainstCluster(next, facts, mark) : []),
        ...checkVersion(dialects[now.generation], now, facts, operators.plan),
        ...(next ? checkVersion(dialects[next.generation], next, facts, operators.plan, ["next"]) : []),
        ...checkParts(config, facts, mark, nameOf),
        ...checkMove({ now, next, moved }, facts, mark, nameOf),
        ...operators.problems,
        ...answers.problems,
    ];
    const obstacles = [problems.length > 0 ? formatProblems(problems, file) : undefined, answers.message];
    if (obstacles.some((o) => o !== undefined)) {
        throw new UndecidedError(obstacles.filter((o) => o !== undefined).join("\n"));
    }
    // Without any host there is nothing to put under a domain.
    const domain = config.appsDomain ?? facts.appsDomain ?? "";
    const side = (c: MeshConfig): Side => sideOf(c, facts, nameOf, domain);
    return {
        config: now,
        facts,
        now: side(now),
        ...(next ? { next: side(next) } : {}),
        moved,
        operators: operators.plan,
        owned,
        exceptions: answers.exceptions,
        domain,
        summary: summarize(answers, [...operators.notes, ...answers.notes]),
    };
}

/** Objects of which a cluster has one, and which somebody else has made: they are used, and nothing is made. */
export function foreignPieces(facts: ClusterFacts, mark: string): ReadonlySet<string> {
    return new Set(Object.keys(facts.shared).filter((name) => facts.shared[name].mark !== mark));
}

function sideOf(config: MeshConfig, facts: ClusterFacts, nameOf: (name: string) => string, domain: string): Side {
    const dialect = dialects[config.generation];
    return {
        dialect,
        config,
        packages: Object.fromEntries(dialect.operators(config).map((o) => [o.key, o.package])),
        foreseenConsoles: foreseeConsoles(config, facts, dialect, nameOf, domain),
    };
}

/**
 * A namespace that is not there is made, and is ours from then on; one that somebody else has made is used. With unique
 * names the mesh's own are always ours: another environment's stand beside them, not in their place.
 */
function ownedNamespaces(sides: MeshConfig[], facts: ClusterFacts, mark: string): Owned {
    const homes = sides.flatMap((config) => dialects[config.generation].homes(config));
    const members = sides.flatMap((config) => Object.keys(config.namespaces));
    const ours = (name: string): boolean => !facts.namespaces[name]?.exists || facts.namespaces[name].mark === mark;
    return new Set([
        ...homes.filter((h) => ours(h.name) || (sides[0].uniqueNames && !h.shared)).map((home) => home.name),
        ...members.filter(ours),
    ]);
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
    nameOf: (name: string) => string,
    domain: string,
): Record<string, string> {
    return Object.fromEntries(
        Object.values(dialect.consoleRoutes(config)).map((route) => {
            const namespace = nameOf(route.namespace);
            const there = facts.routes.find((r) => r.namespace === namespace && r.name === route.name);
            return [route.name, there?.host ?? `${route.name}-${namespace}.${domain}`];
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
