/** A stack that is moving to another generation has two control planes for a while: each is a configuration of its own. */
import { dialects } from "../dialects";
import type { MeshConfig } from "./schema";

export interface Effective {
    /** The generation that mesh:generation names. Without `next`. */
    now: MeshConfig;
    /** The generation that is being moved to, while it is not yet mesh:generation. Without `next`. */
    next?: MeshConfig;
    /** The members whose pods have moved to the next generation, by the names that the configuration gives them. */
    moved: ReadonlySet<string>;
}

/**
 * What a configuration with `next` comes to. Once mesh:generation is the next one, that is all there is: what was given for
 * it holds, every member has moved, and `next` may be folded into the rest of the file at leisure. Pure.
 */
export function effective(config: MeshConfig): Effective {
    const { next, ...now } = config;
    if (next === undefined) {
        return { now, moved: new Set() };
    }
    const then: MeshConfig = {
        ...now,
        generation: next.generation,
        controlPlane: next.controlPlane,
        operators: next.operators,
        membership: dialects[next.generation].defaults.membership,
    };
    return config.generation === next.generation
        ? { now: then, moved: new Set(Object.keys(config.namespaces)) }
        : { now, next: then, moved: new Set(next.namespaces) };
}
