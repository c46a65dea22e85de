/** Whether a stack can move to the generation that comes next, side by side with today's. */
import { dialects } from "../dialects";
import { GENERATION_NAMES } from "./generations";
import { didYouMean, keyOf, type Problem } from "./problems";
import type { MeshConfig } from "./schema";

export function checkNext(config: MeshConfig): Problem[] {
    const { generation, next, controlPlane } = config;
    if (next === undefined) {
        return [];
    }
    const moved = checkMoved(config, next.namespaces);
    if (generation === next.generation) {
        return moved;
    }
    const possible = GENERATION_NAMES.filter((name) => dialects[name].beside.includes(generation));
    if (!possible.includes(next.generation)) {
        const allowed =
            possible.length === 0
                ? `nothing: no later one can be beside ${generation}; set up another stack, on another cluster`
                : `${possible.join(" or ")}, coming from generation ${generation}`;
        return [{ key: keyOf(["next", "generation"]), found: next.generation, allowed }, ...moved];
    }
    const same = next.controlPlane.name === controlPlane.name;
    const apart = next.controlPlane.namespace !== controlPlane.namespace;
    return [
        ...(same
            ? [
                  {
                      key: keyOf(["next", "controlPlane", "name"]),
                      found: next.controlPlane.name,
                      allowed: "another name than mesh:controlPlane.name: both are there at once",
                  },
              ]
            : []),
        ...(apart
            ? [
                  {
                      key: keyOf(["next", "controlPlane", "namespace"]),
                      found: next.controlPlane.namespace,
                      allowed: `${controlPlane.namespace}: both trust each other's services by the authority in it`,
                  },
              ]
            : []),
        ...moved,
    ];
}

function checkMoved(config: MeshConfig, namespaces: readonly string[]): Problem[] {
    const known = Object.keys(config.namespaces);
    return namespaces.flatMap((name, index) => {
        const key = keyOf(["next", "namespaces", index]);
        if (namespaces.indexOf(name) !== index) {
            return [{ key, found: name, allowed: "each namespace once" }];
        }
        const hint = didYouMean(name, known);
        return known.includes(name)
            ? []
            : [{ key, found: name, allowed: "a name in mesh:namespaces", ...(hint === undefined ? {} : { hint }) }];
    });
}
