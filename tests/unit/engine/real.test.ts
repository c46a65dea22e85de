import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoggedEvent, outputsOf, progressOf, reasonIn, stepOf } from "../../../lab/engine/real/events";
import { findPulumi } from "../../../lab/engine/real/find";
import { tail } from "../../../lab/engine/real/tail";
import { SECRET, SIGNATURE, UNKNOWN } from "../../../lab/engine/values";

const URN = "urn:pulumi:dev::tiny::tiny:index:Greeter$kubernetes:core/v1:Namespace::n";
const PROVIDER = "urn:pulumi:dev::tiny::pulumi:providers:kubernetes::default_4_34_2";
const STACK = "urn:pulumi:dev::tiny::pulumi:pulumi:Stack::tiny-dev";

// Shapes as the Pulumi CLI 3.260 wrote them into its --event-log.
const metadata = (op: string, urn = URN, more = {}) => ({
    op,
    urn,
    type: urn.split("::")[2].split("$").pop()!,
    ...more,
});

describe("events of the real engine", () => {
    it("become progress; default providers and half-steps of a replacement do not", () => {
        const start = progressOf({ resourcePreEvent: { metadata: metadata("create") } });
        assert.deepEqual(start, { type: "resource", urn: URN, op: "create", phase: "start" });
        assert.equal(progressOf({ resourcePreEvent: { metadata: metadata("create", PROVIDER) } }), undefined);
        assert.equal(progressOf({ resourcePreEvent: { metadata: metadata("create-replacement") } }), undefined);
        const failed = progressOf({ resOpFailedEvent: { metadata: metadata("update") } });
        assert.deepEqual(failed, { type: "resource", urn: URN, op: "update", phase: "failed" });
    });

    it("messages lose their line end; debugging and the plugins' whereabouts are left out", () => {
        const message = (text: string, severity: string): LoggedEvent => ({
            diagnosticEvent: { message: text, severity },
        });
        const told = progressOf(message("look: all is well\n", "info"));
        assert.deepEqual(told, {
            type: "message",
            urn: undefined,
            severity: "info",
            text: "look: all is well",
            ephemeral: false,
        });
        assert.equal(progressOf(message("x", "debug")), undefined);
        assert.equal(progressOf(message("\n", "info")), undefined);
        assert.equal(progressOf(message("using pulumi-resource-random from $PATH at /x", "warning")), undefined);
    });

    it("steps carry what differs", () => {
        const event = {
            resourcePreEvent: { metadata: metadata("update", URN, { detailedDiff: { "spec.size": {} } }) },
        };
        assert.deepEqual(stepOf(event), { urn: URN, op: "update", diffKeys: ["spec.size"] });
        const plain = { resourcePreEvent: { metadata: metadata("update", URN, { diffs: ["x"], detailedDiff: null }) } };
        assert.deepEqual(stepOf(plain)?.diffKeys, ["x"]);
    });

    it("the stack's outputs are read, secrets and unknowns said as such", () => {
        const outputs = { a: UNKNOWN, b: { [SIGNATURE]: SECRET, ciphertext: "[secret]" }, c: 1 };
        const event = { resOutputsEvent: { metadata: metadata("same", STACK, { new: { outputs } }) } };
        assert.deepEqual(outputsOf(event), { a: "[unknown]", b: "[secret]", c: 1 });
    });

    it("the reason of a failure is the first that was told, not that it failed", () => {
        assert.equal(
            reasonIn(["update failed", "the note cannot be written"], ["error: x"]),
            "the note cannot be written",
        );
        assert.equal(reasonIn(["preview failed"], ["error: no stack named dev", ""]), "no stack named dev");
    });

    it("are read from a growing file to its end", async () => {
        const dir = mkdtempSync(join(tmpdir(), "engine-tail-"));
        const file = join(dir, "events");
        const lines: string[] = [];
        let end!: () => void;
        const reading = tail(file, new Promise<void>((resolve) => (end = resolve)), (line) => lines.push(line));
        writeFileSync(file, "one\ntw");
        await new Promise((resolve) => setTimeout(resolve, 120));
        assert.deepEqual(lines, ["one"]);
        appendFileSync(file, "o ü\nthree\n");
        end();
        await reading;
        assert.deepEqual(lines, ["one", "two ü", "three"]);
        rmSync(dir, { recursive: true });
    });
});

describe("finding the Pulumi CLI", () => {
    let dir: string;
    beforeEach(() => {
        dir = mkdtempSync(join(tmpdir(), "engine-find-"));
    });
    afterEach(() => rmSync(dir, { recursive: true }));

    function put(script: string): void {
        writeFileSync(join(dir, "pulumi"), `#!/bin/sh\n${script}\n`);
        chmodSync(join(dir, "pulumi"), 0o755);
    }
    const env = () => ({ PATH: `${dir}:/bin:/usr/bin`, HOME: dir });

    it("takes the one on PATH", async () => {
        put("echo v3.265.0");
        const found = await findPulumi(env(), { download: false });
        assert.deepEqual(found, { pulumi: join(dir, "pulumi"), version: "3.265.0", from: "from PATH" });
    });

    it("passes over one that does not run, and says that there is none", async () => {
        put("exit 3");
        assert.deepEqual(await findPulumi(env(), { download: false }), { missing: "the Pulumi CLI is not on PATH" });
    });
});
