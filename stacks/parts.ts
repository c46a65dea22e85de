/** What the part of an environment that a stack is changes about what is decided. Pure. */
import type { ClusterFacts } from "../cluster/facts";
import type { Platform } from "../config/platform";
import { keyOf, type Problem } from "../config/problems";
import type { MeshConfig } from "../config/schema";
import type { Owned } from "./names";

/**
 * What a workloads stack knows of its cluster: of the cluster itself what its platform tells, which it may not read. An object
 * that bears the platform's mark is its own: it was the platform's before this stack was parted from it.
 */
export function asMember(facts: ClusterFacts, platform: Platform, mark: string): ClusterFacts {
    const own = <T extends { mark?: string }>(all: T[]): T[] =>
        all.map((one) => (one.mark === platform.stack ? { ...one, mark } : one));
    return {
        ...facts,
        appsDomain: platform.domain,
        ...(platform.networkType === undefined ? {} : { networkType: platform.networkType }),
        routes: own(facts.routes),
        workloads: own(facts.workloads),
    };
}

/** The namespaces whose names in the cluster have the platform's suffix. */
export function renamedBy({ namespaces }: Platform): Owned {
    return new Set(Object.keys(namespaces).filter((key) => namespaces[key] !== key));
}

/** The namespaces that this stack itself brings into the mesh: it answers for what membership does to them. */
export function bringingIn(config: MeshConfig): Pick<MeshConfig, "namespaces" | "part"> {
    const taken = config.platform?.namespaces ?? {};
    const own = Object.entries(config.namespaces).filter(([key]) => !Object.hasOwn(taken, key));
    return { part: config.part, namespaces: Object.fromEntries(own) };
}

/** Whether each part finds what it stands on, and lets go of nothing that the other has not taken. */
export function checkParts(
    config: MeshConfig,
    facts: ClusterFacts,
    mark: string,
    nameOf: (namespace: string) => string,
): Problem[] {
    const { part, platform } = config;
    if (platform !== undefined) {
        return Object.keys(config.namespaces)
            .filter((key) => !facts.namespaces[nameOf(key)]?.exists)
            .map((key) => missing(key, nameOf(key), platform));
    }
    return part === "platform" ? abandoned(config, facts, mark, nameOf) : [];
}

/** Services that are still a platform's own, of a namespace in which it wants none: another stack is to have them first. */
function abandoned(
    { namespaces }: MeshConfig,
    { workloads }: ClusterFacts,
    mark: string,
    nameOf: (namespace: string) => string,
): Problem[] {
    const empty = Object.keys(namespaces).filter((key) => Object.keys(namespaces[key].services).length === 0);
    return empty.flatMap((key) =>
        workloads
            .filter((w) => w.mark === mark && w.namespace === nameOf(key))
            .map((w) => ({
                key: keyOf(["namespaces", key, "services"]),
                found: "an empty object",
                allowed: `${w.name}, until another stack has it`,
                text: `${w.kind} ${w.namespace}/${w.name} is still this stack's, and would be deleted`,
                hint: "hand it over and run pulumi up there first (docs/two-stacks.md)",
            })),
    );
}

function missing(key: string, namespace: string, { stack }: Platform): Problem {
    return {
        key: keyOf(["namespaces", key]),
        found: key,
        allowed: "a namespace that is there",
        text: `there is no namespace ${namespace}, or it may not be read`,
        hint: `let the platform make it (mesh:namespaces in ${stack}), or: oc new-project ${namespace}`,
    };
}
