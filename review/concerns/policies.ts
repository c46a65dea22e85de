import { type Declared, ofKind, type Picture } from "../picture";
import { code, type Concern, type Finder, type Review, some } from "./concern";
import { covers, type Rule, ruleInWords } from "./rules";

/** Who may call what: of each workload, the rules that let in (none: everybody) and those that refuse. */
interface Access {
    allow?: Rule[];
    deny: Rule[];
}

/** Callers that are let in or shut out by a change of AuthorizationPolicies. */
export const policies: Finder = (review) => {
    const [was, will] = [accessByTarget(review.before), accessByTarget(review.after)];
    const targets = [...new Set([...was.keys(), ...will.keys()])].sort();
    return targets
        .filter((target) => !comesOrGoes(target, review))
        .flatMap((target) => {
            const [one, other] = [access(was, target), access(will, target)];
            return [...allowed(target, one.allow, other.allow), ...denied(target, one.deny, other.deny)];
        });
};

const ALL = "";

interface Target {
    namespace: string;
    /** The labels of the pods, or nothing for all of the namespace. */
    labels: string;
}

type ByTarget = Map<string, Access>;

function keyOf({ namespace, labels }: Target): string {
    return `${namespace}|${labels}`;
}

function targetOf({ namespace = "", body }: Declared): Target {
    const labels = Object.entries(body.spec?.selector?.matchLabels ?? {}).map(([k, v]) => `${k}=${v}`);
    return { namespace, labels: labels.sort().join(",") };
}

function accessByTarget(picture: Picture): ByTarget {
    const result: ByTarget = new Map();
    for (const policy of ofKind(picture, "AuthorizationPolicy")) {
        const key = keyOf(targetOf(policy));
        const known = result.get(key) ?? { deny: [] };
        const { action = "ALLOW", rules = [] } = policy.body.spec ?? {};
        if (action === "DENY") {
            known.deny.push(...rules);
        } else if (action === "ALLOW") {
            known.allow = [...(known.allow ?? []), ...rules];
        }
        result.set(key, known);
    }
    return result;
}

/** What holds for a workload: its own policies and those of the whole namespace. */
function access(all: ByTarget, key: string): Access {
    const [namespace, labels] = key.split("|");
    const own = all.get(key) ?? { deny: [] };
    const shared = labels === ALL ? undefined : all.get(keyOf({ namespace, labels: ALL }));
    const allow = own.allow || shared?.allow ? [...(own.allow ?? []), ...(shared?.allow ?? [])] : undefined;
    return { allow, deny: [...own.deny, ...(shared?.deny ?? [])] };
}

/** Nobody is let in or shut out by the rules of a workload that only comes or goes now. */
function comesOrGoes(key: string, { before, after }: Review): boolean {
    const [one, other] = [before, after].map((picture) => workloadsOf(key, picture).length > 0);
    return one !== other;
}

/** The workloads among those declared that a target means. */
function workloadsOf(key: string, picture: Picture): Declared[] {
    const [namespace, labels] = key.split("|");
    const wanted = labels.split(",").filter((label) => label !== ALL);
    return ofKind(picture, "Deployment", "DeploymentConfig", "StatefulSet", "DaemonSet").filter((workload) => {
        const own = workload.body.spec?.template?.metadata?.labels ?? {};
        const has = wanted.every((label) => `${label.split("=")[0]}=${own[label.split("=")[0]]}` === label);
        return workload.namespace === namespace && wanted.length > 0 && has;
    });
}

/** "shop/cart", by the label that names a service's pods. */
function nameOf(key: string): string {
    const [namespace, labels] = key.split("|");
    return labels === ALL ? `all of ${code(namespace)}` : code(`${namespace}/${labels.replace(/^app=/, "")}`);
}

function inWords(rules: Rule[] | undefined): string {
    if (rules === undefined) {
        return code("anyone");
    }
    return rules.length === 0 ? code("nobody") : some(rules.map((rule) => code(ruleInWords(rule))));
}

function allowed(key: string, before: Rule[] | undefined, after: Rule[] | undefined): Concern[] {
    const [one, other] = [before ?? [{}], after ?? [{}]];
    const wider = other.filter((rule) => !one.some((known) => covers(known, rule)));
    const narrower = one.filter((rule) => !other.some((known) => covers(known, rule)));
    const change = `${inWords(before)} → ${inWords(after)}`;
    const who = nameOf(key);
    if (wider.length > 0) {
        const also = narrower.length > 0 ? "; others are shut out" : "";
        return [{ topic: "policyLoosened", warns: true, text: `${who} lets in more callers: ${change}${also}` }];
    }
    return narrower.length === 0
        ? []
        : [{ topic: "callersLost", warns: true, text: `${who} lets in fewer callers: ${change}` }];
}

function denied(key: string, before: Rule[], after: Rule[]): Concern[] {
    const open = before.filter((rule) => !after.some((known) => covers(known, rule)));
    const shut = after.filter((rule) => !before.some((known) => covers(known, rule)));
    const who = nameOf(key);
    return [
        ...(open.length === 0
            ? []
            : [{ topic: "policyLoosened", warns: true, text: `${who} no longer refuses ${inWords(open)}` } as const]),
        ...(shut.length === 0
            ? []
            : [{ topic: "callersLost", warns: true, text: `${who} now refuses ${inWords(shut)}` } as const]),
    ];
}

/** Who may call what is new. */
export const newcomers: Finder = ({ before, after, changes }) => {
    const rules = accessByTarget(after);
    return changes
        .filter(({ operation, is }) => operation === "created" && is.kind === "Deployment")
        .filter(({ is }) => ofKind(before, "Deployment").every(({ title }) => title !== is.title))
        .map(({ is }) => {
            const own = [...rules.keys()].filter((key) => workloadsOf(key, after).some(({ id }) => id === is.id));
            const key = own[0] ?? keyOf({ namespace: is.namespace ?? "", labels: "none=" });
            const { allow, deny } = access(rules, key);
            const but = deny.length === 0 ? "" : `, but for ${inWords(deny)}`;
            return {
                topic: "rest",
                warns: false,
                text: `${code(`${is.namespace}/${is.name}`)} is new; callers: ${inWords(allow)}${but}`,
            };
        });
};
