import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../../..");

/** Starts a program as a kubelet would; resolves with its address once it says so. */
async function start(
    app: string,
    env: NodeJS.ProcessEnv,
): Promise<{ process: ChildProcess; base: string; output(): string }> {
    const process_ = spawn(process.execPath, ["--import", "tsx", join("apps", app, "main.ts")], {
        cwd: ROOT,
        env: { PATH: process.env.PATH, SERVER_ADDRESS: "127.0.0.1", SERVER_PORT: "0", ...env },
    });
    let text = "";
    const said = new Promise<string>((resolve, reject) => {
        process_.stdout.setEncoding("utf8").on("data", (chunk) => {
            text += chunk;
            const found = /listens on (\S+)/.exec(text);
            if (found) {
                resolve(`http://${found[1]}`);
            }
        });
        process_.once("exit", (code) => reject(new Error(`${app} ended with ${code}: ${text}`)));
    });
    return { process: process_, base: await said, output: () => text };
}

describe("apps: the two programs, as processes", () => {
    let folder: string;
    const running: ChildProcess[] = [];
    before(() => (folder = mkdtempSync(join(tmpdir(), "apps-"))));
    after(() => {
        running.forEach((p) => p.kill("SIGKILL"));
        rmSync(folder, { recursive: true });
    });

    it("steps 4 and 8: caller calls sample, which counts; both end in order", async () => {
        const sample = await start("sample", {});
        running.push(sample.process);
        writeFileSync(join(folder, "application.properties"), `sample_api.base_path=${sample.base}\n`);
        const caller = await start("caller", { SPRING_CONFIG_ADDITIONAL_LOCATION: `file:${folder}/` });
        running.push(caller.process);
        const body = JSON.stringify({ user_name: "Taro", store_id: 1111, store_name: "Shop_A" });
        const post = (url: string) =>
            fetch(url, {
                method: "POST",
                body,
                headers: { "content-type": "application/json", "x-request-id": "t-1" },
            });
        const ids = [];
        for (const url of [`${sample.base}/api/sample/apply`, `${caller.base}/api/caller/apply`]) {
            const answer = await post(url);
            assert.equal(answer.status, 201);
            ids.push(await answer.json());
        }
        assert.deepEqual(ids, [{ user_id: 1 }, { user_id: 2 }]);

        for (const { process: one } of [sample, caller]) {
            one.kill("SIGTERM");
            assert.deepEqual(await once(one, "exit"), [0, null]);
        }
        assert.match(sample.output(), /POST \/api\/sample\/apply 201 \d+ ms request-id=t-1/);
        assert.match(caller.output(), /POST \/api\/caller\/apply 201 \d+ ms request-id=t-1/);
    });

    it("caller without an address for sample says so, and ends with 1", async () => {
        const args = ["--import", "tsx", join("apps", "caller", "main.ts")];
        const child = spawn(process.execPath, args, { cwd: ROOT, env: { PATH: process.env.PATH } });
        let said = "";
        child.stderr.setEncoding("utf8").on("data", (chunk) => (said += chunk));
        assert.deepEqual(await once(child, "close"), [1, null]);
        assert.match(said, /caller cannot start: sample_api\.base_path is not set/);
    });
});
