import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseOf, goldenAt, stacksAt } from "../../../review/base";
import { GOLDEN, writeGolden } from "../../../review/golden";

describe("the golden renderings of a git ref", () => {
    let folder: string;
    const git = (...args: string[]): string =>
        execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: folder, encoding: "utf8" });
    const commit = (stack: string, manifests: string): void => {
        const files = { "manifests.yaml": manifests, "graph.txt": "g\n", "outputs.yaml": "o: 1\n" };
        writeGolden(stack, files, join(folder, GOLDEN));
        git("add", ".");
        git("commit", "-q", "-m", manifests);
    };

    before(() => {
        folder = mkdtempSync(join(tmpdir(), "base-"));
        git("init", "-q", "-b", "main");
        commit("dev", "first\n");
        git("checkout", "-q", "-b", "branch");
        commit("dev", "on the branch\n");
        git("checkout", "-q", "main");
        commit("prod", "meanwhile on main\n");
        git("checkout", "-q", "branch");
    });
    after(() => rmSync(folder, { recursive: true }));

    it("are those of the commit where the branch began", () => {
        const { commit: at, words } = baseOf("main", folder);
        assert.equal(at, git("rev-parse", "main~1").trim());
        assert.equal(words, `main (${at.slice(0, 7)})`);
        assert.equal(goldenAt(at, "dev", folder)?.["manifests.yaml"], "first\n");
        assert.deepEqual(stacksAt(at, folder), ["dev"]);
    });

    it("are none for an environment that was not there", () => {
        assert.equal(goldenAt(baseOf("main", folder).commit, "prod", folder), undefined);
    });

    it("are asked for in words when there is no such ref", () => {
        assert.throws(() => baseOf("nowhere", folder), /git knows no nowhere here.*git fetch/);
        assert.throws(() => baseOf("--help", folder), /git knows no --help/);
    });
});
