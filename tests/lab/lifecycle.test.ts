import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Kube, Unreachable } from "../../kube";
import { down, type Status, status } from "../../lab";
import { installCrds, istioCrds } from "../../lab/crds";
import { eventually } from "./wait";
import { withLab } from "./with-lab";

const ROUTE = { apiVersion: "route.openshift.io/v1", kind: "Route" };
const POD = { apiVersion: "v1", kind: "Pod" };
const CSV = { apiVersion: "operators.coreos.com/v1alpha1", kind: "ClusterServiceVersion" };
const LISTENER = { apiVersion: "triggers.tekton.dev/v1alpha1", kind: "EventListener" };

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

async function ours(): Promise<Kube> {
    return Kube.load({ kubeconfig: (await lab("kubeconfig")).trim() });
}

function pidsOf({ processes }: Status): number[] {
    return processes.map(({ pid }) => pid!).filter((pid) => pid !== undefined);
}

/** The command lines, of all processes, that name this folder. */
function processesOf(home: string): string[] {
    return commandLines().filter((command) => command.includes(home));
}

function commandLines(): string[] {
    if (!existsSync("/proc/self/cmdline")) {
        return execFileSync("ps", ["-axww", "-o", "command="], { encoding: "utf8" }).split("\n");
    }
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.map((pid) => {
        try {
            return readFileSync(`/proc/${pid}/cmdline`, "utf8");
        } catch {
            // Ended meanwhile.
            return "";
        }
    });
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

    it("starts as the scenario does: four Routes, two listeners, no Istio, no Maistra (step 3, trap 15)", async () => {
        const kube = await ours();
        const apps = { namespace: "microsvc-sample" };
        const routes = await kube.list(ROUTE, apps);
        const targets = routes.map(({ metadata, spec }) => [metadata.name, spec.to.name, spec.port.targetPort]);
        assert.deepEqual(targets.sort(), [
            ["caller", "caller", 8080],
            ["el-caller", "el-caller", "http-listener"],
            ["el-sample", "el-sample", "http-listener"],
            ["sample", "sample", 8080],
        ]);
        const sample = routes.find(({ metadata }) => metadata.name === "sample");
        assert.equal(sample?.spec.host, "sample-microsvc-sample.apps.example.com");
        for (const name of ["caller", "sample"]) {
            const listener = await kube.get({ ...LISTENER, ...apps, name });
            const conditions: { type: string; status: string }[] = listener?.status.conditions;
            assert.equal(conditions.find(({ type }) => type === "Available")?.status, "True");
            assert.equal((await kube.list(POD, { ...apps, labelSelector: `eventlistener=${name}` })).length, 1);
            const service = { apiVersion: "v1", kind: "Service", ...apps };
            assert.equal((await kube.get({ ...service, name: `el-${name}` }))?.spec.ports[0].name, "http-listener");
            assert.equal(await kube.get({ ...service, name }), undefined);
        }
        const groups = await kube.groupVersions();
        for (const absent of ["networking.istio.io", "maistra.io", "kiali.io", "jaegertracing.io"]) {
            assert.ok(!groups.some((group) => group.startsWith(`${absent}/`)), absent);
        }
    });

    it("holds what OpenShift has, and what others have put there", async () => {
        const kube = await ours();
        const config = { apiVersion: "config.openshift.io/v1", name: "cluster" };
        assert.equal((await kube.get({ ...config, kind: "Ingress" }))?.spec.domain, "apps.example.com");
        assert.equal((await kube.get({ ...config, kind: "Network" }))?.status.networkType, "OpenShiftSDN");
        const operators = { namespace: "openshift-operators" };
        const groups = await kube.list({ apiVersion: "operators.coreos.com/v1", kind: "OperatorGroup" }, operators);
        assert.deepEqual(
            groups.map(({ metadata, spec }) => [metadata.name, spec.targetNamespaces]),
            [["global-operators", undefined]],
        );
        const ingress = await kube.get({ apiVersion: "v1", kind: "Namespace", name: "openshift-ingress" });
        assert.equal(ingress?.metadata.labels?.["network.openshift.io/policy-group"], "ingress");
        const other = await kube.get({ ...ROUTE, namespace: "other-team", name: "other" });
        assert.equal(other?.spec.host, "other.apps.example.com");
        const csvs = await kube.list(CSV, operators);
        assert.deepEqual(
            csvs.map(({ spec, status }) => [spec.displayName, status.phase]),
            [["Web Terminal", "Succeeded"]],
        );
    });

    it("gets somebody else's Gateway as soon as there are Gateways", async () => {
        const kube = await ours();
        await installCrds(kube, await istioCrds());
        const gateway = { apiVersion: "networking.istio.io/v1alpha3", kind: "Gateway", namespace: "other-mesh-app" };
        await eventually("their Gateway", () => kube.get({ ...gateway, name: "others" }));
        const served = await kube.groupVersions();
        assert.ok(!served.includes("networking.istio.io/v1"), "a 1.4 control plane knows v1alpha3 only");
    });

    it("is found running by the next up, with the same processes", async () => {
        const before = pidsOf(status(NAME));
        assert.match(await lab("up"), /already running/);
        assert.deepEqual(pidsOf(status(NAME)), before);
    });

    it("does not meet another lab", async () => {
        const kube = await ours();
        const name = "seen-by-one-only";
        await kube.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
        assert.equal(await other().kube.get({ apiVersion: "v1", kind: "Namespace", name }), undefined);
        assert.notEqual(kube.server, other().lab.server);
    });

    it("takes settings while it runs, and refuses those it does not know", async () => {
        await lab("set", "timeScale=0.02", "router.running=false");
        assert.match(await refused("set", "router.color=red"), /color/);
        assert.match(await lab("logs", "kube-apiserver", "--lines", "5"), /\w/);
        assert.match(await refused("logs", "no-such-log"), /there are .*daemon/);
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
        const kube = await ours();
        assert.ok(processesOf(home).length >= 4, "and what runs for pods");
        await lab("down");
        assert.deepEqual(processesOf(home), []);
        assert.ok(!existsSync(home));
        assert.deepEqual(
            readdirSync(dirname(home)).filter((name) => name.startsWith(NAME)),
            [],
        );
        await assert.rejects(kube.groupVersions(), Unreachable);
        assert.equal(status(NAME).state, "stopped");
    });
});
