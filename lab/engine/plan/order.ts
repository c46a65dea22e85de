/** What an object in state leans on: none of these may go before it. */
export interface Leaning {
    urn: string;
    parent?: string;
    dependencies: readonly string[];
    deletedWith?: string;
}

/**
 * For each resource of a set, the others of the set that must be gone before it: its dependants and its children. A
 * URN may occur twice: what a replacement left behind, and its successor.
 */
export function mustGoBefore<T extends Leaning>(resources: readonly T[]): Map<T, T[]> {
    const before = new Map<T, T[]>(resources.map((r) => [r, []]));
    const byUrn = new Map<string, T[]>();
    for (const resource of resources) {
        byUrn.set(resource.urn, [...(byUrn.get(resource.urn) ?? []), resource]);
    }
    for (const resource of resources) {
        const leansOn = new Set([...resource.dependencies, resource.parent, resource.deletedWith]);
        leansOn.delete(resource.urn);
        for (const urn of leansOn) {
            for (const support of (urn && byUrn.get(urn)) || []) {
                before.get(support)!.push(resource);
            }
        }
    }
    return before;
}

/**
 * Removes every resource once all that must go before it is gone, side by side where nothing orders them. After a
 * failure nothing new begins; what is under way ends. Errors: the first failure; a circle, before anything is removed.
 */
export async function removeInOrder<T extends Leaning>(
    resources: readonly T[],
    remove: (resource: T) => Promise<void>,
): Promise<void> {
    const before = mustGoBefore(resources);
    refuseCircles(before);
    const going = new Map<T, Promise<void>>();
    const failures: unknown[] = [];

    function gone(resource: T): Promise<void> {
        const known = going.get(resource);
        if (known) {
            return known;
        }
        const promise = Promise.all(before.get(resource)!.map(gone)).then(async () => {
            if (failures.length > 0) {
                return;
            }
            try {
                await remove(resource);
            } catch (error) {
                failures.push(error);
            }
        });
        going.set(resource, promise);
        return promise;
    }

    await Promise.all(resources.map(gone));
    if (failures.length > 0) {
        throw failures[0];
    }
}

function refuseCircles<T extends Leaning>(before: Map<T, T[]>): void {
    const fine = new Set<T>();
    function visit(resource: T, path: readonly T[]): void {
        if (fine.has(resource)) {
            return;
        }
        if (path.includes(resource)) {
            throw new Error(`circular dependency: ${[...path, resource].map((r) => r.urn).join(" -> ")}`);
        }
        for (const first of before.get(resource)!) {
            visit(first, [...path, resource]);
        }
        fine.add(resource);
    }
    for (const resource of before.keys()) {
        visit(resource, []);
    }
}
