import type { Goal } from "./goal";
import { aliasUrn, partsOf } from "./plan/urn";
import type { Made, Old, Provider } from "./providers/provider";
import type { ResourceState, StateFile } from "./state";
import { type Props, UNKNOWN } from "./values";

/** Finds what a goal was before: under its own URN, or under one that an alias names. */
export class Predecessors {
    /** New URN to the old one by which an alias found it; children of the old one follow. */
    private readonly renamed = new Map<string, string>();

    constructor(
        private readonly state: StateFile,
        private readonly isTaken: (urn: string) => boolean,
    ) {}

    of(urn: string, goal: Goal): ResourceState | undefined {
        const own = this.state.find(urn);
        if (own) {
            return own;
        }
        const formerParent = goal.parent && this.renamed.get(goal.parent);
        const aliases = goal.aliases.map((alias) => aliasUrn(alias, urn, goal.parent));
        const inherited = formerParent ? [aliasUrn({ parent: formerParent }, urn, undefined)] : [];
        for (const alias of [...aliases, ...inherited]) {
            const old = this.isTaken(alias) ? undefined : this.state.find(alias);
            if (old) {
                this.renamed.set(urn, alias);
                this.state.rename(alias, urn);
                return old;
            }
        }
        return undefined;
    }
}

/** What is remembered of a goal that has been reached. */
export function stateOf(urn: string, goal: Goal, inputs: Props, made: Made): ResourceState {
    return {
        urn,
        type: partsOf(urn).type,
        custom: goal.custom,
        id: made.id || undefined,
        parent: goal.parent,
        inputs,
        outputs: made.outputs,
        dependencies: goal.dependencies,
        propertyDependencies: goal.propertyDependencies,
        additionalSecretOutputs: goal.additionalSecretOutputs,
        protect: goal.protect,
        retainOnDelete: goal.retainOnDelete,
        deletedWith: goal.deletedWith,
        deleteTimeoutSeconds: goal.timeoutSeconds.delete,
    };
}

export function oldOf(state: ResourceState): Old {
    return { id: state.id ?? "", inputs: state.inputs, outputs: state.outputs };
}

/**
 * The dependants that would have to be replaced themselves if what they take from `old` changed: they go before it.
 * Source: pulumi pkg/resource/deploy/step_generator.go, calculateDependentReplacements.
 */
export async function mustGoFirst(
    old: ResourceState,
    others: readonly ResourceState[],
    providerOf: (type: string) => Provider,
): Promise<ResourceState[]> {
    const going = new Set([old.urn]);
    const ahead: ResourceState[] = [];
    for (const resource of others) {
        const keys = Object.keys(resource.propertyDependencies).filter((key) =>
            resource.propertyDependencies[key].some((urn) => going.has(urn)),
        );
        if (!resource.custom || resource.external || resource.replaced || keys.length === 0) {
            continue;
        }
        const unknown = Object.fromEntries(keys.map((key) => [key, UNKNOWN]));
        const diff = await providerOf(resource.type).diff(oldOf(resource), { ...resource.inputs, ...unknown });
        if (diff.replaces.length > 0) {
            going.add(resource.urn);
            ahead.push(resource);
        }
    }
    return ahead;
}
