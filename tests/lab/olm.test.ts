import assert from "node:assert/strict";
import type { Kube } from "../../kube";
import { withLab } from "./with-lab";
import { type Line, readTrace } from "./olm/lines";
import { differences, play, Recorder, type Stage } from "./olm/player";

const TIME_SCALE = 0.03;

interface Scenario {
    trace: string;
    proves: string;
    /** The recording's namespaces that exist beforehand, with the OperatorGroup that they have. */
    prepared?: Record<string, string>;
    /** Those that the recording makes itself. */
    made?: string[];
    /** Only the recording's lines before this moment. */
    before?: number;
    ignore?: RegExp[];
    patience?: number;
}

const GLOBAL = { "openshift-operators": "global-operators" };
const F_NS = { "f-ns": "og" };

/** Those that need nothing of the cluster but namespaces of their own: played all at once. */
const SCENARIOS: Scenario[] = [
    { trace: "c-manual-startingcsv", proves: "trap 2: Manual with an older startingCSV", prepared: GLOBAL, ignore: [/resolution$/] },
    { trace: "c2-automatic-startingcsv", proves: "trap 12: the false ResolutionFailed of an upgrade", prepared: GLOBAL },
    { trace: "d1-manual-and-automatic", proves: "trap 4: one Manual makes it Manual for all", prepared: GLOBAL },
    { trace: "d3-approve-the-overlapping-plan", proves: "trap 4: open plans overlap", prepared: GLOBAL },
    { trace: "e1-no-operatorgroup", proves: "trap 5: silence without an OperatorGroup", made: ["e-none"] },
    { trace: "e2-two-operatorgroups", proves: "trap 5: silence with two, also when one goes", made: ["e-two"] },
    { trace: "e3-unsupported-operatorgroup", proves: "traps 1 and 12: Failed, and AtLatestKnown", made: ["e-own"] },
    { trace: "e4-two-operatorgroups-touch", proves: "trap 5: touching the Subscription helps", made: ["e-two"] },
    { trace: "f1-same-package-twice", proves: "trap 6: two Subscriptions, one CSV", made: ["f-ns"] },
    // Its second half waits for the 15-minute look, which happened to come: f4 is the same without it.
    { trace: "f2-missing-package-next-to-good", proves: "trap 3: both fail", prepared: F_NS, before: 20_500 },
    { trace: "f4-recovery-after-bad-removed", proves: "trap 3: deleting does not help, touching does", made: ["f-ns"] },
    { trace: "g1-startingcsv-not-in-catalog", proves: "trap 9: a startingCSV that is not there", prepared: F_NS },
    { trace: "g2-channel-missing-and-catalog-missing", proves: "wrong channel, wrong catalogue", prepared: F_NS },
    { trace: "h1-delete-sub-recreate-same", proves: "traps 7 and 8: over an orphan CSV", prepared: GLOBAL },
    { trace: "h2-orphan-116-recreate-manual-116", proves: "trap 8: an orphan, Manual", prepared: GLOBAL },
    { trace: "h3-delete-csv-first-then-sub-then-recreate", proves: "trap 7: both deleted, clean again", prepared: GLOBAL },
    { trace: "h4-delete-csv-only", proves: "trap 8: the CSV of a living Subscription", prepared: GLOBAL },
    { trace: "h5-csv-only-deleted-then-touch", proves: "trap 8: touching does not help then", prepared: GLOBAL },
];

describe("OLM stand-in, against recordings of the real one", function () {
    this.timeout(120_000);
    const used = withLab({
        timeScale: TIME_SCALE,
        // As many namespaces at once as real clusters: each gets about what one had.
        olm: { copiedCSVs: false, requestsPerSecond: 60, testPackages: true },
        kubelet: { neverReadyImages: ["never-ready"] },
    });
    let recorder: Recorder;
    const runs = new Map<string, Promise<string[]>>();

    before(async () => {
        recorder = await Recorder.start(used().kube);
        for (const scenario of SCENARIOS) {
            const run = compare(scenario, used().kube, recorder);
            run.catch(() => undefined);
            runs.set(scenario.trace, run);
        }
    });

    after(() => recorder.end());

    for (const { trace, proves } of SCENARIOS) {
        it(`${trace} (${proves})`, async () => {
            const found = await runs.get(trace)!;
            assert.equal(found.length, 0, found.join("\n"));
        });
    }
});

async function compare(scenario: Scenario, kube: Kube, recorder: Recorder): Promise<string[]> {
    const { trace, namespaces, stage } = await prepare(scenario, kube, recorder);
    return differences(trace, await play(trace, stage), [...(scenario.ignore ?? []), ...elsewhere(namespaces)]);
}

async function prepare(scenario: Scenario, kube: Kube, recorder: Recorder) {
    const id = scenario.trace.split("-")[0];
    const names = [...Object.keys(scenario.prepared ?? {}), ...(scenario.made ?? [])];
    const namespaces = Object.fromEntries(names.map((name) => [name, `olm-${id}-${name.replace("openshift-", "")}`]));
    for (const [name, group] of Object.entries(scenario.prepared ?? {})) {
        const namespace = namespaces[name];
        await kube.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
        await kube.create({
            apiVersion: "operators.coreos.com/v1",
            kind: "OperatorGroup",
            metadata: { name: group, namespace },
            spec: {},
        });
    }
    const ours = Object.values(namespaces);
    const trace = readTrace(scenario.trace, namespaces).filter(
        (line) => line.t < (scenario.before ?? Infinity) && belongs(line, ours),
    );
    const { patience } = scenario;
    const stage: Stage = { kube, recorder, timeScale: TIME_SCALE, namespaces: ours, patience };
    return { trace, namespaces: ours, stage };
}

function belongs(line: Line, namespaces: string[]): boolean {
    if (line.ev === "ACTION" && line.kind === "Namespace") {
        return namespaces.includes(line.name);
    }
    if (line.kind === "Event") {
        return namespaces.includes(line.f.involved.name);
    }
    return line.ns === undefined || line.ns === null || namespaces.includes(line.ns);
}

/** OperatorGroups that were there before a recording began are in it only when they changed. */
function elsewhere(_namespaces: string[]): RegExp[] {
    return [/^OperatorGroup .*\/(global-operators|og) /];
}
