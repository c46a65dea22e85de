import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Kube, type KubeObject } from "../../kube";
import { down, type Lab, up } from "../../lab";
import { configOf } from "../../scripts/acts";
import { labWays } from "../../scripts/lab-ways";
import { PROBE_LABEL } from "../../verify/requests/probe-pod";
import { verify } from "../../verify/verify";
import { eventually } from "../lab/wait";
import { skip } from "../skip";
import {
    ACCEPTED,
    type Answer,
    APPS,
    BODY,
    caller,
    CREATED,
    DENIED,
    GATEWAY,
    GUARDED,
    inWords,
    isAnswered,
    listener,
    OPEN,
    sample,
    STRICT,
} from "./answers";
import { accountsOf } from "./as";
import { AUTHORIZATION, POD } from "./kinds";
import { DEV_FILE, Stack } from "./stack";

const NAME = `scenario-${process.pid}`;
const SERVICES = `mesh:namespaces.${APPS}.services`;

/** One state of the environment, and what everybody is then answered. */
interface Step {
    step: string;
    action: string;
    /** Laid over Pulumi.dev.yaml; absent: before anything was done. */
    config?: Record<string, string>;
    answers: Answer[];
}

const open = { [`${SERVICES}.sample.allow`]: "anyone" };
const onlyPosts = [{ namespaces: [APPS], methods: ["POST"], paths: ["/api/sample/*"] }];
const onlyGets = [{ namespaces: [APPS], methods: ["GET"] }];
const built = {
    build: { git: "https://git.example.com/mesh.git", containerfile: "apps/sample/Containerfile" },
    container: "spring-boot",
    host: "sample.apps.example.com",
    allow: [{ namespaces: [APPS] }],
    check: { method: "POST", path: "/api/sample/apply", body: BODY, expect: 201 },
};
const byIdentity = [{ services: ["caller"] }];

const steps: Step[] = [
    {
        step: "step 3, before",
        action: "nothing is done yet",
        answers: [["the listener's own Route", listener, "/", ACCEPTED]],
    },
    {
        step: "steps 1 to 8",
        action: "up, without mTLS and policies",
        config: { "mesh:controlPlane.mtls": "off", ...open },
        answers: OPEN,
    },
    {
        step: "step 9",
        action: "mTLS is made strict",
        config: open,
        answers: STRICT,
    },
    {
        step: "step 10",
        action: "sample answers only its own namespace",
        config: {},
        answers: GUARDED,
    },
    {
        step: "step 10, finer",
        action: "only POSTs below a path",
        config: { [`${SERVICES}.sample.allow`]: JSON.stringify(onlyPosts) },
        answers: [
            ["caller through the gateway", caller, "/api/caller/apply", CREATED],
            ["sample through the gateway", sample, "/api/sample/apply", DENIED],
        ],
    },
    {
        step: "step 10, finer",
        action: "only caller itself, by its identity",
        config: { [`${SERVICES}.sample.allow`]: JSON.stringify(byIdentity) },
        answers: [
            ["caller through the gateway", caller, "/api/caller/apply", CREATED],
            ["sample through the gateway", sample, "/api/sample/apply", DENIED],
        ],
    },
    {
        step: "step 10, too fine",
        action: "only GETs, which nobody sends",
        config: { [`${SERVICES}.sample.allow`]: JSON.stringify(onlyGets) },
        answers: [
            [
                "caller, which says why it cannot",
                caller,
                "/api/caller/apply",
                { status: 502, body: /sample refused: 403 RBAC: access denied/, ...GATEWAY },
            ],
        ],
    },
    {
        step: "the same",
        action: "with an image of sample that OpenShift builds",
        config: { [`${SERVICES}.sample`]: JSON.stringify(built) },
        answers: [
            ["caller through the gateway", caller, "/api/caller/apply", CREATED],
            ["sample through the gateway", sample, "/api/sample/apply", DENIED],
        ],
    },
    {
        step: "step 10, once more",
        action: "back to what is configured",
        config: {},
        answers: [["caller through the gateway", caller, "/api/caller/apply", CREATED]],
    },
];

describe("the scenario, with requests on real Envoys", function () {
    this.timeout(300_000);
    let lab: Lab;
    let kube: Kube;
    let verifier: Kube;
    let stack: Stack;
    let outputs: Record<string, unknown> = {};
    const signal = new AbortController().signal;

    before(async function () {
        // The first start on a machine may build the control plane.
        this.timeout(20 * 60_000);
        lab = await up({ name: NAME, settings: { timeScale: 0.05 }, endsWith: process.pid });
        if (lab.router === undefined) {
            skip(this, `there is no data plane: ${lab.noRouter}`);
        }
        kube = Kube.load({ kubeconfig: lab.kubeconfig });
        stack = await Stack.open(lab, "dev", DEV_FILE);
        verifier = Kube.load({ kubeconfig: (await accountsOf(lab, kube, "dev")).verifier });
    });
    after(() => down(NAME));

    const verified = (config: Record<string, string> = {}) =>
        verify({
            kube: verifier,
            config: configOf(DEV_FILE, config),
            outputs,
            ways: { ...labWays(lab, outputs), patienceMs: 30_000, signal },
        });

    for (const { step, action, config, answers } of steps) {
        describe(`${step}: ${action}`, () => {
            before(async () => {
                if (config) {
                    ({ outputs } = await stack.up({ config }));
                }
            });

            for (const answer of answers) {
                it(`${answer[0]}: ${inWords(answer[3])}`, () => isAnswered(lab, answer, signal));
            }

            if (config) {
                it("verify says the same, of every object and of every request", async () => {
                    const checks = await verified(config);
                    assert.deepEqual(
                        checks.filter((c) => c.result !== "passed"),
                        [],
                    );
                    assert.equal(checks.filter((c) => c.group === "requests").length, 4);
                });
            }
        });
    }

    describe("verify, when not all is well", () => {
        it("notices a policy that somebody has removed, and expects what is then to be expected", async () => {
            const ref = { ...AUTHORIZATION, namespace: APPS, name: "to-sample" };
            const policy = (await kube.get(ref)) as KubeObject;
            await kube.delete(ref);
            try {
                const failed = (await verified()).filter((c) => c.result === "failed");
                assert.deepEqual(
                    failed.map((c) => c.subject),
                    [`callers of ${APPS}/sample`],
                );
            } finally {
                const { resourceVersion: _version, uid: _uid, ...metadata } = policy.metadata;
                await kube.create({ ...policy, metadata });
            }
        });

        it("cleans its probe pod up, also when it is interrupted", async () => {
            // A pod that never runs, so that there is time.
            await lab.set({ kubelet: { missingImages: ["no-such-probe"] } });
            const file = join(stack.home, "outputs.json");
            writeFileSync(file, JSON.stringify(outputs));
            const where = ["--kubeconfig", lab.kubeconfig, "--outputs", file, "--via", lab.router as string];
            const pod = ["--probe-pod", "--probe-image", "registry.example.com/no-such-probe"];
            const child = spawn(process.execPath, ["--import", "tsx", "verify/cli.ts", ...where, ...pod], {
                cwd: resolve(__dirname, "../.."),
                stdio: "ignore",
            });
            const ended = once(child, "exit");
            const probes = () => kube.list(POD, { namespace: APPS, labelSelector: PROBE_LABEL });
            await eventually("a probe pod", async () => (await probes())[0], 60);
            child.kill("SIGINT");
            assert.deepEqual(await ended, [130, null]);
            await eventually("the probe pod to go", async () => (await probes()).length === 0 || undefined);
        });
    });
});
