import assert from "node:assert/strict";
import { Kube } from "../../kube";
import { down, type Lab, up } from "../../lab";
import { configOf } from "../../scripts/acts";
import { labWays } from "../../scripts/lab-ways";
import { labSettings } from "../../scripts/lab-release";
import { verify } from "../../verify/verify";
import { skip } from "../skip";
import { type Answer, APPS, GUARDED, inWords, isAnswered, OPEN, STRICT } from "./answers";
import { accountsOf, openAs } from "./as";
import { assertUntouched, type Snapshot, snapshot } from "./snapshot";
import { changesOf, fileOf, type Stack } from "./stack";
import { isTheirs, MARK } from "./theirs";

const ANYONE = Object.fromEntries(
    ["sample", "caller"].map((service) => [`mesh:namespaces.${APPS}.services.${service}.allow`, "anyone"]),
);

/** What the stack is laid over with, and what everybody is then answered. */
const STEPS: { step: string; config: Record<string, string>; answers: Answer[] }[] = [
    {
        step: "steps 1 to 8: without mTLS and policies",
        config: { "mesh:controlPlane.mtls": "off", ...ANYONE },
        answers: OPEN,
    },
    { step: "step 9: mTLS is made strict", config: ANYONE, answers: STRICT },
    { step: "step 10: as it is configured", config: {}, answers: GUARDED },
];

/** Environments of the generations after the scenario's own, which has tests of its own. */
for (const { name, given } of [
    { name: "staging", given: false },
    { name: "prod", given: true },
]) {
    describe(`the ${name} environment, from nothing to nothing, with requests on real Envoys`, function () {
        this.timeout(300_000);
        const labName = `${name}-${process.pid}`;
        const file = fileOf(name);
        let lab: Lab;
        let kube: Kube;
        let verifier: Kube;
        let stack: Stack;
        let outputs: Record<string, unknown> = {};
        let everything: Snapshot;
        let theirs: Snapshot;
        const signal = new AbortController().signal;

        before(async function () {
            // The first start on a machine may build the control plane.
            this.timeout(20 * 60_000);
            const settings = { timeScale: 0.05, ...labSettings(configOf(file)) };
            lab = await up({ name: labName, settings, endsWith: process.pid });
            if (lab.router === undefined) {
                skip(this, `there is no data plane: ${lab.noRouter}`);
            }
            kube = Kube.load({ kubeconfig: lab.kubeconfig });
            // Whoever previews, deploys and verifies it has the roles that the project renders for that, and no other rights.
            const accounts = await accountsOf(lab, kube, name, { given });
            stack = await openAs(accounts, name);
            verifier = Kube.load({ kubeconfig: accounts.verifier });
            everything = await snapshot(kube);
            theirs = await snapshot(kube, isTheirs);
        });
        after(() => down(labName));

        for (const { step, config, answers } of STEPS) {
            describe(step, () => {
                before(async () => void ({ outputs } = await stack.up({ config })));

                for (const answer of answers) {
                    it(`${answer[0]}: ${inWords(answer[3])}`, () => isAnswered(lab, answer, signal));
                }

                it("verify says the same, of every object and of every request", async () => {
                    const checks = await verify({
                        kube: verifier,
                        config: configOf(file, config),
                        outputs,
                        ways: { ...labWays(lab, outputs), patienceMs: 30_000, signal },
                    });
                    assert.deepEqual(
                        checks.filter((c) => c.result !== "passed"),
                        [],
                    );
                    assert.ok(checks.some((c) => c.group === "requests"));
                });

                it("a second run finds nothing to do", async () => {
                    assert.deepEqual(changesOf(await stack.preview({ config, expectNoChanges: true })), []);
                });
            });
        }

        describe("destroy", () => {
            before(async () => {
                if (configOf(file).protect) {
                    // It says no, forgets nothing, and yields when it is told to.
                    assert.match(await stack.refused("destroy"), /protect/);
                    await stack.up({ config: { "mesh:protect": "false" } });
                }
                await stack.destroy();
            });

            it("leaves nothing of ours", async () => {
                const left = await snapshot(kube, (object) => object.metadata.annotations?.[MARK] !== undefined);
                assert.deepEqual([...left.keys()], []);
                assert.deepEqual(await stack.engine.state(), []);
                const isOthers = (object: string) =>
                    // Kinds stay: they may hold other people's objects.
                    /^(CustomResourceDefinition|APIService) /.test(object) ||
                    // Another team's, made as soon as there is the kind.
                    object === "Gateway other-mesh-app/others" ||
                    // Pods of the listeners, made anew without the label.
                    /^(Pod|ReplicaSet) microsvc-sample\/el-/.test(object);
                const names = [...(await snapshot(kube)).keys()].filter((object) => !everything.has(object));
                assert.deepEqual(
                    names.filter((object) => !isOthers(object)),
                    [],
                );
            });

            it("leaves all of theirs as it was", async () => {
                const news = assertUntouched(theirs, await snapshot(kube, isTheirs));
                assert.deepEqual(
                    news.filter((object) => object !== "Gateway other-mesh-app/others"),
                    [],
                );
            });
        });

        describe("after that", () => {
            it("a second life begins like the first (traps 8, 31, 36)", async () => {
                const result = await stack.up();
                assert.deepEqual((result.outputs as { members: string[] }).members, [APPS]);
                assert.ok(changesOf(result).every((change) => change.startsWith("create ")));
            });
        });
    });
}
