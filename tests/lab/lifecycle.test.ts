import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Kube, Unreachable } from "../../kube";
import { down, type Status, status } from "../../lab";
import { eventually } from "./wait";
import { withLab } from "./with-lab";

const NAME = `life-${process.pid}`;
const CLI = ["--import", "tsx", join(__dirname, "..", "..", "lab", "cli.ts"), "--name", NAME];

/** A command of the lab as a process of its own, which the lab must outlive. */
async function lab(...args: string[]): Promise<string> {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...CLI, ...args]);
    return stderr + stdout;
}

async function refused(...args: string[]): Promise<string> {
    return lab(...args).then(
        () => assert.fail(`lab ${args.join(" ")} succeeded`),
        (error: { stderr: string }) => error.stderr,
    );
}

function pidsOf({ processes }: Status): number[] {
    return processes.map(({ pid }) => pid!).filter((pid) => pid !== undefined);
}

/** Processes whose command line names this folder. */
function processesOf(home: string): string[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => {
            try {
                return readFileSync(`/proc/${pid}/cmdline`, "utf8");
            } catch {
                return "";
            }
        })
        .filter((command) => command.includes(home));
}

describe("lab up, status, kubeconfig, set, logs, down", function () {
    this.timeout(120_000);
    const other = withLab();
    after(() => down(NAME));

    it("has nothing to tell before it is up", async () => {
        assert.equal(status(NAME).state, "stopped");
        assert.match(await refused("kubeconfig"), /not running; start it with/);
        assert.match(await lab("down"), /there is no lab/);
    });

    it("comes up, with everything running after the command has ended", async () => {
        await lab("up");
        const now = status(NAME);
        assert.equal(now.state, "running");
        assert.equal(now.processes.length, 4);
        assert.ok(now.processes.every(({ alive }) => alive));
        assert.ok(Object.values(now.standIns).every(({ health, restarts }) => health === "watching" && restarts === 0));
    });

    it("is found running by the next up, with the same processes", async () => {
        const before = pidsOf(status(NAME));
        assert.match(await lab("up"), /already running/);
        assert.deepEqual(pidsOf(status(NAME)), before);
    });

    it("does not meet another lab", async () => {
        const ours = Kube.load({ kubeconfig: (await lab("kubeconfig")).trim() });
        const name = "seen-by-one-only";
        await ours.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
        assert.equal(await other().kube.get({ apiVersion: "v1", kind: "Namespace", name }), undefined);
        assert.notEqual(ours.server, other().lab.server);
    });

    it("takes settings while it runs, and refuses those it does not know", async () => {
        await lab("set", "timeScale=0.02", "router.running=false");
        assert.match(await refused("set", "router.color=red"), /color/);
        assert.match(await lab("logs", "daemon"), /^[^]*$/);
    });

    it("is seen to be broken after a crash, and comes up again from nothing", async () => {
        const before = status(NAME);
        process.kill(before.processes.find(({ name }) => name === "kube-apiserver")!.pid!, "SIGKILL");
        await eventually("broken", async () => (status(NAME).state === "broken" ? true : undefined));
        assert.match(await lab("up"), /clearing what a lab that ended badly left/);
        assert.equal(status(NAME).state, "running");
        const now = pidsOf(status(NAME));
        assert.ok(pidsOf(before).every((pid) => !now.includes(pid)));
    });

    it("goes down and leaves no process and no file", async () => {
        const { home } = status(NAME);
        const server = Kube.load({ kubeconfig: (await lab("kubeconfig")).trim() });
        assert.equal(processesOf(home).length, 4);
        await lab("down");
        assert.deepEqual(processesOf(home), []);
        assert.ok(!existsSync(home));
        assert.deepEqual(
            readdirSync(dirname(home)).filter((name) => name.startsWith(NAME)),
            [],
        );
        await assert.rejects(server.groupVersions(), Unreachable);
        assert.equal(status(NAME).state, "stopped");
    });
});
