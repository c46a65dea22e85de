import { setTimeout as sleep } from "node:timers/promises";
import { type Kube, KindMissing, type KubeObject } from "../../kube";
import type { Held } from "../gate";
import type { Snapshot, Verdict, WatchSpec } from "../verdict";

const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

interface Several<K extends string> {
    names: readonly K[];
    watches(seen: Snapshot<K>): WatchSpec<K>[];
    verdict(seen: Snapshot<K>): Verdict<unknown>;
}

/**
 * Reads everything anew until the verdict holds on what was read. For verdicts over several kinds: each has a watch of its
 * own, and one may be some milliseconds behind another, so that together they show what never was.
 */
export async function reread<K extends string>(it: Several<K>, { kube, signal, waiting }: Held): Promise<void> {
    for (let pause = SHORTEST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
        const verdict = it.verdict(await readNow(kube, it));
        if (verdict.is !== "waiting") {
            return;
        }
        waiting(verdict.why, verdict.todo);
        await sleep(pause, undefined, { signal });
    }
}

/** What watches would show, as it is now. A kind that is not served has no objects. */
export async function readNow<K extends string>(
    kube: Kube,
    { names, watches }: Pick<Several<K>, "names" | "watches">,
): Promise<Snapshot<K>> {
    const seen = Object.fromEntries(names.map((n) => [n, []])) as unknown as Snapshot<K>;
    const done = new Set<string>();
    for (;;) {
        // What is read can show what else there is to read.
        const open = watches(seen).filter((spec) => !done.has(JSON.stringify(spec)));
        if (open.length === 0) {
            return seen;
        }
        for (const spec of open) {
            done.add(JSON.stringify(spec));
            seen[spec.as].push(...(await read(kube, spec)));
        }
    }
}

async function read(kube: Kube, { kind, namespace, name, labelSelector }: WatchSpec): Promise<KubeObject[]> {
    try {
        if (name === undefined) {
            return await kube.list(kind, { namespace, labelSelector });
        }
        const one = await kube.get({ ...kind, namespace, name });
        return one ? [one] : [];
    } catch (error) {
        if (error instanceof KindMissing) {
            return [];
        }
        throw error;
    }
}
