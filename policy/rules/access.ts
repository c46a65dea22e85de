import { z } from "zod";
import { everywhere, warnedInDev } from "../levels";
import { meshedWorkloads, type Meshed } from "../workloads";
import { type Declared, type Finding, isKind, notJudged, objectOf, resourceRule, stackRule, wrong } from "../rule";
import { every, find, EACH, get, type Maybe, same, selects, some, UNKNOWN } from "../values";

const isPolicy = (resource: Declared): boolean => isKind(resource, "security.istio.io", "AuthorizationPolicy");

/** ALLOW is also what is meant where no action stands (istio.io/api, security/v1beta1/authorization_policy.proto). */
function allows(policy: Declared): Maybe {
    return same(get(policy.props, "spec", "action") ?? "ALLOW", "ALLOW");
}

/** Without a policy that allows, everybody in the mesh may call; one that denies is not enough. */
export const serviceHasPolicy = stackRule({
    name: "service-has-policy",
    description: "Each service in the mesh has an AuthorizationPolicy that says who may call it.",
    level: warnedInDev,
    settings: z.object({}),
    judgeStack(resources) {
        const policies = resources.filter(isPolicy);
        const roots = resources.flatMap(rootNamespaces);
        return meshedWorkloads(resources).flatMap((workload) => {
            const covered = some(policies.map((policy) => every([allows(policy), covers(policy, workload, roots)])));
            if (covered === true) {
                return [];
            }
            const finding =
                covered === UNKNOWN || workload.asks === UNKNOWN
                    ? notJudged("whether an AuthorizationPolicy is for it")
                    : wrong(
                          `${objectOf(workload.resource)} may be called by everybody in the mesh: give its service ` +
                              "allow (mesh:namespaces.<namespace>.services.<name>.allow), [] for nobody",
                      );
            return [{ ...finding, of: workload.resource }];
        });
    },
});

/** Policies there hold for the whole mesh. */
function rootNamespaces(resource: Declared): unknown[] {
    return isKind(resource, "maistra.io", "ServiceMeshControlPlane")
        ? [get(resource.props, "metadata", "namespace")]
        : isKind(resource, "sailoperator.io", "Istio")
          ? [get(resource.props, "spec", "namespace")]
          : [];
}

function covers({ props }: Declared, workload: Meshed, roots: unknown[]): Maybe {
    const namespace = get(props, "metadata", "namespace");
    const inReach = some([workload.namespace, ...roots].map((reach) => same(namespace, reach)));
    return every([inReach, chosen(get(props, "spec", "selector", "matchLabels"), workload)]);
}

/** Of somebody else's pods the labels are not known, but for the one that this program's policies go by. */
function chosen(selector: unknown, { labels, name }: Meshed): Maybe {
    return labels === UNKNOWN && typeof name === "string"
        ? selects(selector, { app: name })
        : selects(selector, labels);
}

/** A rule that asks for nothing lets everybody in, whatever else is written. */
export const noAllowAll = resourceRule({
    name: "no-allow-all",
    description: "No AuthorizationPolicy allows everything.",
    level: everywhere,
    settings: z.object({}),
    judge(resource) {
        if (!isPolicy(resource)) {
            return [];
        }
        const allowing = allows(resource);
        const rules = find(resource.props, "spec", "rules", EACH);
        return allowing === false
            ? []
            : rules.flatMap(({ path, value }): Finding[] => {
                  const conditions = ["from", "to", "when"].map((part) => asksSomething(get(value, part)));
                  const asks = value === UNKNOWN ? UNKNOWN : some(conditions);
                  if (asks === true) {
                      return [];
                  }
                  return asks === UNKNOWN || allowing === UNKNOWN
                      ? [notJudged(path)]
                      : [
                            wrong(
                                `${objectOf(resource)} allows everybody everything (${path} has no from, to or ` +
                                    "when): say who may call (namespaces, services, ...) or what (methods, paths)",
                            ),
                        ];
              });
    },
});

/** An entry without anything in it asks for nothing either, and one such is enough. */
function asksSomething(part: unknown): Maybe {
    if (part === UNKNOWN) {
        return UNKNOWN;
    }
    const entries = Array.isArray(part) ? part : [];
    return entries.length === 0 ? false : every(entries.map(holdsValues));
}

function holdsValues(entry: unknown): Maybe {
    if (entry === UNKNOWN || entry === undefined || entry === null) {
        return entry === UNKNOWN ? UNKNOWN : false;
    }
    return Array.isArray(entry)
        ? entry.length > 0
        : typeof entry !== "object" || some(Object.values(entry).map(holdsValues));
}
