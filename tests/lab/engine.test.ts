import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, openEngine, type ProgressEvent, type RunResult } from "../../lab/engine/driver";
import { findPulumi } from "../../lab/engine/real/find";
import { skip } from "../skip";
import { withLab } from "./with-lab";

const PROGRAM = join(__dirname, "../fixtures/programs/tiny");
const NAMESPACE = { apiVersion: "v1", kind: "Namespace" };
const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" };

/** The same story on both engines: what a stand-in may not do otherwise than the real one. */
for (const kind of ["stand-in", "pulumi"] as const) {
    describe(`a small program on ${kind === "pulumi" ? "the real Pulumi" : "the stand-in engine"}`, function () {
        this.timeout(180_000);
        const used = withLab();
        let home: string;
        let engine: Engine;

        before(async function () {
            if (kind === "pulumi") {
                const found = await findPulumi(process.env, { download: false });
                if ("missing" in found) {
                    skip(this, found.missing);
                }
            }
            home = mkdtempSync(join(tmpdir(), "engine-test-"));
            engine = await openEngine({
                programDir: PROGRAM,
                stack: "dev",
                configFile: join(PROGRAM, "Pulumi.dev.yaml"),
                home,
                kubeconfig: used().lab.kubeconfig,
                kind,
            });
        });
        after(() => home && rmSync(home, { recursive: true, force: true }));

        const CRD = { "tiny:settings.withCrd": "true" };
        const up = (config: Record<string, string> = {}, more = {}) =>
            engine.up({ config: { ...CRD, ...config }, ...more });
        const fine = (result: RunResult) => assert.equal(result.error, undefined);
        const steps = (result: RunResult, op: string) =>
            result.steps.filter((s) => s.op === op).map((s) => s.urn.split("::").pop());

        it("up makes everything, in the order of its dependencies, and shows no secret", async () => {
            const events: ProgressEvent[] = [];
            const result = await up({}, { onEvent: (event: ProgressEvent) => events.push(event) });
            fine(result);
            assert.deepEqual(result.changes, { create: 10 });
            assert.equal(result.outputs.secretLabel, "[secret]");
            assert.match(String(result.outputs.noteId), /^note-[a-z0-9]{8}$/);
            assert.deepEqual(await engine.outputs(), result.outputs);
            const phases = events.flatMap((e) => (e.type === "phase" ? [e.phase] : []));
            assert.deepEqual(phases, ["preview", "update"]);
            const updates = events.slice(events.findLastIndex((e) => e.type === "phase"));
            const at = (name: string, phase: string) =>
                updates.findIndex((e) => e.type === "resource" && e.phase === phase && e.urn.endsWith(`::${name}`));
            assert.ok(at("greeter-namespace", "done") < at("greeter-first", "start"));
            assert.ok(at("things", "done") < at("thing", "start"));
            const thing = await used().kube.get({
                apiVersion: "example.com/v1",
                kind: "Thing",
                namespace: "tiny",
                name: "thing",
            });
            assert.equal(thing?.spec.size, 8);
        });

        it("a second up finds nothing to do", async () => {
            const result = await up({}, { expectNoChanges: true });
            fine(result);
            assert.deepEqual(result.changes, { same: 10 });
        });

        it("a preview says what would change, and touches nothing", async () => {
            const result = await engine.preview({ config: { ...CRD, "tiny:greeting": "hi" }, expectNoChanges: true });
            assert.equal(result.ok, false);
            assert.match(result.error!, /no changes were expected/);
            assert.deepEqual(result.changes, { same: 9, update: 1 });
            const namespace = await used().kube.get({ ...NAMESPACE, name: "tiny" });
            assert.equal(namespace?.metadata.labels?.greeting, "hello");
        });

        it("one changed value is exactly one update, of that property", async () => {
            const result = await up({ "tiny:greeting": "hi" });
            fine(result);
            assert.deepEqual(
                result.steps.filter((s) => s.op !== "same").map((s) => [s.op, s.diffKeys]),
                [["update", ["metadata.labels.greeting"]]],
            );
            const namespace = await used().kube.get({ ...NAMESPACE, name: "tiny" });
            assert.equal(namespace?.metadata.labels?.greeting, "hi");
        });

        it("what cannot be changed in place is replaced", async () => {
            const before = await used().kube.get({ ...CONFIG_MAP, namespace: "tiny", name: "first" });
            const result = await up({ "tiny:greeting": "hi", "tiny:settings.data": "two" });
            fine(result);
            assert.deepEqual(result.changes, { same: 9, replace: 1 });
            const after = await used().kube.get({ ...CONFIG_MAP, namespace: "tiny", name: "first" });
            assert.notEqual(after?.metadata.uid, before?.metadata.uid);
            assert.equal(after?.data.text, "two");
        });

        it("the program's own mistake is one message, and nothing is touched", async () => {
            const result = await up({ "tiny:settings.fail": "program" });
            assert.equal(result.error, "the settings cannot be: fail is program");
            assert.ok(await used().kube.get({ ...CONFIG_MAP, namespace: "tiny", name: "first" }));
        });

        it("what the API server refuses shows in the preview already", async () => {
            const result = await up({ "tiny:settings.fail": "create" });
            assert.match(result.error!, /"Not A Name" is invalid/);
            const namespace = await used().kube.get({ ...NAMESPACE, name: "tiny" });
            assert.equal(namespace?.metadata.labels?.greeting, "hi", "the update never began");
        });

        it("a run that fails keeps what it made, and the next goes on from there", async () => {
            const more = { "tiny:settings.extra": '["a","b"]' };
            const failed = await up({ ...more, "tiny:settings.fail": "dynamic", "tiny:settings.size": "9" });
            assert.match(failed.error!, /the note cannot be rewritten/);
            const result = await up({ ...more, "tiny:settings.size": "9" });
            fine(result);
            assert.deepEqual(steps(result, "update"), ["note"]);
            assert.deepEqual(steps(result, "replace"), []);
            assert.match(String(result.outputs.label), /^[a-z0-9]{9}$/);
        });

        it("what the program no longer speaks of goes; a new name replaces a namespace and all in it", async () => {
            const result = await up({ "tiny:settings.size": "9", "tiny:settings.suffix": "-two" });
            fine(result);
            assert.deepEqual(steps(result, "delete").sort(), ["greeter-a", "greeter-b"]);
            assert.deepEqual(steps(result, "replace").sort(), [
                "credentials",
                "greeter-first",
                "greeter-namespace",
                "thing",
            ]);
            assert.equal(await used().kube.get({ ...NAMESPACE, name: "tiny" }), undefined);
            assert.ok(await used().kube.get({ ...CONFIG_MAP, namespace: "tiny-two", name: "first" }));
        });

        it("an interrupted run ends in order, and the next one completes it", async () => {
            const stop = new AbortController();
            const config = {
                ...CRD,
                "tiny:settings.suffix": "-two",
                "tiny:settings.size": "10",
                "tiny:settings.extra": '["c"]',
            };
            let updating = false;
            const interrupted = await engine.up({
                config,
                signal: stop.signal,
                onEvent: (event) => {
                    updating ||= event.type === "phase" && event.phase === "update";
                    if (updating && event.type === "resource" && event.op !== "same" && event.phase === "done") {
                        stop.abort();
                    }
                },
            });
            assert.equal(interrupted.error, "interrupted");
            fine(await engine.up({ config }));
            fine(await engine.preview({ config, expectNoChanges: true }));
        });

        it("what is protected is not replaced", async () => {
            const config = { "tiny:settings.suffix": "-two", "tiny:settings.size": "10" };
            fine(await up({ ...config, "tiny:settings.protect": "true" }));
            const refused = await up({ ...config, "tiny:settings.protect": "true", "tiny:settings.suffix": "-three" });
            assert.match(refused.error!, /protect/);
            assert.ok(await used().kube.get({ ...NAMESPACE, name: "tiny-two" }));
            fine(await up(config));
        });

        it("destroy leaves nothing, in the cluster and in the state", async () => {
            fine(await engine.destroy());
            assert.equal(await used().kube.get({ ...NAMESPACE, name: "tiny-two" }), undefined);
            const kinds = await used().kube.resources("example.com/v1");
            assert.deepEqual(kinds, []);
            assert.deepEqual(await engine.state(), []);
        });

        it("the source tree is as it was", () => {
            const config = readFileSync(join(PROGRAM, "Pulumi.dev.yaml"), "utf8");
            assert.ok(!config.includes("encryptionsalt"));
        });
    });
}
