import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LIB, libFiles } from "../../../consumer/write";

const ROOT = resolve(__dirname, "../../..");

describe("what other projects load", () => {
    it("is made of the sources as they are", () => {
        const there = Object.fromEntries(readdirSync(LIB).map((name) => [name, readFileSync(join(LIB, name), "utf8")]));
        const stale = "consumer/lib is not what consumer/*.ts say: run `npm run consumer` and commit it";
        assert.ok(JSON.stringify(sorted(there)) === JSON.stringify(sorted(libFiles())), stale);
    });

    it("is plain JavaScript by both of its names, and needs nothing but Pulumi", () => {
        const script = `
            const found = ["@mesh/consumer", "mesh/consumer"].map((name) => typeof require(name).meshOutputs);
            const loaded = Object.keys(require.cache).map((file) => file.split("/node_modules/").pop());
            const others = loaded.filter((file) => /@pulumi\\/(?!pulumi\\/)|^zod|^yaml/.test(file));
            console.log(JSON.stringify([found, others]));
        `;
        const said = execFileSync(process.execPath, ["-e", script], { cwd: ROOT, env: {}, encoding: "utf8" });
        assert.deepEqual(JSON.parse(said), [["function", "function"], []]);
    });
});

function sorted(files: Record<string, string>): [string, string][] {
    return Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
}
