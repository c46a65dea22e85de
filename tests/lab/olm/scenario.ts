import { type Kube, type KubeObject, refOf } from "../../../kube";
import type { Lab } from "../../../lab";
import { eventually } from "../wait";
import { type Line, readTraces } from "./lines";
import { differences, isAbout, play, type Recorder, type Stage } from "./player";

/** Times of the recordings times this; order, not time, is compared. */
export const TIME_SCALE = 0.03;

const CSV = { apiVersion: "operators.coreos.com/v1alpha1", kind: "ClusterServiceVersion" };

export interface Scenario {
    /** The recordings that it plays, one after the other. */
    traces: string[];
    proves: string;
    /** The recording's namespaces that exist beforehand, with the OperatorGroup that they have. */
    prepared?: Record<string, string>;
    /** Those that the recording makes itself. */
    made?: string[];
    /** What the recording does not say that was done. */
    also?: Omit<Line, "ev" | "f">;
    ignore?: RegExp[];
    /** How many plans there are depends on milliseconds (trap 47): they and their numbers are not compared. */
    anyPlans?: boolean;
}

/** Plays it in namespaces of its own and returns what came out differently, in lines for people. */
export async function compare(scenario: Scenario, kube: Kube, lab: Lab, recorder: Recorder): Promise<string[]> {
    const { trace, stage } = await prepare(scenario, kube, lab, recorder);
    return differences(trace, await play(trace, stage), stage);
}

async function prepare(scenario: Scenario, kube: Kube, lab: Lab, recorder: Recorder) {
    const { prepared = {}, made = [], also } = scenario;
    const id = scenario.traces[0].split("-")[0];
    const names = [...Object.keys(prepared), ...made];
    const ours = (name: string) => `olm-${id}-${name.replace("openshift-", "")}`;
    const namespaces = names.map(ours);
    for (const [name, group] of Object.entries(prepared)) {
        await kube.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: ours(name) } });
        if (group !== "nothing") {
            // A group that has its namespace's name is renamed like it.
            const metadata = { name: group === name ? ours(name) : group, namespace: ours(name) };
            await kube.create({ apiVersion: "operators.coreos.com/v1", kind: "OperatorGroup", metadata, spec: {} });
        }
    }
    const renamed = Object.fromEntries(names.map((name) => [name, ours(name)]));
    const traces = readTraces(scenario.traces, renamed);
    const lines = also ? [...traces, { ...also, ns: ours(also.ns!), ev: "ACTION" as const }] : traces;
    const trace = lines
        .sort((a, b) => a.t - b.t)
        .filter((line) => (line.ev === "ACTION" ? isPlayed(line, made.map(ours)) : isOf(line, id, namespaces)));
    const notes = {
        "catalog server stopped": () => lab.set({ olm: { catalog: "down" } }),
        "catalog server stopped, catalog operator restarted": () => lab.set({ olm: { catalog: "cold" } }),
        "catalog server started": () => lab.set({ olm: { catalog: "up" } }),
        "make the never-ready pod Ready (pod status)": () => lab.set({ kubelet: { neverReadyImages: [] } }),
    };
    const from = recorder.lines.length;
    const catalogues = id.startsWith("j") ? ["openshift-marketplace"] : [];
    const stage: Stage = {
        kube,
        recorder,
        timeScale: TIME_SCALE,
        namespaces: [...namespaces, ...catalogues],
        from,
        notes,
        view: scenario.anyPlans ? withoutPlans : undefined,
        // OperatorGroups that were there before a recording began are in it only when they changed.
        ignore: [...(scenario.ignore ?? []), /^OperatorGroup .*\/(global-operators|og|olm-k-operators-redhat) /],
    };
    return { trace, stage };
}

/** Namespaces that are prepared are not made again. */
function isPlayed(line: Line, made: string[]): boolean {
    return line.kind !== "Namespace" || made.includes(line.name);
}

function isOf(line: Line, id: string, namespaces: string[]): boolean {
    return isAbout(line, namespaces) || (line.kind === "CatalogSource" && id.startsWith("j"));
}

function withoutPlans(lines: Line[]): Line[] {
    return lines
        .filter((line) => line.kind !== "InstallPlan")
        .map((line) =>
            line.kind === "Subscription" && line.f?.status?.installPlanGeneration
                ? { ...line, f: { ...line.f, status: { ...line.f.status, installPlanGeneration: "any" } } }
                : line,
        );
}

/** Takes away what was installed in our namespaces, then the namespaces: nothing is left to be copied about. */
export async function clear(kube: Kube): Promise<void> {
    const ours = ({ metadata }: KubeObject) =>
        (metadata.labels?.["olm.copiedFrom"] ?? metadata.namespace)!.startsWith("olm-");
    for (const kind of ["Subscription", "ClusterServiceVersion"]) {
        const objects = await kube.list({ apiVersion: CSV.apiVersion, kind });
        const originals = objects.filter((o) => ours(o) && !o.metadata.labels?.["olm.copiedFrom"]);
        await Promise.all(originals.map((object) => kube.delete(refOf(object))));
    }
    // OLM takes copies away at its own pace: one that still stands would be in the next one's place.
    await gone("the CSVs of before", async () => (await kube.list(CSV)).filter(ours));
    const namespaces = async () =>
        (await kube.list({ apiVersion: "v1", kind: "Namespace" })).filter((n) => n.metadata.name.startsWith("olm-"));
    await Promise.all((await namespaces()).map((one) => kube.delete(refOf(one))));
    await gone("the namespaces of before", namespaces);
}

async function gone(what: string, left: () => Promise<KubeObject[]>): Promise<void> {
    await eventually(`${what} are gone`, async () => ((await left()).length === 0 ? true : undefined), 70);
}
