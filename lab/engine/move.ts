import { STACK_TYPE } from "./plan/urn";
import type { ResourceState, StateFile } from "./state";

/**
 * Moves resources with all that belongs to them from one stack's state to another's, as `pulumi state move` does: under the
 * other stack's name, and with what they and those that stay knew of each other forgotten (pulumi/pulumi,
 * pkg/cmd/pulumi/state/state_move.go). Nothing is touched but the two states. Errors: a URN that the source does not have.
 */
export function moveResources(source: StateFile, dest: StateFile, to: Target, urns: readonly string[]): void {
    const unknown = urns.filter((urn) => !source.find(urn));
    if (unknown.length > 0) {
        throw new Error(`the source stack has no ${unknown.join(", ")}`);
    }
    const moving = withChildren(source.resources, urns);
    const root = `urn:pulumi:${to.stack}::${to.project}::${STACK_TYPE}::${to.project}-${to.stack}`;
    if (dest.find(root) === undefined) {
        dest.resources.unshift(rootOf(root));
    }
    const renamed = (urn: string): string => urn.replace(/^urn:pulumi:[^:]+::/, `urn:pulumi:${to.stack}::`);
    for (const resource of source.resources.filter((r) => moving.has(r.urn))) {
        if (dest.find(renamed(resource.urn))) {
            throw new Error(`the other stack has ${renamed(resource.urn)} already`);
        }
        const moved = withoutTies(resource, (urn) => moving.has(urn), renamed);
        const { parent } = resource;
        dest.put({
            ...moved,
            urn: renamed(resource.urn),
            parent: parent !== undefined && moving.has(parent) ? renamed(parent) : root,
        });
    }
    source.resources = source.resources
        .filter((r) => !moving.has(r.urn))
        .map((r) =>
            withoutTies(
                r,
                (urn) => !moving.has(urn),
                (urn) => urn,
            ),
        );
}

export interface Target {
    project: string;
    stack: string;
}

function withChildren(resources: ResourceState[], urns: readonly string[]): ReadonlySet<string> {
    const moving = new Set(urns);
    for (let before = -1; before !== moving.size;) {
        before = moving.size;
        resources.filter((r) => r.parent !== undefined && moving.has(r.parent)).forEach((r) => moving.add(r.urn));
    }
    return moving;
}

/** The same, knowing only of resources that are still there. */
function withoutTies(
    resource: ResourceState,
    isThere: (urn: string) => boolean,
    renamed: (urn: string) => string,
): ResourceState {
    const kept = (urns: string[]): string[] => urns.filter(isThere).map(renamed);
    const { deletedWith, ...rest } = resource;
    return {
        ...rest,
        dependencies: kept(resource.dependencies),
        propertyDependencies: Object.fromEntries(
            Object.entries(resource.propertyDependencies).map(([key, urns]) => [key, kept(urns)]),
        ),
        ...(deletedWith !== undefined && isThere(deletedWith) ? { deletedWith: renamed(deletedWith) } : {}),
    };
}

function rootOf(urn: string): ResourceState {
    return {
        urn,
        type: STACK_TYPE,
        custom: false,
        inputs: {},
        outputs: {},
        dependencies: [],
        propertyDependencies: {},
        additionalSecretOutputs: [],
    };
}
