import { isDeepStrictEqual } from "node:util";
import { type Declared, ofKind } from "../picture";
import { code, type Concern, type Finder } from "./concern";

/**
 * NetworkPolicies of namespaces that were there before: rules add up, and a pod that no policy means is open to all
 * (kubernetes.io, concepts, network policies). Those of a namespace that is new shut out nobody.
 */
export const networkPolicies: Finder = ({ before, after, changes }) => {
    const known = new Set(before.declared.map(({ namespace }) => namespace));
    const kept = new Set(after.declared.map(({ namespace }) => namespace));
    return changes
        .filter(({ is }) => is.kind === "NetworkPolicy" && known.has(is.namespace) && kept.has(is.namespace))
        .flatMap(({ operation, is, before: was, after: will }): Concern[] => {
            if (operation === "created") {
                const others = about(is, ofKind(before, "NetworkPolicy"));
                return others.length > 0
                    ? [loosened(`${is.title} lets more into ${podsOf(is)}`)]
                    : [tightened(`${is.title} shuts ${podsOf(is)} to all others`)];
            }
            if (operation === "deleted") {
                const others = about(is, ofKind(after, "NetworkPolicy"));
                return others.length > 0
                    ? [
                          tightened(
                              `${is.title} goes: what it let into ${podsOf(is)} is shut out unless others let it in`,
                          ),
                      ]
                    : [loosened(`${is.title} goes: ${podsOf(is)} become open to all`)];
            }
            return changed(is, was as Declared, will as Declared);
        });
};

function changed(is: Declared, was: Declared, will: Declared): Concern[] {
    const [one, other] = [was, will].map(({ body }) => (body.spec?.ingress ?? []) as unknown[]);
    const missing = (rules: unknown[], all: unknown[]): boolean =>
        rules.some((rule) => !all.some((a) => isDeepStrictEqual(a, rule)));
    const pods = isDeepStrictEqual(was.body.spec?.podSelector, will.body.spec?.podSelector);
    return [
        ...(missing(other, one) ? [loosened(`${is.title} lets others into ${podsOf(is)}`)] : []),
        ...(missing(one, other) ? [tightened(`${is.title} no longer lets all of those in that it did`)] : []),
        ...(pods ? [] : [loosened(`${is.title} is about other pods: ${podsOf(was)} before, ${podsOf(will)} now`)]),
    ];
}

/** Policies about all pods that this one is about. */
function about(policy: Declared, all: Declared[]): Declared[] {
    const mine = labelsOf(policy);
    return all.filter(
        (other) =>
            other.id !== policy.id &&
            other.namespace === policy.namespace &&
            labelsOf(other).every((label) => mine.includes(label)),
    );
}

function labelsOf({ body }: Declared): string[] {
    const { matchLabels = {}, matchExpressions = [] } = body.spec?.podSelector ?? {};
    return [
        ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
        ...matchExpressions.map((expression: unknown) => JSON.stringify(expression)),
    ];
}

function podsOf(policy: Declared): string {
    const labels = labelsOf(policy);
    return labels.length === 0 ? "all pods of its namespace" : `pods with ${labels.map(code).join(", ")}`;
}

function loosened(text: string): Concern {
    return { topic: "policyLoosened", warns: true, text };
}

function tightened(text: string): Concern {
    return { topic: "callersLost", warns: true, text };
}
