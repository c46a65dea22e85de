import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig, readProject } from "../../../lab/engine/project";

describe("a project as its host reads it", () => {
    let dir: string;
    beforeEach(() => {
        dir = mkdtempSync(join(tmpdir(), "engine-project-"));
        writeFileSync(join(dir, "index.ts"), "");
    });
    afterEach(() => rmSync(dir, { recursive: true }));

    function project(text: string) {
        writeFileSync(join(dir, "Pulumi.yaml"), text);
        return readProject(dir);
    }
    const NODE = [
        "name: p",
        "runtime: { name: nodejs, options: { typescript: false, nodeargs: \"--import tsx --title 'a b'\" } }",
        "",
    ].join("\n");

    it("knows what to run, where, and with which arguments of node", () => {
        const read = project(`${NODE}main: index.ts\n`);
        assert.deepEqual([read.programDir, read.entryPoint, read.typescript], [dir, "index.ts", false]);
        assert.deepEqual(read.nodeArgs, ["--import", "tsx", "--title", "a b"]);
        assert.equal(project("name: p\nruntime: nodejs\n").entryPoint, ".");
    });

    it("is a Node program's, or refused", () => {
        assert.throws(() => project("name: p\nruntime: go\n"), /runtime go is not nodejs/);
        assert.throws(() => readProject(join(dir, "no")), /no Pulumi.yaml/);
    });

    it("has its stack's configuration as strings, JSON for objects, over the project's defaults", () => {
        const read = project(
            `${NODE}config:\n  p:a: { type: string, default: x }\n  b: { value: 1 }\n  c: {type: string}\n`,
        );
        const file = join(dir, "Pulumi.dev.yaml");
        writeFileSync(file, 'config:\n  p:generation: "1.1"\n  p:on: true\n  p:deep: { list: [1], map: { k: v } }\n');
        assert.deepEqual(readConfig(read, file).values, {
            "p:a": "x",
            "p:b": "1",
            "p:generation": "1.1",
            "p:on": "true",
            "p:deep": '{"list":[1],"map":{"k":"v"}}',
        });
    });

    it("takes overrides of whole keys and of values inside them", () => {
        const read = project(NODE);
        const file = join(dir, "Pulumi.dev.yaml");
        writeFileSync(file, "config:\n  p:deep: { map: { k: v }, n: 1 }\n");
        const { values } = readConfig(read, file, {
            "p:x": "1.10",
            "p:deep.map.k": "w",
            "p:deep.n": "2",
            "p:o": '{"a":1}',
        });
        assert.deepEqual(values, { "p:x": "1.10", "p:deep": '{"map":{"k":"w"},"n":2}', "p:o": '{"a":1}' });
    });

    it("refuses what only Pulumi can decrypt, by key", () => {
        const file = join(dir, "Pulumi.dev.yaml");
        writeFileSync(file, "config:\n  p:secrets: { db: { secure: v1:abc } }\n");
        assert.throws(() => readConfig(project(NODE), file), /p:secrets is encrypted/);
    });
});
