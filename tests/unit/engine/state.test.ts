import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockState, type ResourceState, StateFile } from "../../../lab/engine/state";
import { secret } from "../../../lab/engine/values";

function resource(urn: string, more: Partial<ResourceState> = {}): ResourceState {
    return {
        urn,
        type: "t",
        custom: true,
        inputs: {},
        outputs: {},
        dependencies: [],
        propertyDependencies: {},
        additionalSecretOutputs: [],
        ...more,
    };
}

describe("the stand-in's state", () => {
    let dir: string;
    let file: string;
    beforeEach(() => {
        dir = mkdtempSync(join(tmpdir(), "engine-state-"));
        file = join(dir, "p.dev.json");
    });
    afterEach(() => rmSync(dir, { recursive: true }));

    it("comes back as it was, secrets too, and they are not readable in the file", async () => {
        const state = StateFile.open(file);
        state.put(resource("a", { outputs: { result: secret({ deep: "hunter2" }) } }));
        state.creating.add("b");
        await state.save();
        const text = readFileSync(file, "utf8");
        assert.ok(!text.includes("hunter2"), text);
        const again = StateFile.open(file);
        assert.deepEqual(again.find("a")?.outputs, { result: secret({ deep: "hunter2" }) });
        assert.deepEqual([...again.creating], ["b"]);
    });

    it("is for its owner alone", async () => {
        await StateFile.open(file).save();
        for (const name of [file, join(dir, "state.key")]) {
            assert.equal(statSync(name).mode & 0o777, 0o600, name);
        }
    });

    it("holds everything up to the save, also when saves overlap", async () => {
        const state = StateFile.open(file);
        const saves = Array.from({ length: 20 }, (_, i) => {
            state.put(resource(`r${i}`));
            return state.save();
        });
        await Promise.all(saves);
        assert.equal(StateFile.open(file).resources.length, 20);
    });

    it("keeps what a replacement left apart from its successor", () => {
        const state = StateFile.open(file);
        const old = resource("a", { id: "old", replaced: true });
        state.resources.push(old);
        state.put(resource("a", { id: "new" }));
        assert.equal(state.find("a")?.id, "new");
        assert.equal(state.resources.length, 2);
        state.remove(old);
        assert.deepEqual(
            state.resources.map((r) => r.id),
            ["new"],
        );
    });

    it("renames a resource everywhere it is spoken of", () => {
        const state = StateFile.open(file);
        state.put(resource("old"));
        state.put(
            resource("c", {
                parent: "old",
                deletedWith: "old",
                dependencies: ["old"],
                propertyDependencies: { x: ["old"] },
            }),
        );
        state.rename("old", "new");
        const child = state.find("c")!;
        assert.deepEqual(
            [child.parent, child.deletedWith, child.dependencies[0], child.propertyDependencies.x[0]],
            Array(4).fill("new"),
        );
    });

    it("is one run's at a time; a lock whose process is gone is taken over", () => {
        const unlock = lockState(file);
        assert.throws(() => lockState(file), new RegExp(`another run \\(process ${process.pid}\\)`));
        unlock();
        writeFileSync(`${file}.lock`, "999999999");
        lockState(file)();
    });

    it("of another version is not touched", () => {
        writeFileSync(file, JSON.stringify({ version: 2, resources: [] }));
        assert.throws(() => StateFile.open(file), /another version \(2\)/);
    });
});
