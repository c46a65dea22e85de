import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Gate, GateError, hold } from "../../../cluster/gate";
import { failed, ready, type Verdict, waiting } from "../../../cluster/verdict";
import { KubeError, type KubeObject } from "../../../kube";
import { FakeKube } from "./fake-kube";

const THING = { apiVersion: "example.com/v1", kind: "Thing" };
const PACE = { reportMs: 5, heartbeatMs: 40, settleMs: 60 };
/** As if it were for ever: whatever happens does not happen because of a pause that is over. */
const NEVER_SETTLED = { ...PACE, settleMs: 600_000 };

function thing(phase: string, name = "one"): KubeObject {
    return { ...THING, metadata: { name, namespace: "ns" }, status: { phase } };
}

/** Ready when the phase is Good, failed when Bad, and it wants a plan approved when Open. */
function gate(over: Partial<Gate<string, "things">> = {}): Gate<string, "things"> {
    return {
        title: "thing one",
        failure: "thing one did not get good",
        names: ["things"],
        watches: [{ as: "things", kind: THING, namespace: "ns" }],
        verdict({ things }): Verdict<string> {
            const phase = things.find((t) => t.metadata.name === "one")?.status.phase;
            switch (phase) {
                case "Good":
                    return ready(phase, "it is good");
                case "Bad":
                    return failed({
                        object: "Thing ns/one",
                        found: "Bad",
                        expected: "Good",
                        said: "beyond repair",
                        by: "its operator",
                        todo: ["Remove it:", "  oc delete thing one -n ns"],
                    });
                case "Open":
                    return {
                        is: "act",
                        why: "approving p",
                        act: { type: "approve", namespace: "ns", name: "p", csvs: [] },
                    };
                default:
                    return waiting(phase ? `it is ${phase}` : "it is not there", ["Look at it: oc get thing one"]);
            }
        },
        timeoutSeconds: 5,
        ...over,
    };
}

function start(fake: FakeKube, over: Partial<Gate<string, "things">> = {}, signal?: AbortSignal, pace = PACE) {
    const lines: string[] = [];
    const held = hold(fake.kube, gate(over), (line) => lines.push(line), { pace, signal });
    held.catch(() => undefined);
    /** Waits until the last line says this. */
    const says = async (text: string) => {
        while (!lines.at(-1)?.includes(text)) {
            await sleep(5);
        }
    };
    return { held, lines, says };
}

async function messageOf(held: Promise<unknown>): Promise<string> {
    const error = await held.then(
        () => assert.fail("the gate opened"),
        (e) => e,
    );
    assert.ok(error instanceof GateError, String(error));
    return error.message.replace(/waited \d+ s/, "waited N s");
}

describe("the gate", () => {
    it("opens with the value, at once when it is there already", async () => {
        const fake = new FakeKube();
        fake.put(thing("Good"));
        const { held, lines } = start(fake);
        assert.equal(await held, "Good");
        assert.ok(lines.includes("thing one: it is good"), lines.join("\n"));
        assert.equal(fake.openWatches, 0, "no watch is left open");
    });

    it("follows changes, and objects that vanish", async () => {
        const fake = new FakeKube();
        const { held, lines, says } = start(fake);
        await says("it is not there");
        fake.put(thing("Growing"));
        await says("it is Growing");
        fake.remove({ ...THING, namespace: "ns", name: "one" });
        await says("it is not there");
        fake.put(thing("Good"));
        assert.equal(await held, "Good");
        const said = lines.map((l) => l.replace(/ \(\d+ s\)$/, ""));
        const changes = said.filter((line, index) => line !== said[index - 1]);
        assert.deepEqual(changes, [
            "thing one: reading Thing",
            "thing one: it is not there",
            "thing one: it is Growing",
            "thing one: it is not there",
            "thing one: it is good",
        ]);
    });

    it("says something again when nothing changes", async () => {
        const fake = new FakeKube();
        fake.put(thing("Growing"));
        const { held, lines } = start(fake);
        const beats = () => lines.filter((l) => l.startsWith("thing one: it is Growing"));
        while (beats().length < 3) {
            await sleep(5);
        }
        fake.put(thing("Good"));
        await held;
    });

    it("waits for a kind that is not served yet (trap 15)", async () => {
        const fake = new FakeKube();
        fake.missing.add("example.com/v1 Thing");
        const { held, says } = start(fake);
        await says("it is not there (example.com/v1 Thing is not served yet)");
        fake.put(thing("Good"));
        fake.serve(THING);
        assert.equal(await held, "Good");
    });

    it("outlives broken watches and shows them", async () => {
        const fake = new FakeKube();
        fake.put(thing("Growing"));
        const { held, says } = start(fake);
        await says("it is Growing");
        fake.breakWatches(THING, new Error("connection reset"));
        await says("it is Growing (connection reset)");
        fake.put(thing("Good"));
        assert.equal(await held, "Good");
    });

    it("fails at once, in the cluster's words, when a state becomes final", async () => {
        const fake = new FakeKube();
        fake.put(thing("Growing"));
        const { held, says } = start(fake, {}, undefined, NEVER_SETTLED);
        await says("it is Growing");
        fake.put(thing("Bad"));
        assert.equal(
            await messageOf(held),
            [
                "thing one did not get good (waited N s)",
                "  Thing ns/one: Bad, expected Good",
                "  its operator says: beyond repair",
                "  Remove it:",
                "    oc delete thing one -n ns",
            ].join("\n"),
        );
        assert.equal(fake.openWatches, 0);
    });

    it("does not believe a final state at once that was there before it looked: it may be old", async () => {
        const fake = new FakeKube();
        fake.put(thing("Bad"));
        const { held, says } = start(fake, {}, undefined, NEVER_SETTLED);
        await says("beyond repair");
        fake.put(thing("Growing"));
        await says("it is Growing");
        fake.put(thing("Good"));
        assert.equal(await held, "Good");
    });

    it("believes it when it stands", async () => {
        const fake = new FakeKube();
        fake.put(thing("Bad"));
        const before = Date.now();
        await messageOf(start(fake).held);
        assert.ok(Date.now() - before >= PACE.settleMs - 1);
    });

    it("says what it last saw and what to do when the time is up", async () => {
        const fake = new FakeKube();
        fake.put(thing("Growing"));
        const { held } = start(fake, { timeoutSeconds: 0.05, late: ["All there is: oc get all"] });
        const lines = (await messageOf(held)).split("\n");
        assert.deepEqual(lines, [
            "thing one did not get good (waited N s)",
            "  last seen: it is Growing",
            "  Look at it: oc get thing one",
            "  All there is: oc get all",
        ]);
        assert.equal(fake.openWatches, 0);
    });

    it("approves once only, by a merge patch", async () => {
        const fake = new FakeKube();
        const plan = { apiVersion: "operators.coreos.com/v1alpha1", kind: "InstallPlan" };
        fake.put({ ...plan, metadata: { name: "p", namespace: "ns" }, spec: { approved: false } });
        fake.put(thing("Open"));
        const { held } = start(fake);
        await sleep(15);
        fake.put(thing("Open", "another"));
        fake.put(thing("Open"));
        await sleep(15);
        fake.put(thing("Good"));
        await held;
        assert.deepEqual(fake.patches, [
            { ref: { ...plan, namespace: "ns", name: "p" }, body: { spec: { approved: true } } },
        ]);
    });

    it("says who refused the approval", async () => {
        const fake = new FakeKube();
        fake.put(thing("Open"));
        fake.before = (verb) => {
            if (verb === "patch") {
                throw new KubeError(403, "Forbidden", "installplans is forbidden: not you");
            }
        };
        assert.match(
            await messageOf(start(fake).held),
            /InstallPlan ns\/p: cannot be approved, expected the right to approve it\n.*not you/,
        );
    });

    it("says which right is missing when it may not watch", async () => {
        const fake = new FakeKube();
        fake.before = () => {
            throw new KubeError(403, "Forbidden", 'things is forbidden: User "viewer" cannot watch');
        };
        assert.match(
            await messageOf(start(fake).held),
            /Thing ns\/\*: may not be read, expected the right to watch it\n.*User "viewer" cannot watch/,
        );
    });

    it("opens watches that are known only by what others show", async () => {
        const fake = new FakeKube();
        const PART = { apiVersion: "example.com/v1", kind: "Part" };
        fake.put({ ...thing("Good"), spec: { part: "wheel" } });
        const { held, says } = start(fake, {
            names: ["things", "parts"] as unknown as ["things"],
            watches: (seen) => [
                { as: "things", kind: THING },
                ...seen.things.map((t) => ({ as: "parts" as "things", kind: PART, name: t.spec.part })),
            ],
            verdict: (seen) => ((seen as never as { parts: [] }).parts.length ? ready("all") : waiting("no parts")),
        });
        await says("no parts");
        fake.put({ ...PART, metadata: { name: "wheel" } });
        assert.equal(await held, "all");
    });

    it("runs what follows readiness, and opens only if it is still ready then", async () => {
        const fake = new FakeKube();
        fake.put(thing("Good"));
        let runs = 0;
        const { held, lines } = start(fake, {
            confirm: async (_value, { waiting: say }) => {
                runs++;
                say("knocking");
                await sleep(15);
                if (runs === 1) {
                    fake.put(thing("Restarting"));
                    await sleep(15);
                }
            },
        });
        await sleep(60);
        assert.ok(
            lines.some((l) => l.startsWith("thing one: knocking")),
            lines.join("\n"),
        );
        fake.put(thing("Good"));
        assert.equal(await held, "Good");
        assert.equal(runs, 2);
    });

    it("ends when it is told to", async () => {
        const fake = new FakeKube();
        const controller = new AbortController();
        const { held } = start(fake, {}, controller.signal);
        controller.abort(new Error("interrupted"));
        await assert.rejects(held, /interrupted/);
        assert.equal(fake.openWatches, 0);
    });
});
