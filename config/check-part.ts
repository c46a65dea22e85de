/** What each part of an environment may say, and what is the other part's. */
import { dialects } from "../dialects";
import { valueAt } from "./issues";
import { keyOf, type Problem } from "./problems";
import type { MeshConfig } from "./schema";

/** Keys that only a stack with a mesh of its own has a use for, with what Pulumi.yaml gives them when nobody does. */
const OF_THE_PLATFORM: Readonly<Record<string, readonly string[]>> = {
    uniqueNames: ["false"],
    protect: ["false"],
    catalog: ['{"source":"redhat-operators","sourceNamespace":"openshift-marketplace"}'],
    operators: ["{}"],
    controlPlane: ["{}"],
    next: ["{}"],
};

/** @param given the configuration as it was written */
export function checkPart(config: MeshConfig, given: unknown): Problem[] {
    return [
        ...checkReference(config, given),
        ...(config.part === "platform" ? checkPlatform(config) : []),
        ...(config.part === "workloads" ? checkWorkloads(config, given) : []),
    ];
}

function checkReference({ part }: MeshConfig, given: unknown): Problem[] {
    const found = valueAt(given, ["platform"]);
    const key = keyOf(["platform"]);
    if (part === "workloads") {
        const allowed = "the full name of the platform's stack, organization/project/stack, with part: workloads";
        return found === undefined ? [{ key, allowed }] : [];
    }
    const allowed = `nothing with part: ${part}, which has a mesh of its own`;
    return found === undefined ? [] : [{ key, found: String(found), allowed, hint: "did you mean part: workloads?" }];
}

function checkPlatform({ next }: MeshConfig): Problem[] {
    return next === undefined
        ? []
        : [
              {
                  key: keyOf(["next"]),
                  found: next.generation,
                  allowed: "nothing with part: platform: what other stacks have in its mesh would not move along",
                  hint: "bring a platform of the next generation up beside it, and the services of each stack over to it",
              },
          ];
}

function checkWorkloads({ generation, membership, platform, namespaces }: MeshConfig, given: unknown): Problem[] {
    const theirs = Object.entries(OF_THE_PLATFORM).flatMap(([name, unset]) => {
        const value = valueAt(given, [name]);
        const text = typeof value === "string" ? value : JSON.stringify(value);
        return value === undefined || unset.includes(text)
            ? []
            : [
                  {
                      key: keyOf([name]),
                      found: "given",
                      allowed: "nothing with part: workloads; it is the platform's to say",
                  },
              ];
    });
    const byApi = platform?.controlPlane.gateways.ingress.api === "gateway-api";
    const own = ownMembership(generation);
    const joining: Problem[] =
        membership === own
            ? []
            : [
                  {
                      key: keyOf(["membership"]),
                      found: membership,
                      allowed: `${own} with part: workloads on generation ${generation}; the rest is the platform's`,
                  },
              ];
    const other: Problem[] =
        platform === undefined || platform.generation === generation
            ? []
            : [
                  {
                      key: keyOf(["generation"]),
                      found: generation,
                      allowed: platform.generation,
                      text: `the mesh of ${platform.stack} is of generation ${platform.generation}, not ${generation}`,
                  },
              ];
    const answered = Object.entries(namespaces)
        .filter(([key, n]) => platform && key in platform.namespaces && Object.keys(n.existingRoutes).length > 0)
        .map(([key]) => ({
            key: keyOf(["namespaces", key, "existingRoutes"]),
            found: "given",
            allowed: `nothing: ${platform?.stack} takes ${key} in, and answers for its Routes`,
        }));
    // Its listener would be the platform's, which knows nothing of this certificate.
    const listening = Object.entries(namespaces).flatMap(([namespace, { services }]) =>
        Object.entries(services)
            .filter(([, { tls }]) => byApi && tls !== undefined && tls.mode !== "edge")
            .map(([name, { tls }]) => ({
                key: keyOf(["namespaces", namespace, "services", name, "tls", "mode"]),
                found: tls?.mode ?? "",
                allowed: `edge: the gateway of ${platform?.stack} is of the Gateway API, whose listeners are its own to say`,
            })),
    );
    return [...theirs, ...joining, ...other, ...answered, ...listening];
}

/** How a namespace joins by what is in it, with no word from the platform. */
export function ownMembership(generation: MeshConfig["generation"]): MeshConfig["membership"] {
    return dialects[generation].apis.membership === undefined ? "labels" : "member";
}
