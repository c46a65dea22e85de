import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { skip } from "../../skip";

const ROOT = join(__dirname, "../../..");
const WORKFLOWS = ".github/workflows";

/** The linters' first run fetches and builds one of them. */
const BUILD_MS = 300_000;

interface Ended {
    ok: boolean;
    said: string;
}

function run(command: string, args: string[], cwd: string): Ended {
    const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
    return { ok: status === 0, said: `${error?.message ?? ""}${stdout}${stderr}` };
}

const actionlint = (folder: string): Ended =>
    run("go", ["-C", join(ROOT, ".github/lint"), "tool", "actionlint", "-no-color", ...filesIn(folder)], ROOT);
const filesIn = (folder: string): string[] =>
    ["deploy", "drift", "pull-request", "stack"].map((name) => join(folder, WORKFLOWS, `${name}.yml`));

describe("the workflows pass their linters", function () {
    this.timeout(BUILD_MS);
    let copy: string;
    beforeEach(() => {
        copy = mkdtempSync(join(tmpdir(), "workflows-"));
        cpSync(join(ROOT, WORKFLOWS), join(copy, WORKFLOWS), { recursive: true });
        cpSync(join(ROOT, ".gitlab-ci.yml"), join(copy, ".gitlab-ci.yml"));
        mkdirSync(join(copy, ".git"));
    });
    afterEach(() => rmSync(copy, { recursive: true }));
    const spoil = (file: string, from: string, to: string): void => {
        const path = join(copy, file);
        const text = readFileSync(path, "utf8");
        assert.ok(text.includes(from));
        writeFileSync(path, text.replaceAll(from, to));
    };

    describe("GitHub's: actionlint", () => {
        before(function () {
            const { ok } = run("go", ["version"], ROOT);
            return ok ? undefined : skip(this, "there is no Go on PATH, which builds actionlint");
        });

        it("as they are", () => {
            const { ok, said } = actionlint(ROOT);
            assert.ok(ok, said);
        });

        const mistakes: [string, string, string, RegExp][] = [
            ["stack.yml", "runs-on: ubuntu-latest", "run-on: ubuntu-latest", /unexpected key "run-on"/],
            ["deploy.yml", "command: up,", "comand: up,", /input "comand" is not defined/],
            ["drift.yml", "23 2 * * *", "23 26 * * *", /invalid CRON format/],
        ];
        for (const [file, from, to, complaint] of mistakes) {
            it(`which finds a mistake: ${to}`, () => {
                spoil(join(WORKFLOWS, file), from, to);
                const { ok, said } = actionlint(copy);
                assert.ok(!ok);
                assert.match(said, complaint);
            });
        }
    });

    describe("GitLab's: its own schema, by gitlab-ci-local", () => {
        const lint = (folder: string): Ended => {
            run("git", ["init", "-q", "."], folder);
            const program = join(ROOT, "node_modules/.bin/gitlab-ci-local");
            return run(process.execPath, [program, "--list-all", "--state-dir", "state"], folder);
        };

        it("as it is", () => {
            const { ok, said } = lint(copy);
            assert.ok(ok && /json schema validated/.test(said), said);
        });

        it("which finds a mistake", () => {
            spoil(".gitlab-ci.yml", "interruptible: false", "interuptible: false");
            const { ok, said } = lint(copy);
            assert.ok(!ok);
            assert.match(said, /'interuptible' property is not expected/);
        });
    });
});
