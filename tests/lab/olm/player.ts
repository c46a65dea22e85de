import { setTimeout as sleep } from "node:timers/promises";
import type { Kube, KubeObject } from "../../../kube";
import { fieldsOf, type Line } from "./lines";
import { isCoalesced, type Tracks, tracksOf } from "./tracks";

const V1ALPHA1 = "operators.coreos.com/v1alpha1";
const V1 = "operators.coreos.com/v1";
const API: Record<string, string> = {
    Subscription: V1ALPHA1,
    InstallPlan: V1ALPHA1,
    ClusterServiceVersion: V1ALPHA1,
    CatalogSource: V1ALPHA1,
    OperatorGroup: V1,
    Deployment: "apps/v1",
    Namespace: "v1",
    Event: "v1",
    CustomResourceDefinition: "apiextensions.k8s.io/v1",
};
const FOLLOWED = Object.keys(API).filter((kind) => !["Namespace", "CustomResourceDefinition"].includes(kind));

/** The recordings' actions use the short names of kubectl. */
const LONG: Record<string, string> = {
    sub: "Subscription",
    ip: "InstallPlan",
    csv: "ClusterServiceVersion",
    og: "OperatorGroup",
    dep: "Deployment",
    crd: "CustomResourceDefinition",
};

/** Actions closer to each other than this (ms of the recording) followed each other without a look at the cluster. */
const PAUSE_MS = 1_000;
/** ... and creations this close were made at once. */
const TOGETHER_MS = 20;
/** After a state is reached, nothing more may happen for so long (ms of the real OLM; its longest own pause is 2 s). */
const LINGER_REAL_MS = 6_000;
const LINGER_LEAST_MS = 200;
/** How long a state of the recording may take to come, on a machine with much else to do. */
const PATIENCE_MS = 60_000;

/** Records everything that the recordings show, of the whole cluster, in their form. */
export class Recorder {
    readonly lines: Line[] = [];
    private readonly stop = new AbortController();
    private readonly started = Date.now();

    static async start(kube: Kube): Promise<Recorder> {
        const recorder = new Recorder();
        await Promise.all(FOLLOWED.map((kind) => recorder.follow(kube, kind)));
        return recorder;
    }

    private follow(kube: Kube, kind: string): Promise<void> {
        return new Promise((resolve) => {
            kube.watch(
                { apiVersion: API[kind], kind },
                {
                    signal: this.stop.signal,
                    onEvent: (ev, object) => this.add(ev, kind, object),
                    onSynced: resolve,
                },
            );
        });
    }

    private add(ev: Line["ev"], kind: string, object: KubeObject): void {
        const { namespace, name } = object.metadata;
        if (kind !== "Event" || (object.reason === "ResolutionFailed" && object.involvedObject.kind === "Namespace")) {
            const f = fieldsOf({ ...object, kind });
            this.lines.push({ t: Date.now() - this.started, ev, kind, ns: namespace, name, f });
        }
    }

    /** The lines of these namespaces, the Events about them, and in "default" the copies of their CSVs. */
    of(namespaces: string[], from = 0): Line[] {
        return this.lines.slice(from).filter((line) => isAbout(line, namespaces));
    }

    end(): void {
        this.stop.abort();
    }
}

/** Whether a line belongs to these namespaces. Of copied CSVs the recordings keep those in "default". */
export function isAbout({ kind, ns, name, f }: Line, namespaces: string[]): boolean {
    if (kind === "CatalogSource" && name !== "redhat-operators") {
        return false;
    }
    const copiedFrom = f?.labels?.["olm.copiedFrom"];
    if (copiedFrom !== undefined) {
        return ns === "default" && namespaces.includes(copiedFrom);
    }
    return namespaces.includes((kind === "Event" ? f.involved.name : ns) ?? "");
}

export interface Stage {
    kube: Kube;
    recorder: Recorder;
    timeScale: number;
    namespaces: string[];
    /** The recorder's lines before this one are not ours. */
    from: number;
    /** Actions that are not requests: "catalog server stopped" and the like. */
    notes?: Record<string, () => Promise<void>>;
    /** What of recording and run is compared. */
    view?: (lines: Line[]) => Line[];
    ignore?: RegExp[];
    /** Some state of the recording did not come. */
    lost?: boolean;
}

/**
 * Does what the recording's actions did, each once we are where the recording was then (or patience has ended: then the
 * comparison will tell). Returns what was seen in the namespaces.
 */
export async function play(trace: Line[], stage: Stage): Promise<Line[]> {
    const deeds = trace.filter((line) => line.ev === "ACTION" && isDeed(line, stage));
    for (let i = 0; i < deeds.length;) {
        const first = deeds[i];
        if (first.t - (deeds[i - 1]?.t ?? -Infinity) >= PAUSE_MS) {
            await arrive(trace.slice(0, trace.indexOf(first)), stage);
        }
        const together = deeds.slice(i).filter((deed) => deed.t - first.t < TOGETHER_MS && isCreation(deed, first));
        await Promise.all(together.map((deed) => act(deed, trace, stage)));
        i += together.length;
    }
    await arrive(trace, stage);
    return stage.recorder.of(stage.namespaces, stage.from);
}

function isDeed(line: Line, stage: Stage): boolean {
    return ["create", "delete", "merge-patch"].includes(line.what!) || stage.notes?.[line.what!] !== undefined;
}

function isCreation(deed: Line, first: Line): boolean {
    return deed === first || [deed, first].every((d) => d.what === "create" && d.kind === "Subscription");
}

async function act(line: Line, trace: Line[], stage: Stage): Promise<void> {
    const { kube } = stage;
    const kind = LONG[line.kind] ?? line.kind;
    const namespace = line.ns ?? undefined;
    const ref = { apiVersion: API[kind], kind, namespace, name: line.name };
    switch (line.what) {
        case "create": {
            const { apiVersion } = ref;
            const spec = line.spec ?? undefined;
            await kube.create({ apiVersion, kind, metadata: { name: line.name, namespace }, spec });
            return;
        }
        case "delete":
            await kube.delete(ref);
            return;
        case "merge-patch":
            await kube.mergePatch(kind === "InstallPlan" ? await planLike(line, trace, stage) : ref, line.body);
            return;
        default:
            await stage.notes![line.what!]();
    }
}

/** Our plan for the recording's: the newest of the same generation, once it can be approved. */
async function planLike(line: Line, trace: Line[], { kube }: Stage) {
    const theirs = trace.find((l) => l.kind === "InstallPlan" && l.name === line.name)!;
    const kind = { apiVersion: V1ALPHA1, kind: "InstallPlan" };
    for (const until = Date.now() + PATIENCE_MS; ; await sleep(25)) {
        const plans = await kube.list(kind, { namespace: line.ns });
        const ours = plans.find((p) => p.spec.generation === theirs.f.spec.generation && p.status?.phase);
        if (ours || Date.now() > until) {
            return { ...kind, namespace: line.ns, name: ours?.metadata.name ?? "missing" };
        }
    }
}

/** Waits until every aspect is as the recording's last, and then whether it stays so. */
async function arrive(recorded: Line[], stage: Stage): Promise<void> {
    const { recorder, namespaces, from, view = (lines) => lines, ignore = [] } = stage;
    const wanted = [...tracksOf(view(recorded))].filter(([key]) => !ignore.some((i) => i.test(key)));
    // Who has lost the way once need not be waited for again: the comparison shows where.
    const until = Date.now() + (stage.lost ? 0 : PATIENCE_MS);
    for (let known = -1; ; await sleep(25)) {
        const seen = recorder.of(namespaces, from);
        if (seen.length !== known && isThere(wanted, tracksOf(view(seen)))) {
            break;
        }
        if (Date.now() > until) {
            stage.lost = true;
            break;
        }
        known = seen.length;
    }
    await sleep(Math.max(LINGER_LEAST_MS, LINGER_REAL_MS * stage.timeScale));
}

function isThere(wanted: [string, string[]][], present: Tracks): boolean {
    return wanted.every(([key, values]) => {
        const ours = present.get(key);
        return isSet(key) ? String(ours) === String(values) : ours?.at(-1) === values.at(-1);
    });
}

function isSet(key: string): boolean {
    return / (labels|marks|missing)$/.test(key);
}

/** What differs between a recording and a run, in lines for people; empty when nothing does. */
export function differences(recorded: Line[], seen: Line[], { view = (l) => l, ignore = [] }: Stage): string[] {
    const [theirs, ours] = [tracksOf(view(recorded)), tracksOf(view(seen))];
    // Not every recording kept its Events and copies.
    const kept = (key: string) => theirs.has(key) || !/^events of | copied from /.test(key);
    const keys = [...new Set([...theirs.keys(), ...ours.keys()])].filter(
        (key) => kept(key) && !ignore.some((i) => i.test(key)),
    );
    return keys
        .filter((key) => !agree(key, theirs.get(key) ?? [], ours.get(key) ?? []))
        .map((key) => {
            const list = (values: string[] = ["nothing"]) => values.map((value) => `\n        ${value}`).join("");
            return `${key}\n    recorded:${list(theirs.get(key))}\n    here:${list(ours.get(key))}`;
        });
}

function agree(key: string, theirs: string[], ours: string[]): boolean {
    if (!isCoalesced(key)) {
        return theirs.length === ours.length && theirs.every((value, i) => value === ours[i]);
    }
    let at = 0;
    const inOrder = ours.every((value) => {
        at = theirs.indexOf(value, at);
        return at >= 0;
    });
    return inOrder && theirs.at(-1) === ours.at(-1);
}
