import { didYouMean, keyOf, type Problem } from "../config/problems";
import type { MeshConfig } from "../config/schema";
import type { ClusterFacts, RouteFact } from "./facts";
import { isMadeByMesh } from "./verdicts/routes";

export type Answer = "managed" | "exception" | "cut-off";

/** One Route of a namespace that is to be a member, and what becomes of it. */
export interface AnsweredRoute {
    /** The namespace's name in the config, and in the cluster. */
    key: string;
    namespace: string;
    route: string;
    host: string;
    /** "service report", "EventListener sample" */
    to: string;
    answer?: Answer;
}

export interface RouteAnswers {
    table: AnsweredRoute[];
    unanswered: AnsweredRoute[];
    /** Answers that cannot be carried out. */
    problems: Problem[];
    /** The EventListeners to label, each once. */
    exceptions: { apiVersion: string; namespace: string; name: string }[];
    notes: string[];
    /** For a person, when any Route has no answer: a table of all of them and the choices. */
    message?: string;
}

/**
 * What becomes of every Route that membership would cut off (trap 27). Pure. Routes that the mesh made for Gateways,
 * and our own, need no answer. @param nameOf the name in the cluster of a namespace of the config
 */
export function routeAnswers(
    config: Pick<MeshConfig, "namespaces"> & { part?: MeshConfig["part"] },
    facts: ClusterFacts,
    stackId: string,
    nameOf: (key: string) => string = (key) => key,
): RouteAnswers {
    const all: RouteAnswers = { table: [], unanswered: [], problems: [], exceptions: [], notes: [] };
    const messages: string[] = [];
    for (const [key, options] of Object.entries(config.namespaces)) {
        const namespace = nameOf(key);
        const routes = facts.routes.filter(
            (r) => r.namespace === namespace && !isMadeByMesh(r.labels) && r.mark !== stackId,
        );
        const table = routes.map((route) => answered(key, route, options.existingRoutes));
        const open = table.filter((t) => t.answer === undefined);
        all.table.push(...table);
        all.unanswered.push(...open);
        for (const route of routes) {
            const problem = checkAnswer(key, route, options, config.part);
            all.problems.push(...(problem ? [problem] : []));
        }
        const stale = Object.keys(options.existingRoutes).filter((name) => !routes.some((r) => r.name === name));
        if (open.length) {
            all.problems.push(...stale.map((name) => noSuchRoute(key, name, open)));
            messages.push(message(key, namespace, table, open));
        } else {
            all.notes.push(...stale.map((name) => `${namespace} has no Route ${name}: its answer is not needed`));
        }
        all.exceptions.push(...exceptions(routes, options.existingRoutes, facts));
    }
    return messages.length ? { ...all, message: messages.join("\n") } : all;
}

type NamespaceOptions = MeshConfig["namespaces"][string];

function answered(key: string, route: RouteFact, answers: Record<string, Answer>): AnsweredRoute {
    const to = route.listener ? `EventListener ${route.listener}` : `service ${route.to}`;
    const answer = Object.hasOwn(answers, route.name) ? answers[route.name] : undefined;
    return { key, namespace: route.namespace, route: route.name, host: route.host, to, answer };
}

function checkAnswer(
    key: string,
    route: RouteFact,
    { existingRoutes, services }: NamespaceOptions,
    part?: MeshConfig["part"],
): Problem | undefined {
    const answer = Object.hasOwn(existingRoutes, route.name) ? existingRoutes[route.name] : undefined;
    const at = keyOf(["namespaces", key, "existingRoutes", route.name]);
    const service = Object.hasOwn(services, route.to) ? services[route.to] : undefined;
    // The services in a platform's mesh are other stacks'.
    if (answer === "managed" && part !== "platform" && service?.host === undefined) {
        const where = keyOf(["namespaces", key, "services", route.to, "host"]);
        return {
            key: at,
            found: answer,
            allowed: "exception or cut-off",
            text: `managed: the mesh has no way in to service ${route.to}`,
            hint: `give it a host, ${where}, or answer exception or cut-off`,
        };
    }
    if (answer === "exception" && route.listener === undefined && !route.exposed) {
        return {
            key: at,
            found: answer,
            allowed: "managed or cut-off",
            text: `exception: no EventListener is behind service ${route.to}, whose pods this stack does not touch`,
            hint: `label their pod template maistra.io/expose-route: "true" yourself and run this again`,
        };
    }
    return undefined;
}

function noSuchRoute(key: string, name: string, open: AnsweredRoute[]): Problem {
    const names = open.map((o) => o.route);
    return {
        key: keyOf(["namespaces", key, "existingRoutes", name]),
        found: name,
        allowed: `a Route that is there: ${names.join(", ")}`,
        text: "there is no such Route",
        hint: didYouMean(name, names) ?? `without an answer: ${names.join(", ")}`,
    };
}

function exceptions(
    routes: RouteFact[],
    answers: Record<string, Answer>,
    facts: ClusterFacts,
): RouteAnswers["exceptions"] {
    const names = routes.filter((r) => r.listener && Object.hasOwn(answers, r.name) && answers[r.name] === "exception");
    return facts.listeners
        .filter((l) => names.some((r) => r.namespace === l.namespace && r.listener === l.name))
        .map(({ apiVersion, namespace, name }) => ({ apiVersion, namespace, name }));
}

function message(key: string, namespace: string, table: AnsweredRoute[], open: AnsweredRoute[]): string {
    const rows = table.map((t) => [t.route, t.host, t.to, t.answer ?? "?"]);
    const all = [["ROUTE", "HOST", "TO", "ANSWER"], ...rows];
    const widths = [0, 1, 2].map((i) => Math.max(...all.map((row) => row[i].length)));
    const lines = all.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd());
    return [
        `${namespace} has Routes that the mesh would cut off, and no answer for ${open.length} of them; ` +
            "nothing was touched",
        ...lines,
        `  Choose in ${keyOf(["namespaces", key, "existingRoutes"])}: managed (give the service a host here), ` +
            "exception (label its pods), or cut-off",
    ].join("\n");
}
