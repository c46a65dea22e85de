import assert from "node:assert/strict";
import { Recorder } from "./olm/player";
import { clear, compare, type Scenario, TIME_SCALE } from "./olm/scenario";
import { withLab } from "./with-lab";

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
    {
        traces: ["h2-orphan-116-recreate-manual-116"],
        proves: "trap 8: an orphan, Manual",
        prepared: GLOBAL,
        // As in d3.
        ignore: [/ pending on plan 1, RequiresApproval$/],
    },
    { traces: ["h3-delete-csv-first-then-sub-then-recreate"], proves: "trap 7: both deleted", prepared: GLOBAL },
    { traces: ["h4-delete-csv-only"], proves: "trap 8: the CSV of a living Subscription", prepared: GLOBAL },
    { traces: ["h5-csv-only-deleted-then-touch"], proves: "trap 8: touching does not help then", prepared: GLOBAL },
    {
        traces: ["i-unavailable-and-missing-requirement"],
        proves: "trap 12: install timeout, progress deadline, a missing requirement",
        prepared: { "i-never": "og", "i-hidden": "og", "i-needer": "og" },
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
    // Before the settings change back: while CSVs are not copied, no copy can come when its original is just going.
    after(async () => {
        recorder.end();
        await clear(used().kube);
    });
    const used = withLab({
        timeScale: TIME_SCALE,
        // Many namespaces at once: together they may ask as much as if each were alone on its cluster.
        // The timed look, which would notice a requirement made by hand, came after the end of recording i.
        olm: { copiedCSVs: false, requestsPerSecond: 60, testPackages: true, csvResync: 0 },
        // Slow enough for OLM to be seen waiting, at any load.
        kubelet: { neverReadyImages: ["never-ready"], readyDelay: 30_000 },
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

    for (const scenario of TOGETHER) {
        it(titleOf(scenario), async () => {
            const found = await runs.get(scenario)!;
            assert.equal(found.length, 0, found.join("\n"));
        });
    }
});

describe("OLM stand-in, one recording at a time", function () {
    this.timeout(150_000);
    // A phase that lasts milliseconds shows or does not: what is always otherwise than recorded is otherwise again.
    this.retries(2);
    // Slow enough for OLM to be seen waiting, at any load.
    const used = withLab({ timeScale: TIME_SCALE, kubelet: { readyDelay: 30_000 } });
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
