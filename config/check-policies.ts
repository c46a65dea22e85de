/** Who may call whom: references that lead nowhere, and rules that would not mean what they seem to say. */
import { distance } from "fastest-levenshtein";
import { servicesOf, type PlacedService } from "./hosts";
import { didYouMean, keyOf, type Problem } from "./problems";
import type { AllowRule, MeshConfig } from "./schema";

/** Names that the configuration gives, whether or not what they name is right in itself. */
export interface Names {
    namespaces: ReadonlySet<string>;
    /** "namespace/name" */
    services: ReadonlySet<string>;
    /** Absent when mesh:secrets cannot be read: then nothing can be said about a name. */
    secrets?: ReadonlySet<string>;
    /** Namespaces whose services cannot be read: then nothing can be said about references into them. */
    unreadable: ReadonlySet<string>;
}

type Kind = "allow" | "deny";

export function checkPolicies(config: MeshConfig, names: Names): Problem[] {
    return servicesOf(config).flatMap((placed) => {
        const { allow, deny } = placed.service;
        const check = (kind: Kind, rules: readonly AllowRule[]) =>
            rules.flatMap((rule, index) => checkRule(config, names, placed, rule, [...placed.path, kind, index]));
        return [...(allow === "anyone" ? [] : check("allow", allow)), ...check("deny", deny)];
    });
}

function checkRule(
    config: MeshConfig,
    names: Names,
    placed: PlacedService,
    rule: AllowRule,
    path: (string | number)[],
): Problem[] {
    const kind = path.at(-2) as Kind;
    if (Object.values(rule).every((part) => part === undefined || part === false)) {
        const meant = kind === "allow" ? "for everybody write allow: anyone" : "for everybody write allow: []";
        const allowed = `at least one of namespaces, services, principals, gateway, methods, paths; ${meant}`;
        return [{ key: keyOf(path), found: "an empty object", allowed }];
    }
    const identity = (["namespaces", "services", "principals", "gateway"] as const).find(
        (part) => rule[part] !== undefined && rule[part] !== false,
    );
    const { mtls } = config.controlPlane;
    if (kind === "deny" && identity !== undefined && mtls === "permissive") {
        return [
            {
                key: keyOf([...path, identity]),
                found: "callers by identity",
                allowed: "methods and paths only, or mesh:controlPlane.mtls: strict",
                text: "callers in plain text have no identity, and mesh:controlPlane.mtls lets them in",
            },
        ];
    }
    if (identity !== undefined && config.controlPlane.mtls === "off") {
        return [
            {
                key: keyOf([...path, identity]),
                found: "callers by identity",
                allowed: "methods and paths only while mesh:controlPlane.mtls is off",
                text: "callers are told apart by mutual TLS, and mesh:controlPlane.mtls is off",
            },
        ];
    }
    if (rule.gateway === true && rule.namespaces !== undefined) {
        const allowed =
            "in a rule of its own: all parts of a rule must hold, and the gateway is in none of its namespaces";
        return [{ key: keyOf([...path, "gateway"]), found: "true", allowed }];
    }
    return [
        ...(rule.services ?? []).flatMap((given, at) =>
            checkService(config, names, placed, rule, given, [...path, "services", at]),
        ),
        ...(rule.namespaces ?? []).flatMap((given, at) =>
            checkNamespace(config, names, given, [...path, "namespaces", at]),
        ),
    ];
}

function checkService(
    config: MeshConfig,
    names: Names,
    { namespace }: PlacedService,
    rule: AllowRule,
    given: string,
    path: (string | number)[],
): Problem[] {
    const full = given.includes("/") ? given : `${namespace}/${given}`;
    const [callerNamespace = "", caller = ""] = full.split("/");
    const key = keyOf(path);
    if (names.unreadable.has(callerNamespace)) {
        return [];
    }
    if (!names.services.has(full)) {
        const near = [...names.services].flatMap((name) =>
            name.startsWith(`${namespace}/`) ? [name, name.slice(namespace.length + 1)] : [name],
        );
        const allowed = "a service of this stack, as name or namespace/name (others: by principals)";
        const elsewhere = [...names.services].find((name) => name.endsWith(`/${given}`));
        const hint = elsewhere === undefined ? didYouMean(given, near) : `did you mean ${elsewhere}?`;
        return [{ key, found: given, allowed, ...(hint === undefined ? {} : { hint }) }];
    }
    if (rule.namespaces !== undefined && !rule.namespaces.includes(callerNamespace)) {
        const allowed =
            `a service in ${rule.namespaces.join(" or ")}, since all parts of a rule must hold; or a rule of ` +
            "its own";
        return [{ key, found: given, allowed }];
    }
    const called = config.namespaces[callerNamespace]?.services[caller];
    if (called?.existing !== undefined) {
        // Its workload runs under a ServiceAccount that this stack did not make and does not know.
        const allowed =
            `a service that this stack deploys; name an existing ${called.existing} by principals, with its ` +
            "ServiceAccount";
        return [{ key, found: given, allowed }];
    }
    return [];
}

/**
 * Callers may be in namespaces of other stacks, so an unknown namespace is no mistake. One that differs from a known
 * one by a single slip in a long word is; who really has such a namespace can name it by principals.
 */
function checkNamespace(config: MeshConfig, names: Names, given: string, path: (string | number)[]): Problem[] {
    const known = [...names.namespaces, config.controlPlane.namespace];
    if (known.includes(given)) {
        return [];
    }
    const meant = known.find((name) => isSlip(given, name));
    if (meant === undefined) {
        return [];
    }
    const allowed =
        "a namespace of this stack or of another; one that is really called so: principals: " +
        `[cluster.local/ns/${given}/*]`;
    return [{ key: keyOf(path), found: given, allowed, hint: `did you mean ${meant}?` }];
}

function isSlip(given: string, name: string): boolean {
    const [a, b] = [given.split("-"), name.split("-")];
    const different = a.map((part, at) => [part, b[at] ?? ""] as const).filter(([left, right]) => left !== right);
    const [pair] = different;
    if (a.length !== b.length || different.length !== 1 || pair === undefined) {
        return false;
    }
    const [left, right] = pair;
    const long = Math.min(left.length, right.length) >= 5 && Math.max(left.length, right.length) >= 6;
    const wordsOnly = !/\d/.test(left + right) && left !== `${right}s` && right !== `${left}s`;
    return long && wordsOnly && (distance(left, right) === 1 || isTransposed(left, right));
}

function isTransposed(a: string, b: string): boolean {
    const at = [...a].findIndex((letter, index) => letter !== b[index]);
    return a.length === b.length && a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}
