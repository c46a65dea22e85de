import type { Line } from "./lines";

/** What became of one aspect of one object: its values in order, each different from the one before. */
export type Tracks = Map<string, string[]>;

/**
 * Recordings and runs, reduced to what must be the same. What is left out, and why:
 * - Aspects that different parts of OLM write (state, health, plan condition, resolution) are tracks of their own: in
 *   which order the writes of different parts arrive is a matter of milliseconds, in the recordings too.
 * - CatalogSourcesUnhealthy falls back to its first reason and comes again when OLM writes from an old copy: only each
 *   value's first appearance counts.
 * - InstallPlanPending flaps, and shows the old plan's reason for a moment after a change of plans (trap 46): per plan,
 *   a reason was seen or was not, and counts only if the plan really was in that phase.
 * - "waiting for spec update ... to be observed" depends on who is faster, OLM or the Deployment controller.
 * - Whether a Deployment that is put in place again is once more seen waiting before it is available (l), or before it
 *   exceeds its deadline (i).
 * - RequirementsNotMet of a version that replaces another depends on who is faster, the plan or the first look.
 * - The solver names now this, now that minimal contradiction ("originate from package", "provide").
 * - OperatorGroups and copies coalesce states that follow each other closely: see isCoalesced.
 * - Details of names: InstallPlans are numbered by their generation, addresses of catalogue servers are cut out.
 */
export function tracksOf(lines: Line[]): Tracks {
    const tracks: Tracks = new Map();
    const state: State = { plans: new Map(), planNumbers: new Map(), csvs: new Set(), last: new Map() };
    for (const line of lines) {
        if (line.ev === "ACTION") {
            continue;
        }
        const add: Add = (aspect, value, once) => push(tracks, `${keyOf(line)} ${aspect}`, value, once);
        switch (line.kind) {
            case "Subscription":
                subscription(line, add, state);
                break;
            case "InstallPlan":
                plan(line, tracks, state);
                break;
            case "ClusterServiceVersion":
                csv(line, add, state);
                if (line.f.status?.reason === "InstallWaiting" && wasPutBack(tracks, line)) {
                    tracks.get(`${keyOf(line)} phase`)?.pop();
                }
                break;
            case "OperatorGroup":
                group(line, add);
                break;
            case "Deployment":
                deployment(line, add);
                break;
            case "CatalogSource":
                add("connection", line.f.status?.connectionState?.lastObservedState ?? "none");
                break;
            case "Event":
                push(tracks, `events of ${line.f.involved.name}`, say(line.f.message), true);
                break;
        }
        state.last.set(keyOf(line), line);
    }
    finals(state, tracks);
    return tracks;
}

interface State {
    /** Phases that a plan has been in, by namespace/name. */
    plans: Map<string, Set<string>>;
    planNumbers: Map<string, string>;
    csvs: Set<string>;
    last: Map<string, Line>;
}

type Add = (aspect: string, value: string, once?: boolean) => void;

function subscription(line: Line, add: Add, state: State): void {
    if (line.ev === "DELETED") {
        add("state", "gone");
        return;
    }
    const status = line.f.status ?? {};
    const conditions: { type: string; status: string; reason?: string; message?: string }[] = status.conditions ?? [];
    const { currentCSV = "-", installedCSV = "-", installPlanGeneration = "-" } = status;
    add("state", `${status.state ?? "new"}, at ${currentCSV}, has ${installedCSV}, plan ${installPlanGeneration}`);
    const health = conditions.find((c) => c.type === "CatalogSourcesUnhealthy");
    if (health) {
        add("health", `${health.status} ${health.reason}: ${health.message}`, true);
    }
    const failed = conditions.find((c) => c.type === "ResolutionFailed");
    add("resolution", failed ? `${failed.status} ${failed.reason}: ${say(failed.message)}` : "fine");
    const pending = conditions.find((c) => c.type === "InstallPlanPending");
    if (pending && state.plans.get(`${line.ns}/${status.installPlanRef}`)?.has(pending.reason!)) {
        add(`pending on plan ${installPlanGeneration}, ${pending.reason}`, "seen");
    }
}

function plan(line: Line, tracks: Tracks, state: State): void {
    const id = `${line.ns}/${line.name}`;
    const { approval, approved, clusterServiceVersionNames, generation } = line.f.spec;
    const phase: string = line.f.status?.phase ?? "new";
    const phases = state.plans.get(id) ?? new Set();
    state.plans.set(id, phases.add(phase));
    const key = numbered(state, id, `InstallPlan ${line.ns}/${generation}`);
    const installed = line.f.status?.conditions?.map((c: any) => `, ${c.type}=${c.status}`) ?? "";
    const names = [...clusterServiceVersionNames].sort().join(" ");
    const gone = line.ev === "DELETED";
    push(tracks, `${key} phase`, gone ? "gone" : `${approval} approved=${approved} [${names}] ${phase}${installed}`);
    if (!gone) {
        push(tracks, `${key} owners`, [...(line.f.owners ?? [])].sort().join(" "));
    }
}

/** A second plan of the same generation is another one: the first went with its Subscriptions. */
function numbered(state: State, id: string, key: string): string {
    const known = state.planNumbers.get(id);
    if (known) {
        return known;
    }
    const others = [...state.planNumbers.values()].filter((k) => k.startsWith(`${key} `)).length;
    const name = `${key} (no. ${others + 1})`;
    state.planNumbers.set(id, name);
    return name;
}

/** Whether its Deployment had gone, or had failed, and was put in place again. */
function wasPutBack(tracks: Tracks, line: Line): boolean {
    const phases = tracks.get(`${keyOf(line)} phase`) ?? [];
    return phases.some((phase) => phase.startsWith("Pending/NeedsReinstall"));
}

function csv(line: Line, add: Add, state: State): void {
    const { status = {}, labels = {}, replaces, deleting } = line.f;
    if (labels["olm.copiedFrom"]) {
        const value = line.ev === "DELETED" ? "gone" : `${status.phase}/${status.reason}`;
        add(`copied from ${labels["olm.copiedFrom"]}`, status.phase || line.ev === "DELETED" ? value : "new");
        return;
    }
    if (line.ev === "DELETED") {
        state.csvs.delete(keyOf(line));
        add("phase", "gone");
        return;
    }
    state.csvs.add(keyOf(line));
    const upgrade = replaces && state.csvs.has(`ClusterServiceVersion ${line.ns}/${replaces}`);
    const unobserved = status.message?.includes("waiting for spec update of");
    if (!unobserved && !(upgrade && status.reason === "RequirementsNotMet")) {
        add("phase", status.phase ? `${status.phase}/${status.reason}: ${status.message}` : "new");
    }
    if (deleting) {
        add("phase", "deleting");
    }
}

function group(line: Line, add: Add): void {
    const { namespaces = ["?"], conditions = [] } = line.f.status ?? {};
    const said = conditions.map((c: any) => `${c.type}=${c.status} ${c.reason}: ${c.message}`);
    add("status", line.ev === "DELETED" ? "gone" : [namespaces.join(","), ...said].join(" | "));
}

function deployment(line: Line, add: Add): void {
    if (line.f.labels?.["olm.owner"]) {
        add("owner", line.ev === "DELETED" ? "gone" : `${line.f.owners}, olm.owner=${line.f.labels["olm.owner"]}`);
    }
}

/** What must be so in the end, however it came about. */
function finals({ last, plans }: State, tracks: Tracks): void {
    for (const [key, { kind, ev, f, ns }] of last) {
        if (ev === "DELETED" || f.labels?.["olm.copiedFrom"]) {
            continue;
        }
        const ours = (o: object = {}) => Object.keys(o).filter((k) => /^(olm\.|operators\.coreos)/.test(k));
        if (["Subscription", "ClusterServiceVersion"].includes(kind)) {
            tracks.set(`${key} labels`, ours(f.labels).sort());
        }
        if (kind === "ClusterServiceVersion") {
            const annotations = ours(f.annotations).map((k) => `${k}=${f.annotations[k]}`);
            tracks.set(`${key} marks`, [...annotations.sort(), ...(f.finalizers ?? [])]);
            const requirements: string[] = f.status?.requirementStatus ?? [];
            const missing = requirements.filter((r) => /^Custom.*: NotPresent/.test(r));
            tracks.set(`${key} missing`, missing);
        }
        if (kind === "Subscription" && f.status?.installPlanRef) {
            const pending = f.status.conditions?.find((c: any) => c.type === "InstallPlanPending");
            const complete = plans.get(`${ns}/${f.status.installPlanRef}`)?.has("Complete");
            tracks.set(`${key} pending in the end`, [complete ? "no" : (pending?.reason ?? "no")]);
        }
    }
}

/** Kinds of which several states may be seen as one: ours may then leave out any but the last. */
export function isCoalesced(key: string): boolean {
    return key.startsWith("OperatorGroup") || key.includes("copied from");
}

function push(tracks: Tracks, key: string, value: string, once?: boolean): void {
    const track = tracks.get(key) ?? [];
    tracks.set(key, track);
    if (track.at(-1) !== value && !(once && track.includes(value))) {
        track.push(value);
    }
}

function keyOf({ kind, ns, name }: Line): string {
    return `${kind} ${ns}/${name}`;
}

function say(message = ""): string {
    return message
        .replace(/(originate from package [\w-]+|provide \w+ \([^)]*\))/g, "(exclude each other)")
        .replace(/dial tcp [\d.]+:\d+/, "dial tcp (address)");
}
