import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kube, KubeObject } from "../../kube";
import { eventually } from "../lab/wait";

/** "Kind namespace/name" to everything that its owner has written, as text. */
export type Snapshot = Map<string, string>;

/** They come and go by themselves, whoever is at work. */
const RESTLESS = ["Event", "Lease", "ComponentStatus", "Endpoints", "EndpointSlice"];

/**
 * All objects of the cluster, or those that are wanted: each with its uid and generation, without what the API server and
 * controllers note down on it.
 */
export async function snapshot(kube: Kube, wanted: (object: KubeObject) => boolean = () => true): Promise<Snapshot> {
    const found = (await Promise.all((await listable(kube)).map(({ path }) => listAll(kube, path)))).flat();
    return new Map(found.filter(wanted).map((object) => [nameOf(object), written(object)]));
}

/** A snapshot of a cluster in which nothing is still coming or going from before. */
export async function atRest(kube: Kube): Promise<Snapshot> {
    let last = await snapshot(kube);
    return eventually(
        "the cluster is at rest",
        async () => {
            await sleep(300);
            const [before, now] = [last, await snapshot(kube)];
            last = now;
            const same = before.size === now.size && [...now].every(([name, text]) => before.get(name) === text);
            return same ? now : undefined;
        },
        60,
    );
}

/** A copy of an operator's CSV, which OLM puts into every namespace and takes away again (trap 10). */
export function isCopy(object: KubeObject): boolean {
    return object.metadata.labels?.["olm.copiedFrom"] !== undefined;
}

/** Every object of `before` is still there and the same. Returns the names of those that are new. */
export function assertUntouched(before: Snapshot, after: Snapshot): string[] {
    for (const [name, was] of before) {
        assert.equal(after.get(name), was, `${name} is not as it was`);
    }
    return [...after.keys()].filter((name) => !before.has(name)).sort();
}

/** Not one object more, less or different. */
export function assertSame(before: Snapshot, after: Snapshot): void {
    assert.deepEqual(assertUntouched(before, after), [], "new objects");
}

async function listable(kube: Kube): Promise<{ path: string }[]> {
    const groups: any[] = (await kube.raw("GET", "/apis")).groups;
    const prefixes = ["/api/v1", ...groups.map((g) => `/apis/${g.preferredVersion.groupVersion}`)];
    const lists = await Promise.all(prefixes.map((prefix) => kube.raw("GET", prefix).catch(() => ({ resources: [] }))));
    return lists.flatMap(({ resources }, i) =>
        resources
            .filter((r: any) => r.verbs.includes("list") && !RESTLESS.includes(r.kind))
            .map((r: any) => ({ path: `${prefixes[i]}/${r.name}` })),
    );
}

async function listAll(kube: Kube, path: string): Promise<KubeObject[]> {
    const { kind, items = [] } = await kube.raw("GET", path);
    return items.map((item: KubeObject) => ({ ...item, kind: item.kind ?? kind.replace(/List$/, "") }));
}

function nameOf({ kind, metadata }: KubeObject): string {
    return `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;
}

function written(object: KubeObject): string {
    const { status: _, metadata, ...rest } = object;
    const { resourceVersion: __, managedFields: ___, ...kept } = metadata;
    return JSON.stringify({ ...rest, metadata: kept }, undefined, 1);
}
