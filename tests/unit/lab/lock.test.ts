import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isLocked, withLock } from "../../../lab/lock";

describe("the lab's locks", () => {
    let folder: string;
    let file: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "lab-lock-"));
        file = join(folder, "lock");
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it("let one in at a time, and leave no file", async () => {
        let inside = 0;
        let most = 0;
        const waited: number[] = [];
        const work = async (): Promise<void> => {
            inside++;
            most = Math.max(most, inside);
            await sleep(20);
            inside--;
        };
        await Promise.all([1, 2, 3].map(() => withLock(file, work, (pid) => waited.push(pid))));
        assert.equal(most, 1);
        assert.deepEqual(waited, [process.pid, process.pid]);
        assert.ok(!existsSync(file));
    });

    it("are taken over from a process that has ended", async () => {
        const { pid } = spawnSync(process.execPath, ["-e", ""]);
        writeFileSync(file, String(pid));
        assert.equal(isLocked(file), false);
        assert.equal(await withLock(file, async () => isLocked(file)), true);
    });

    it("are given back when the work fails", async () => {
        await assert.rejects(
            withLock(file, async () => {
                throw new Error("no");
            }),
        );
        assert.ok(!existsSync(file));
    });
});
