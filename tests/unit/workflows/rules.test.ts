import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { environments } from "../../../review/golden";

const ROOT = join(__dirname, "../../..");
const FOLDER = join(ROOT, ".github/workflows");
const STACK = "./.github/workflows/stack.yml";

interface Job {
    uses?: string;
    steps?: { run?: string; uses?: string }[];
    with?: Record<string, unknown>;
    permissions?: Record<string, string>;
    concurrency?: { group: string; "cancel-in-progress": boolean };
    strategy?: { matrix: { stack: string[] } };
    needs?: string;
}

const texts = Object.fromEntries(
    readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), "utf8")] as const),
);
const workflows = Object.entries(texts).map(([name, text]) => [name, parse(text)] as const);
const jobs = workflows.flatMap(([file, { jobs: all }]) =>
    Object.entries<Job>(all).map(([name, job]) => ({ file, name, job })),
);
const called = jobs.filter(({ job }) => job.uses === STACK);
const gitlab = parse(readFileSync(join(ROOT, ".gitlab-ci.yml"), "utf8"), { merge: true });
const scripts: Record<string, string> = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts;

describe("the workflows keep their rules", () => {
    it("actions are pinned by digest, with their version beside it", () => {
        for (const [name, text] of Object.entries(texts)) {
            const uses = text.split("\n").filter((line) => /^\s*(- )?uses:/.test(line));
            for (const line of uses.filter((l) => !l.includes("./"))) {
                assert.match(line, /uses: [\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, name);
            }
        }
    });

    it("one action is one digest everywhere", () => {
        const pins = [
            ...Object.values(texts)
                .join("\n")
                .matchAll(/uses: ([^@\s]+)@(\S+)/g),
        ];
        const digests = new Map<string, Set<string>>();
        pins.forEach(([, action, digest]) => digests.set(action, (digests.get(action) ?? new Set()).add(digest)));
        digests.forEach((known, action) => assert.equal(known.size, 1, action));
    });

    it("nobody has a permission that is not said, and only a comment is ever written", () => {
        for (const [name, workflow] of workflows.filter(([file]) => file !== "stack.yml")) {
            assert.deepEqual(workflow.permissions, {}, name);
        }
        for (const { file, name, job } of jobs.filter((j) => j.file !== "stack.yml")) {
            assert.ok(job.permissions, `${file}, ${name}`);
            const written = Object.entries(job.permissions).filter(([, level]) => level === "write");
            const allowed = file === "pull-request.yml" ? ["id-token", "pull-requests"] : ["id-token"];
            written.forEach(([what]) => assert.ok(allowed.includes(what), `${file}, ${name}: ${what}`));
        }
    });

    it("no run of the engine is ever cancelled, and no two are about one environment", () => {
        assert.ok(called.length >= 5);
        for (const { file, name, job } of called) {
            assert.equal(job.concurrency?.["cancel-in-progress"], false, `${file}, ${name}`);
            assert.match(job.concurrency?.group ?? "", /^(up|drift|preview)-/);
        }
        const ups = called.filter(({ job }) => job.with?.["command"] === "up");
        assert.equal(new Set(ups.map(({ job }) => job.concurrency?.group)).size, ups.length);
        for (const name of environments()) {
            assert.equal(gitlab[name].resource_group, `up-${name}`);
        }
        assert.equal(gitlab[".pulumi"].interruptible, false);
    });

    it("every environment is previewed, deployed and looked after, on GitHub and on GitLab", () => {
        const wanted = environments();
        for (const { file, name, job } of jobs.filter((j) => j.job.strategy)) {
            assert.deepEqual([...(job.strategy?.matrix.stack ?? [])].sort(), wanted, `${file}, ${name}`);
        }
        const ups = called.filter(({ job }) => job.with?.["command"] === "up");
        assert.deepEqual(ups.map(({ job }) => job.with?.["stack"]).sort(), wanted);
        ups.forEach(({ name, job }) =>
            assert.equal(job.with?.["environment"], name, "approvals are the environment's own"),
        );
        assert.deepEqual([...gitlab[".stacks"][0].STACK].sort(), wanted);
    });

    it("environments are deployed one after the other", () => {
        const order = called
            .filter(({ file }) => file === "deploy.yml")
            .map(({ name, job }) => `${name} after ${job.needs}`);
        assert.deepEqual(order, ["dev after checks", "staging after dev", "prod after staging"]);
    });

    it("previews hold no more rights than looking: another environment's secrets", () => {
        for (const { job } of called.filter((c) => c.job.with?.["command"] === "preview")) {
            assert.equal(job.with?.["environment"], "${{ matrix.stack }}-preview");
        }
    });

    it("the engine has the policy pack with it, everywhere", () => {
        const [engine] = parse(texts["stack.yml"]).jobs.stack.steps.filter((s: any) =>
            s.uses?.startsWith("pulumi/actions@"),
        );
        assert.equal(engine.with.policyPacks, "policy");
        const commands: string[] = Object.values<any>(gitlab).flatMap((job) => job?.script ?? []);
        const pulumi = commands.filter((line) => line.startsWith("pulumi "));
        assert.equal(pulumi.length, 3);
        pulumi.forEach((line) => assert.match(line, /--policy-pack policy/));
    });

    it("every npm script that they run is one of the project", () => {
        const lines = [
            ...jobs.flatMap(({ job }) => (job.steps ?? []).map((s) => s.run ?? "")),
            ...Object.values<any>(gitlab).flatMap((job) => [...(job?.script ?? []), ...(job?.before_script ?? [])]),
        ].join("\n");
        const run = [...lines.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name]) => name);
        assert.ok(run.length >= 8);
        run.forEach((name) => assert.ok(name in scripts, `npm run ${name}`));
    });

    it("nothing that somebody else may have written becomes part of a command", () => {
        const commands = jobs.flatMap(({ job }) => (job.steps ?? []).map((s) => s.run ?? ""));
        commands.forEach((command) => assert.doesNotMatch(command, /\$\{\{(?! matrix\.stack \}\})/));
    });
});
