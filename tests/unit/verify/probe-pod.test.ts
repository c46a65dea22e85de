import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeError, type KubeObject } from "../../../kube";
import { heard, podOf, PROBE_LABEL, probeFromPod } from "../../../verify/requests/probe-pod";
import { devEnvironment, MEMBER, Scenario } from "./scenario";
import { skip } from "../../skip";

const { services } = devEnvironment();
const POD = { apiVersion: "v1", kind: "Pod" };

/** A cluster that does with the probe pod what a kubelet would. */
class WithKubelet extends Scenario {
    made?: KubeObject;
    constructor(private readonly status: (pod: KubeObject) => object | undefined) {
        super();
    }
    override async create(object: KubeObject): Promise<KubeObject> {
        const made = await super.create(object);
        this.made = made;
        const status = this.status(made);
        if (status) {
            setTimeout(() => this.put({ ...made, status }), 20);
        }
        return made;
    }
    override async list(kind: any, options: any = {}): Promise<KubeObject[]> {
        const all = await super.list(kind, options);
        return options.labelSelector ? all.filter((o) => o.metadata.labels?.[options.labelSelector]) : all;
    }
}

const ended =
    (...messages: string[]) =>
    () => ({
        phase: "Succeeded",
        containerStatuses: messages.map((message, i) => ({
            name: `probe-${i}`,
            state: { terminated: { exitCode: 0, message } },
        })),
    });

function probe(kube: Scenario, signal = new AbortController().signal, timeoutMs = 5_000) {
    return probeFromPod(kube.kube, MEMBER, services, { image: "registry.example.com/curl:1", signal, timeoutMs });
}

/** Nothing of it is left. */
async function assertGone(kube: WithKubelet): Promise<void> {
    assert.ok(kube.made, "a pod was made");
    assert.deepEqual(
        kube.deleted.map((r) => r.name),
        [kube.made.metadata.name],
    );
    const pods = await kube.list(POD, { namespace: MEMBER });
    assert.deepEqual(
        pods.filter((p) => p.metadata.labels?.[PROBE_LABEL]),
        [],
    );
}

describe("verify: the probe pod", () => {
    it("step 9: asks each service from a pod without sidecar, tells what curl heard, and is gone", async () => {
        const kube = new WithKubelet(
            ended("56 000\ncurl: (56) Recv failure: Connection reset by peer\n", '0 201\n\n{"user_id":39}'),
        );
        assert.deepEqual(await probe(kube), [
            { is: "reset", said: "Recv failure: Connection reset by peer (curl exit 56)" },
            { is: "answer", status: 201, headers: {}, body: '{"user_id":39}' },
        ]);
        await assertGone(kube);
    });

    it("is gone when its image cannot be had, and says so", async () => {
        const waiting = { reason: "ImagePullBackOff", message: "not found" };
        const kube = new WithKubelet(() => ({
            phase: "Pending",
            containerStatuses: services.map((_, i) => ({ name: `probe-${i}`, state: { waiting } })),
        }));
        const outcomes = await probe(kube, undefined, 100);
        assert.deepEqual(outcomes[0], {
            is: "failure",
            said: "the probe pod did not run: ImagePullBackOff: not found",
        });
        await assertGone(kube);
    });

    it("is gone when the run is interrupted", async () => {
        const stop = new AbortController();
        const kube = new WithKubelet(() => undefined);
        setTimeout(() => stop.abort(), 50);
        const outcomes = await probe(kube, stop.signal);
        assert.equal(outcomes[0].is, "failure");
        await assertGone(kube);
    });

    it("is gone when somebody else deletes it meanwhile", async () => {
        const kube = new WithKubelet(() => undefined);
        setTimeout(() => kube.remove({ ...POD, namespace: MEMBER, name: kube.made!.metadata.name }), 50);
        assert.equal((await probe(kube))[0].is, "failure");
        await assertGone(kube);
    });

    it("is gone also when the answer to making it was an error: it may be there", async () => {
        const kube = new WithKubelet(() => undefined);
        const { create } = kube;
        kube.create = async (object) => {
            await create.call(kube, object);
            throw new KubeError(504, "Timeout", "request timed out");
        };
        await assert.rejects(probe(kube), /request timed out/);
        await assertGone(kube);
    });

    it("says when it cannot be removed", async () => {
        const kube = new WithKubelet(ended("0 200\n\n", "0 200\n\n"));
        kube.before = (verb) => {
            if (verb === "delete") {
                throw new KubeError(403, "Forbidden", "may not delete pods");
            }
        };
        await assert.rejects(probe(kube), /may not delete pods/);
    });

    it("removes what a killed run has left long ago, and nobody else's", async () => {
        const kube = new WithKubelet(ended("0 200\n\n", "0 200\n\n"));
        const pod = (name: string, age: number, labels: Record<string, string>): KubeObject => ({
            ...POD,
            metadata: {
                name,
                namespace: MEMBER,
                labels,
                creationTimestamp: new Date(Date.now() - age).toISOString(),
            },
        });
        kube.put(pod("left", 3_600_000, { [PROBE_LABEL]: "1" }));
        kube.put(pod("running", 60_000, { [PROBE_LABEL]: "2" }));
        kube.put(pod("theirs", 3_600_000, { app: "x" }));
        await probe(kube);
        const left = (await kube.list(POD, { namespace: MEMBER })).map((p) => p.metadata.name);
        assert.ok(!left.includes("left") && left.includes("running") && left.includes("theirs"), left.join());
    });

    it("ends by itself, has no sidecar, no rights and no privileges", () => {
        const { metadata, spec } = podOf("0a1b", MEMBER, services, "curl:1");
        assert.equal(metadata.annotations?.["sidecar.istio.io/inject"], "false");
        assert.ok(spec.activeDeadlineSeconds > 0);
        assert.equal(spec.restartPolicy, "Never");
        assert.equal(spec.automountServiceAccountToken, false);
        for (const container of spec.containers) {
            assert.equal(container.securityContext.allowPrivilegeEscalation, false);
            assert.deepEqual(container.securityContext.capabilities, { drop: ["ALL"] });
        }
    });

    const said: [text: string, is: string, words?: RegExp][] = [
        ["0 201\n\n{}", "answer"],
        ["0 403\n\nRBAC: access denied", "answer", /RBAC/],
        ["56 000\ncurl: (56) Recv failure: Connection reset by peer\n", "reset", /reset by peer \(curl exit 56\)/],
        ["52 000\ncurl: (52) Empty reply from server\n", "reset", /Empty reply/],
        ["7 000\ncurl: (7) Failed to connect\n", "failure", /Failed to connect/],
        ["28 000\n\n", "failure", /curl exit 28/],
        ["", "failure", /said nothing/],
        ["sh: curl: not found", "failure", /said nothing/],
    ];
    for (const [text, is, words] of said) {
        it(`reads ${JSON.stringify(text)} as ${is}`, () => {
            const outcome = heard(text);
            assert.equal(outcome.is, is);
            assert.match(outcome.is === "answer" ? outcome.body : outcome.said, words ?? /(?:)/);
        });
    }

    describe("its script, run here", function () {
        let folder: string;
        before(function () {
            try {
                execFileSync("curl", ["--version"]);
            } catch {
                skip(this, "there is no curl on this machine");
            }
            folder = mkdtempSync(join(tmpdir(), "probe-"));
        });
        after(() => folder && rmSync(folder, { recursive: true }));

        async function run(listener: Parameters<typeof createServer>[1]): Promise<string> {
            const server = createServer(listener);
            await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
            const { port } = server.address() as AddressInfo;
            const [container] = podOf("0", MEMBER, [services[0]], "curl:1").spec.containers;
            const [shell, flag, script, ...args] = container.command as string[];
            const here = script.replaceAll("/tmp/", `${folder}/`).replaceAll("/dev/termination-log", `${folder}/log`);
            args[args.length - 1] = `http://127.0.0.1:${port}/api`;
            try {
                await new Promise<void>((resolve, reject) => {
                    execFile(shell, [flag, here, ...args], (error) => (error ? reject(error) : resolve()));
                });
            } finally {
                server.closeAllConnections();
                server.close();
            }
            return readFileSync(join(folder, "log"), "utf8");
        }

        it("an answer", async () => {
            let method: string | undefined;
            const text = await run((request, response) => {
                method = request.method;
                response.writeHead(201).end('{"user_id":1}\n{"second":"line"}');
            });
            assert.equal(method, "POST");
            assert.deepEqual(heard(text), {
                is: "answer",
                status: 201,
                headers: {},
                body: '{"user_id":1}\n{"second":"line"}',
            });
        });

        it("a reset", async () => {
            assert.equal(heard(await run((request) => request.socket.resetAndDestroy())).is, "reset");
        });
    });
});
