import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Deployment } from "../../../lab/engine/deployment";
import type { Goal } from "../../../lab/engine/goal";
import { differences, diffWith, type Diff } from "../../../lab/engine/plan/diff";
import { STACK_TYPE } from "../../../lab/engine/plan/urn";
import { type Made, type Old, type Provider, Unfinished, type Work } from "../../../lab/engine/providers/provider";
import { Stopped } from "../../../lab/engine/run";
import { readStack } from "../../../lab/engine/reference";
import { StateFile } from "../../../lab/engine/state";
import type { ProgressEvent } from "../../../lab/engine/types";
import { type Props, secret } from "../../../lab/engine/values";

/** Keeps what it is told to make; `where` cannot be changed in place. */
class Memory implements Provider {
    readonly things = new Map<string, Props>();
    readonly log: string[] = [];
    fails?: (what: string) => Error | undefined;
    deleteBeforeReplace = false;

    async check(_urn: string, _old: Props | undefined, wanted: Props): Promise<Props> {
        return wanted;
    }

    async diff(old: Old, wanted: Props): Promise<Diff> {
        const diff = diffWith(differences(old.inputs, wanted), ["where"]);
        return { ...diff, deleteBeforeReplace: this.deleteBeforeReplace };
    }

    async create(wanted: Props, work: Work): Promise<Made> {
        this.say(`${work.preview ? "would create" : "create"} ${wanted.id}${work.begunBefore ? " again" : ""}`);
        if (!work.preview) {
            this.things.set(String(wanted.id), wanted);
        }
        return { id: work.preview ? "" : String(wanted.id), outputs: { ...wanted, made: true } };
    }

    async update(old: Old, wanted: Props, work: Work): Promise<Props> {
        this.say(`${work.preview ? "would update" : "update"} ${old.id}`);
        return { ...wanted, made: true };
    }

    async delete(old: Old): Promise<void> {
        this.say(`delete ${old.id}`);
        this.things.delete(old.id);
    }

    private say(what: string): void {
        this.log.push(what);
        const error = this.fails?.(what);
        if (error) {
            throw error;
        }
    }
}

function goal(name: string, inputs: Props = {}, more: Partial<Goal> = {}): Goal {
    return {
        type: "memory:index:Thing",
        name,
        custom: true,
        inputs: { id: name, ...inputs },
        dependencies: [],
        propertyDependencies: {},
        additionalSecretOutputs: [],
        ignoreChanges: [],
        replaceOnChanges: [],
        aliases: [],
        timeoutSeconds: {},
        ...more,
    };
}

const STACK = goal("p-dev", {}, { type: STACK_TYPE, custom: false });
const urn = (name: string) => `urn:pulumi:dev::p::memory:index:Thing::${name}`;

describe("a run of the stand-in engine", () => {
    let dir: string;
    let memory: Memory;
    let events: ProgressEvent[];
    beforeEach(() => {
        dir = mkdtempSync(join(tmpdir(), "engine-run-"));
        memory = new Memory();
        events = [];
    });
    afterEach(() => rmSync(dir, { recursive: true }));

    function deployment(o: { preview?: boolean; signal?: AbortSignal } = {}): Deployment {
        return new Deployment({
            project: "p",
            stack: "dev",
            preview: o.preview ?? false,
            state: state(),
            providerOf: () => memory,
            readStack: (name) => readStack(name, { home: dir, project: "p" }),
            emit: (event) => events.push(event),
            onFailure: () => undefined,
            signal: o.signal ?? new AbortController().signal,
        });
    }
    const state = () => StateFile.open(join(dir, "state.json"));

    /** A whole run: the goals in order, then what is left over. */
    async function run(goals: Goal[], o: { preview?: boolean } = {}): Promise<Deployment> {
        const d = deployment(o);
        memory.log.length = 0;
        for (const g of [STACK, ...goals]) {
            await d.register(() => g);
        }
        await d.removeLeftovers();
        return d;
    }

    it("makes what is new, leaves what is the same, changes what differs, removes what is gone", async () => {
        const first = await run([goal("a"), goal("b"), goal("c")]);
        assert.deepEqual(first.changes, { create: 4 });
        const second = await run([goal("a"), goal("b"), goal("c")]);
        assert.deepEqual([second.changes, memory.log], [{ same: 4 }, []]);
        const third = await run([goal("a", { size: 2 }), goal("b", { where: "there" })]);
        assert.deepEqual(third.changes, { same: 1, update: 1, replace: 1, delete: 1 });
        assert.deepEqual(
            third.steps.find((s) => s.op === "update"),
            { urn: urn("a"), op: "update", diffKeys: ["size"] },
        );
        assert.deepEqual(memory.log.slice(0, 2), ["update a", "create b"]);
        assert.deepEqual(memory.log.slice(2).sort(), ["delete b", "delete c"]);
    });

    it("touches nothing in a preview, neither things nor state", async () => {
        const preview = await run([goal("a")], { preview: true });
        assert.deepEqual([preview.changes, memory.log], [{ create: 2 }, ["would create a"]]);
        assert.equal(state().resources.length, 0);
        await run([goal("a")]);
        await run([], { preview: true });
        assert.deepEqual(memory.log, []);
        assert.ok(state().find(urn("a")));
    });

    it("keeps what exists when a step fails, takes no more, and goes on from there", async () => {
        memory.fails = (what) => (what === "create b" ? new Error("no room") : undefined);
        const d = deployment();
        await d.register(() => goal("a"));
        await assert.rejects(
            d.register(() => goal("b")),
            Stopped,
        );
        await assert.rejects(
            d.register(() => goal("c")),
            Stopped,
        );
        assert.equal(d.failure?.message, "no room");
        assert.deepEqual(memory.log, ["create a", "create b"]);
        const told = events.filter((e) => e.type === "message" && e.severity === "error");
        assert.equal(told.length, 1);
        assert.equal(state().creating.size, 0, "a refusal leaves nothing in doubt");
        memory.fails = undefined;
        assert.deepEqual((await run([goal("a"), goal("b")])).changes, { create: 2, same: 1 });
    });

    it("awaits again what exists and did not become ready", async () => {
        const made = { id: "a", outputs: { id: "a" } };
        memory.fails = (what) => (what === "create a" ? new Unfinished("0 of 1 ready", made) : undefined);
        await assert.rejects(
            deployment().register(() => goal("a")),
            Stopped,
        );
        memory.fails = undefined;
        await run([goal("a")]);
        assert.deepEqual(memory.log, ["update a"]);
        await run([goal("a")]);
        assert.deepEqual(memory.log, [], "and not once it is");
    });

    it("knows what a run that was killed had begun to make", async () => {
        const killed = state();
        killed.creating.add(urn("a"));
        await killed.save();
        await run([goal("a"), goal("b")]);
        assert.deepEqual(memory.log, ["create a again", "create b"]);
        assert.equal(state().creating.size, 0);
    });

    it("removes in reverse: dependants first, children before parents", async () => {
        const component = goal("shell", {}, { type: "p:index:Shell", custom: false });
        const shell = "urn:pulumi:dev::p::p:index:Shell::shell";
        const b = goal("b", {}, { dependencies: [urn("a")] });
        await run([component, goal("a"), b, goal("c", {}, { parent: shell, dependencies: [urn("b")] })]);
        memory.log.length = 0;
        await deployment().destroy();
        assert.deepEqual(memory.log, ["delete c", "delete b", "delete a"]);
        assert.deepEqual(state().resources, []);
    });

    it("does not delete what goes with another that goes too (deletedWith)", async () => {
        const inside = goal("inside", {}, { deletedWith: urn("home") });
        await run([goal("home"), inside]);
        await run([goal("home")]);
        assert.deepEqual(memory.log, ["delete inside"], "on its own it is deleted");
        await run([goal("home"), inside]);
        memory.log.length = 0;
        await deployment().destroy();
        assert.deepEqual(memory.log, ["delete home"]);
    });

    it("neither deletes nor replaces what is protected, and forgets what is to stay (retainOnDelete)", async () => {
        const safe = goal("safe", {}, { protect: true });
        await run([safe, goal("kept", {}, { retainOnDelete: true })]);
        await assert.rejects(
            run([safe, goal("other")].map((g) => (g === safe ? goal("safe", { where: "x" }) : g))),
            Stopped,
        );
        const d = deployment();
        await assert.rejects(d.destroy(), Stopped);
        assert.match(d.failure!.message, /protected.*safe/);
        assert.ok(memory.things.has("kept") && memory.things.has("safe"));
    });

    it("leaves alone what ignoreChanges names", async () => {
        await run([goal("a", { labels: { mine: 1 } })]);
        const d = await run([goal("a", { labels: { mine: 2 } }, { ignoreChanges: ["labels.mine"] })]);
        assert.deepEqual(d.changes, { same: 2 });
    });

    it("replaces on what replaceOnChanges names", async () => {
        await run([goal("a", { size: 1 })]);
        const d = await run([goal("a", { size: 2 }, { replaceOnChanges: ["size"] })]);
        assert.equal(d.changes.replace, 1);
    });

    it("deletes first where two cannot stand side by side, and with it what would have to follow", async () => {
        memory.deleteBeforeReplace = true;
        const inside = { dependencies: [urn("home")], propertyDependencies: { where: [urn("home")] } };
        const beside = { dependencies: [urn("home")], propertyDependencies: { size: [urn("home")] } };
        const goals = (where: string) => [
            goal("home", { where }),
            goal("inside", { where }, inside),
            goal("beside", { size: 1 }, beside),
        ];
        await run(goals("here"));
        const d = await run(goals("there"));
        assert.deepEqual(memory.log, ["delete inside", "delete home", "create home", "create inside"]);
        assert.deepEqual(d.changes, { same: 2, replace: 2 });
    });

    it("finds a resource by its alias, and the children of a renamed component by it", async () => {
        const shell = (name: string, alias?: string) =>
            goal(name, {}, { type: "p:index:Shell", custom: false, aliases: alias ? [{ name: alias }] : [] });
        const inOld = { parent: "urn:pulumi:dev::p::p:index:Shell::old" };
        const inNew = { parent: "urn:pulumi:dev::p::p:index:Shell::new" };
        await run([goal("a"), shell("old"), goal("child", {}, inOld)]);
        const renamed = goal("a2", { id: "a" }, { aliases: [{ name: "a" }] });
        const d = await run([renamed, shell("new", "old"), goal("child", {}, inNew)]);
        assert.deepEqual([d.changes.create, d.changes.delete, memory.log], [undefined, undefined, []]);
    });

    it("hands secrets back as secrets", async () => {
        const d = deployment();
        const { outputs } = await d.register(() => goal("a", {}, { additionalSecretOutputs: ["made"] }));
        assert.deepEqual(outputs.made, secret(true));
    });

    it("refuses two resources of one name", async () => {
        const d = deployment();
        await d.register(() => goal("a"));
        await assert.rejects(d.register(() => goal("a")));
        assert.match(d.failure!.message, /Duplicate resource URN/);
    });

    it("begins nothing once it is interrupted", async () => {
        const stop = new AbortController();
        const d = deployment({ signal: stop.signal });
        await d.register(() => goal("a"));
        stop.abort();
        await assert.rejects(
            d.register(() => goal("b")),
            Stopped,
        );
        assert.deepEqual(memory.log, ["create a"]);
        assert.ok(state().find(urn("a")));
    });
});
