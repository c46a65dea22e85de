/** Whether a stack can move to the generation that comes next, side by side with today's. */
import { didYouMean, keyOf, type Problem } from "./problems";
import type { MeshConfig } from "./schema";

/** From which generation one can move to which in one cluster, both control planes running (sail-operator, docs/ossm). */
const STEPS: Readonly<Record<string, string>> = { "2.6": "3" };

export function checkNext(config: MeshConfig): Problem[] {
    const { generation, next, controlPlane } = config;
    if (next === undefined) {
        return [];
    }
    const moved = checkMoved(config, next.namespaces);
    if (generation === next.generation) {
        return moved;
    }
    if (STEPS[generation] !== next.generation) {
        const allowed =
            generation === "1.1"
                ? "nothing: no OpenShift takes 1.1 and 2.6; set up another stack with 2.6 on a newer cluster"
                : "3, coming from generation 2.6";
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
