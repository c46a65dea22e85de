import { loadConfig } from "../config/load";
import { ConfigError, describeProblem, pathOf, type Problem } from "../config/problems";
import type { MeshConfig } from "../config/schema";

/** A stack's config as it would be on another generation. */
export interface Translated {
    config: MeshConfig;
    /** What that generation does not have, or has under other names: left out, in words. */
    leftOut: string[];
}

/** Names of releases: those of one generation are none of another's. */
const RELEASES = [
    ["controlPlane", "version"],
    ["operators", "servicemesh", "channel"],
    ["operators", "servicemesh", "startingCSV"],
];

/**
 * What a stack's config comes to on another generation, so that the two can be laid side by side. What the stack has
 * under mesh:next for that generation holds; what the generation refuses is left out and told. Errors: ConfigError, when
 * something is wrong that leaving it out does not mend.
 */
export function inGeneration(raw: Record<string, string>, generation: string, file: string): Translated {
    const tree = Object.fromEntries(Object.entries(raw).map(([key, text]) => [key, plain(text)]));
    const next = tree["mesh:next"] as { generation?: string } | undefined;
    const leftOut: string[] = [];
    if (String(next?.generation) !== generation) {
        delete tree["mesh:next"];
        for (const path of RELEASES) {
            if (remove(tree, path)) {
                leftOut.push(`mesh:${path.join(".")}: it names a release of another generation`);
            }
        }
    }
    tree["mesh:generation"] = generation;
    for (;;) {
        try {
            return { config: loadConfig(flat(tree), { file }), leftOut };
        } catch (error) {
            if (!(error instanceof ConfigError)) {
                throw error;
            }
            const gone = error.problems.filter((problem) => mayGo(problem) && remove(tree, pathOf(problem.key)));
            if (gone.length === 0) {
                throw error;
            }
            leftOut.push(...gone.map((problem) => `${problem.key}: ${describeProblem(problem)}`));
        }
    }
}

/** What is missing is not mended by leaving more out, and without a generation there is nothing to render. */
function mayGo({ key, found }: Problem): boolean {
    return found !== undefined && key !== "mesh:generation";
}

function remove(tree: Record<string, unknown>, [first, ...rest]: readonly (string | number)[]): boolean {
    const path = [`mesh:${first}`, ...rest];
    const last = path.pop() as string | number;
    const parent = path.reduce<any>((value, key) => value?.[key], tree);
    if (parent === null || typeof parent !== "object" || !(last in parent)) {
        return false;
    }
    if (Array.isArray(parent)) {
        parent.splice(Number(last), 1);
    } else {
        delete parent[last];
    }
    return true;
}

/** Text stays text, also where it looks like a number. */
function plain(text: string): unknown {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === "object" ? value : text;
    } catch {
        return text;
    }
}

function flat(tree: Record<string, unknown>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(tree).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    );
}
