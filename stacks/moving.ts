import type { ClusterFacts } from "../cluster/facts";
import type { Effective } from "../config/next";
import { keyOf, type Problem } from "../config/problems";
import { dialects } from "../dialects";

/**
 * Whether the next step from the mesh that this stack has to the one that the config asks for is one that loses nothing.
 * Between generations of one cluster there are two meshes for a while, and namespaces go over one by one; a stack cannot
 * simply become of another generation. Pure. @param nameOf the name in the cluster of a namespace of the config
 */
export function checkMove(
    { now, next, moved }: Effective,
    facts: ClusterFacts,
    mark: string,
    nameOf: (namespace: string) => string,
): Problem[] {
    const isThere = (name: string): boolean => hasGoneOver(facts.namespaces[nameOf(name)]?.labels ?? {});
    const own = facts.controlPlanes.filter((c) => c.mark === mark);
    const standing = new Set(own.map(generationOf).filter((name) => name !== undefined));
    return [
        ...[...standing].flatMap((before) => leap(before, { now, next, moved }, isThere)),
        ...(next && moved.size > 0 && !own.some((c) => generationOf(c) === next.generation) ? [tooEarly(moved)] : []),
    ];
}

type Standing = ClusterFacts["controlPlanes"][number];

function generationOf(plane: Standing): string | undefined {
    return Object.keys(dialects).find((name) => dialects[name].isOwn(plane));
}

function leap(before: string, { now, next, moved }: Effective, isThere: (name: string) => boolean): Problem[] {
    const key = keyOf(["generation"]);
    const found = now.generation;
    if (before === now.generation || before === next?.generation) {
        return [];
    }
    const onwards = dialects[now.generation].beside.includes(before);
    if (!onwards && !dialects[before].beside.includes(now.generation)) {
        const text = `this stack's mesh is of generation ${before}, which no cluster has beside ${found}`;
        const hint = "bring the same config up on another cluster, as another stack, and move the traffic there";
        return [{ key, found, allowed: before, text, hint }];
    }
    if (onwards) {
        // The last step: everybody has gone over, and what is still there is to go.
        return moved.size > 0 && [...moved].every(isThere)
            ? []
            : [
                  {
                      key,
                      found,
                      allowed: before,
                      text: `this stack's mesh is of generation ${before}, and not every namespace has gone over to ${found}`,
                      hint: `leave it at ${before}, set mesh:next, and move namespaces with mesh:next.namespaces first`,
                  },
              ];
    }
    const left = Object.keys(now.namespaces).filter(isThere);
    return left.length === 0
        ? []
        : [
              {
                  key: keyOf(["next"]),
                  found: "nothing",
                  allowed: `mesh:next, while ${left.join(", ")} ${left.length === 1 ? "is" : "are"} in the next mesh`,
                  hint: "take them back first: mesh:next.namespaces: []",
              },
          ];
}

/** Whether a namespace with these labels gets its sidecars from a control plane that goes by labels. */
function hasGoneOver(labels: Record<string, string>): boolean {
    return labels["istio.io/rev"] !== undefined || labels["istio-injection"] === "enabled";
}

function tooEarly(moved: ReadonlySet<string>): Problem {
    return {
        key: keyOf(["next", "namespaces"]),
        found: [...moved].join(", "),
        allowed: "[] until the next control plane is there",
        hint: "run this once with [], then move namespaces",
    };
}
