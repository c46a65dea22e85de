import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Kube, type KubeObject, refOf } from "../../kube";
import type { Lab } from "../../lab";
import { type Line, readTraces } from "./olm/lines";
import { differences, isAbout, play, Recorder, type Stage } from "./olm/player";
import { withLab } from "./with-lab";

const TIME_SCALE = 0.03;
const CSV = { apiVersion: "operators.coreos.com/v1alpha1", kind: "ClusterServiceVersion" };

interface Scenario {
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
    patience?: number;
    /** How many plans there are depends on milliseconds (trap 47): they and their numbers are not compared. */
    anyPlans?: boolean;
}

const GLOBAL = { "openshift-operators": "global-operators" };
const F_NS = { "f-ns": "og" };

/** Those that need nothing of the cluster but namespaces of their own: played all at once. */
const TOGETHER: Scenario[] = [
    {
        traces: ["c-manual-startingcsv"],
        proves: "trap 2: Manual with an older startingCSV",
        prepared: GLOBAL,
        // The recording ends before the false ResolutionFailed of the upgrade does.
        ignore: [/ resolution$/],
    },
    { traces: ["c2-automatic-startingcsv"], proves: "trap 12: an upgrade's false ResolutionFailed", prepared: GLOBAL },
    {
        traces: ["d1-manual-and-automatic", "d2-automatic-added-later-to-manual"],
        proves: "trap 4: one Manual makes it Manual for all, plans overlap",
        prepared: GLOBAL,
    },
    {
        traces: ["d3-approve-the-overlapping-plan"],
        proves: "trap 4: approving one of two overlapping plans",
        prepared: GLOBAL,
        // Its first plan was approved so fast that only a late write still spoke of it.
        ignore: [/ pending on plan 1, RequiresApproval$/],
    },
    { traces: ["e1-no-operatorgroup"], proves: "trap 5: silence without an OperatorGroup", made: ["e-none"] },
    { traces: ["e2-two-operatorgroups"], proves: "trap 5: silence with two, also when one goes", made: ["e-two"] },
    { traces: ["e3-unsupported-operatorgroup"], proves: "traps 1 and 12: Failed, and AtLatestKnown", made: ["e-own"] },
    { traces: ["e4-two-operatorgroups-touch"], proves: "trap 5: touching the Subscription helps", made: ["e-two"] },
    { traces: ["f1-same-package-twice"], proves: "trap 6: two Subscriptions, one CSV", made: ["f-ns"] },
    {
        traces: ["f2-missing-package-next-to-good", "f3-missing-package-added-to-installed"],
        proves: "trap 3: the bad one blocks new ones, the installed one only shows it",
        prepared: F_NS,
        // The 15-minute look happened to come here; a touch does the same.
        also: {
            t: 34_400,
            what: "merge-patch",
            kind: "sub",
            ns: "f-ns",
            name: "jaeger-product",
            body: { metadata: { annotations: { touched: "1" } } },
        },
    },
    { traces: ["f4-recovery-after-bad-removed"], proves: "trap 3: only a touch helps", made: ["f-ns"] },
    { traces: ["g1-startingcsv-not-in-catalog"], proves: "trap 9: a startingCSV that is not there", prepared: F_NS },
    { traces: ["g2-channel-missing-and-catalog-missing"], proves: "wrong channel, wrong catalogue", prepared: F_NS },
    { traces: ["h1-delete-sub-recreate-same"], proves: "traps 7 and 8: over an orphan CSV", prepared: GLOBAL },
    { traces: ["h2-orphan-116-recreate-manual-116"], proves: "trap 8: an orphan, Manual", prepared: GLOBAL },
    { traces: ["h3-delete-csv-first-then-sub-then-recreate"], proves: "trap 7: both deleted", prepared: GLOBAL },
    { traces: ["h4-delete-csv-only"], proves: "trap 8: the CSV of a living Subscription", prepared: GLOBAL },
    { traces: ["h5-csv-only-deleted-then-touch"], proves: "trap 8: touching does not help then", prepared: GLOBAL },
    {
        traces: ["i-unavailable-and-missing-requirement"],
        proves: "trap 12: install timeout, progress deadline, a missing requirement",
        prepared: { "i-never": "og", "i-hidden": "og", "i-needer": "og" },
        patience: 60_000,
    },
];

/** Those that change the catalogue, take CRDs away or copy CSVs everywhere: one after the other. */
const ALONE: Scenario[] = [
    { traces: ["a-automatic"], proves: "traps 1, 10 and 46", prepared: GLOBAL },
    {
        traces: ["b3-four-at-once-quiet"],
        proves: "trap 47: four at once",
        prepared: { ...GLOBAL, "openshift-operators-redhat": "nothing" },
        anyPlans: true,
    },
    {
        traces: ["k-copied-csvs"],
        proves: "trap 10: copies",
        prepared: { ...GLOBAL, "openshift-operators-redhat": "openshift-operators-redhat" },
        made: ["k-new"],
    },
    { traces: ["l-heal"], proves: "a Deployment that goes comes back, a CRD does not", prepared: GLOBAL },
    {
        traces: ["j1-catalog-down-warm-cache"],
        proves: "trap 11: catalogue down, not shown at all",
        prepared: GLOBAL,
        // The recording ends before the catalogue is seen to be back.
        ignore: [/ connection$/],
    },
    { traces: ["j2-catalog-down-cold"], proves: "trap 11: catalogue down, nothing cached", prepared: GLOBAL },
];

const titleOf = ({ traces, proves }: Scenario) => `${traces.map((t) => t.split("-")[0]).join(", then ")}: ${proves}`;

describe("OLM stand-in, against recordings of the real one", function () {
    this.timeout(150_000);
    const used = withLab({
        timeScale: TIME_SCALE,
        // Many namespaces at once: together they may ask as much as if each were alone on its cluster.
        // The timed look, which would notice a requirement made by hand, came after the end of recording i.
        olm: { copiedCSVs: false, requestsPerSecond: 60, testPackages: true, csvResync: 0 },
        // Slow enough for OLM to be seen waiting, at any load.
        kubelet: { neverReadyImages: ["never-ready"], readyDelay: 10_000 },
    });
    let recorder: Recorder;
    const runs = new Map<Scenario, Promise<string[]>>();

    before(async () => {
        const { kube, lab } = used();
        recorder = await Recorder.start(kube);
        for (const scenario of TOGETHER) {
            const run = compare(scenario, kube, lab, recorder);
            run.catch(() => undefined);
            runs.set(scenario, run);
        }
    });

    after(async () => {
        recorder.end();
        await clear(used().kube);
    });

    for (const scenario of TOGETHER) {
        it(titleOf(scenario), async () => {
            const found = await runs.get(scenario)!;
            assert.equal(found.length, 0, found.join("\n"));
        });
    }
});

describe("OLM stand-in, one recording at a time", function () {
    this.timeout(150_000);
    const used = withLab({ timeScale: TIME_SCALE });
    let recorder: Recorder;

    before(async () => {
        recorder = await Recorder.start(used().kube);
    });

    // Operators of the same name would copy their CSVs into each other's namespaces.
    afterEach(() => clear(used().kube));
    after(() => recorder.end());

    for (const scenario of ALONE) {
        it(titleOf(scenario), async () => {
            const { kube, lab } = used();
            const found = await compare(scenario, kube, lab, recorder);
            assert.equal(found.length, 0, found.join("\n"));
        });
    }
});

async function compare(scenario: Scenario, kube: Kube, lab: Lab, recorder: Recorder): Promise<string[]> {
    const { trace, stage } = await prepare(scenario, kube, lab, recorder);
    return differences(trace, await play(trace, stage), stage);
}

async function prepare(scenario: Scenario, kube: Kube, lab: Lab, recorder: Recorder) {
    const { prepared = {}, made = [], also, patience } = scenario;
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
        patience,
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
async function clear(kube: Kube): Promise<void> {
    const ours = ({ metadata }: KubeObject) =>
        (metadata.labels?.["olm.copiedFrom"] ?? metadata.namespace)!.startsWith("olm-");
    for (const kind of ["Subscription", "ClusterServiceVersion"]) {
        const objects = await kube.list({ apiVersion: CSV.apiVersion, kind });
        const originals = objects.filter((o) => ours(o) && !o.metadata.labels?.["olm.copiedFrom"]);
        await Promise.all(originals.map((object) => kube.delete(refOf(object))));
    }
    const until = Date.now() + 10_000;
    while ((await kube.list(CSV)).some(ours) && Date.now() < until) {
        await sleep(100);
    }
    const namespaces = await kube.list({ apiVersion: "v1", kind: "Namespace" });
    const names = namespaces.map((n) => n.metadata.name).filter((name) => name.startsWith("olm-"));
    await Promise.all(names.map((name) => kube.delete({ apiVersion: "v1", kind: "Namespace", name })));
}
