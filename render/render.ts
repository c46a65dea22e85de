import { stringify } from "yaml";
import type { Gate } from "../cluster/gate";
import type { Context } from "../components";
import { loadConfig } from "../config/load";
import type { MeshConfig } from "../config/schema";
import { readStackFile } from "../config/stack-file";
import type { ClusterFacts } from "../cluster/facts";
import { mesh } from "../stacks/mesh";
import { decide, foreignPieces } from "../stacks/plan";
import type { PlatformStack } from "../stacks/platform-reference";
import { secretsOf } from "../stacks/read-config";
import { assumedFacts } from "./assumed-facts";
import { inGeneration } from "./other-generation";
import { platformBeside } from "./platform-beside";
import { type Recorded, type Recording, record } from "./record";

export interface Rendering extends Recording {
    config: MeshConfig;
    /** The cluster that it is for. */
    facts: ClusterFacts;
    /** What an update would wait at, in no particular order. */
    gates: Gate<unknown, string>[];
}

/** A rendering, and what was left out of the config for it. */
export interface StackRendering extends Rendering {
    leftOut: string[];
}

/**
 * What a stack file declares, with no cluster, no engine and no account. The same file always renders the same. Errors:
 * those of the config and of the decisions that follow from it.
 * @param generation another than the file's, to see what would change
 * @param cluster what is otherwise on the cluster than a rendering assumes
 */
export async function render(
    stack: string,
    generation?: string,
    file = `Pulumi.${stack}.yaml`,
    cluster: (assumed: ClusterFacts) => ClusterFacts = (assumed) => assumed,
): Promise<StackRendering> {
    const raw = readStackFile(file);
    const from = await platformBeside(raw, file);
    const options = { file, ...(from ? { platform: from.platform } : {}) };
    const { config, leftOut } =
        generation === undefined || generation === raw["mesh:generation"]
            ? { config: loadConfig(raw, options), leftOut: [] }
            : inGeneration(raw, generation, file);
    const facts = cluster(assumedFacts(config, markOf(stack)));
    return { ...(await renderConfig(stack, config, facts, from)), leftOut };
}

/** The same from a config that is at hand, on a cluster that may be given. */
export async function renderConfig(
    stack: string,
    config: MeshConfig,
    given?: ClusterFacts,
    from?: PlatformStack,
): Promise<Rendering> {
    const mark = markOf(stack);
    const facts = given ?? assumedFacts(config, mark);
    const plan = decide(config, facts, mark);
    const gates: Rendering["gates"] = [];
    const context: Context = {
        mark,
        dialect: plan.now.dialect,
        timeouts: config.timeouts,
        protect: config.protect,
        digests: facts.digests,
        foreign: foreignPieces(facts, mark),
        hold: () => Promise.reject(new Error("a rendering waits for nothing")),
        foresee: (gate) => gates.push(gate),
    };
    const recording = await record(
        async () => mesh({ plan, secrets: secretsOf(config), ...(from ? { from } : {}) }, context),
        {
            project: "mesh",
            stack,
            computed,
        },
    );
    return { config, facts, gates, ...recording };
}

/** The mark of a stack's objects where no engine knows its organization. */
export function markOf(stack: string): string {
    return `organization/mesh/${stack}`;
}

/** What only a provider computes. */
function computed(type: string, name: string): Record<string, unknown> {
    return type.startsWith("random:") ? { result: name === "suffix" ? "x7k2" : "[random]" } : {};
}

/**
 * The Kubernetes objects that a rendering declares, as one YAML text, in the order of the graph's names; then what it sets
 * on objects of others, each as the part of the object that it is.
 */
export function manifests({ resources }: Recording): string {
    const objects = resources.filter((r) => r.custom && r.type.startsWith("kubernetes:"));
    const patches = resources.filter((r) => r.custom && r.type.endsWith(":ObjectPatch"));
    return [
        ...objects.map((r) => `---\n# ${r.name}\n${yamlOf(r.inputs)}`),
        ...patches.map((r) => `---\n# ${r.name}: on an object of others\n${yamlOf(patched(r.inputs))}`),
    ].join("");
}

function yamlOf(value: unknown): string {
    return stringify(value, { sortMapEntries: true, lineWidth: 0 });
}

function patched({ apiVersion, kind, namespace, name, path, value }: Recorded["inputs"]): object {
    const whole: Record<string, any> = { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) } };
    const keys = [...(path as string[])];
    const last = keys.pop() as string;
    const parent = keys.reduce((at, key) => (at[key] ??= {}), whole);
    parent[last] = value;
    return whole;
}

/** Who belongs to whom, what is protected, and who waits for whom: one resource a line, dependencies below. */
export function graph({ resources }: Recording): string {
    const short = new Map(resources.map((r) => [r.urn, label(r)]));
    return resources
        .filter((r) => r.parent !== undefined)
        .map((r) => {
            const needs = r.dependencies.map((urn) => `    after ${short.get(urn) ?? urn}\n`).sort();
            const owner = short.get(r.parent as string);
            const place = owner && !owner.startsWith("Stack ") ? `  in ${owner}` : "";
            return `${label(r)}${place}${r.protect ? "  protected" : ""}\n${needs.join("")}`;
        })
        .join("");
}

function label({ type, name }: { type: string; name: string }): string {
    return `${type.split(":").at(-1)} ${name}`;
}
