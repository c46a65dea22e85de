import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { stringify } from "yaml";
import type { Lab } from "../../lab";
import { type Engine, openEngine, type RunOptions, type RunResult } from "../../lab/engine/driver";

const CHECKOUT = resolve(__dirname, "../..");
export const DEV_FILE = fileOf("dev");

/** The file of one of the project's own stacks. */
export function fileOf(stack: string): string {
    return join(CHECKOUT, `Pulumi.${stack}.yaml`);
}

let folder: string | undefined;

after(() => {
    if (folder) {
        rmSync(folder, { recursive: true, force: true });
    }
});

/** What engines say at the end of a run that failed, after its reason. */
const ENDING = /^(update|preview|destroy) (failed|canceled)$/;

export interface StackFile {
    config: Record<string, unknown>;
    encryptionsalt?: string;
}

/** One stack on the lab's cluster: the real Pulumi where it is on PATH, else the stand-in engine. */
export class Stack {
    /** Everything that was said in all runs, also what is shown only for a moment. */
    readonly said: string[] = [];
    isUp = false;
    /** Runs previews. */
    private looks: Engine;

    private constructor(
        readonly engine: Engine,
        /** Where the engine keeps everything. */
        readonly home: string,
        private readonly engineOf: (kubeconfig: string) => Promise<Engine>,
    ) {
        this.looks = engine;
    }

    /**
     * @param file a stack's file: its path, or what it holds, which may depend on the engine
     * @param beside a stack whose outputs it is to know, and whose resources it may take over
     */
    static async open(
        lab: Pick<Lab, "kubeconfig">,
        name: string,
        file: string | StackFile | ((kind: Engine["kind"]) => StackFile),
        beside?: Stack,
    ): Promise<Stack> {
        folder ??= mkdtempSync(join(tmpdir(), "mesh-e2e-"));
        // A stack on another cluster is another stack.
        const home = beside?.home ?? mkdtempSync(join(folder, `${name}-`));
        const configFile = typeof file === "string" ? file : join(folder, `${basename(home)}-${name}.yaml`);
        const options = { programDir: CHECKOUT, stack: name, configFile, home };
        const engineOf = (kubeconfig: string): Promise<Engine> =>
            openEngine({ ...options, kubeconfig, kind: "pulumi" }).catch(() =>
                openEngine({ ...options, kubeconfig, kind: "stand-in" }),
            );
        const engine = await engineOf(lab.kubeconfig);
        if (typeof file !== "string") {
            writeFileSync(configFile, stringify(typeof file === "function" ? file(engine.kind) : file));
        }
        return new Stack(engine, home, engineOf);
    }

    /** From now on previews are run by another account. */
    async previewAs(kubeconfig: string): Promise<void> {
        this.looks = await this.engineOf(kubeconfig);
    }

    /** Errors: it did not succeed; with all that was said. */
    async up(options: RunOptions = {}): Promise<RunResult> {
        const result = await this.succeeds("up", options);
        this.isUp = true;
        return result;
    }

    preview(options: RunOptions = {}): Promise<RunResult> {
        return this.succeeds("preview", options);
    }

    async destroy(): Promise<RunResult> {
        const result = await this.succeeds("destroy", {});
        this.isUp = false;
        return result;
    }

    /** A run that must fail, with one message and no stack trace. Returns the message. */
    async refused(op: "up" | "preview" | "destroy", options: RunOptions = {}): Promise<string> {
        const result = await this.run(op, options);
        assert.equal(result.ok, false, `${op} was to fail, but did not`);
        const errors = result.messages.filter((m) => m.severity === "error" && !ENDING.test(m.text));
        const distinct = [...new Set([...errors.map((m) => m.text.trim()), String(result.error).trim()])];
        assert.equal(distinct.length, 1, `one message, not:\n${distinct.join("\n--\n")}`);
        for (const { text } of result.messages) {
            assert.doesNotMatch(text, /^\s+at .*:\d+/m, "a stack trace");
        }
        return distinct[0];
    }

    /** A run as it comes. */
    run(op: "up" | "preview" | "destroy", options: RunOptions = {}): Promise<RunResult> {
        const engine = op === "preview" ? this.looks : this.engine;
        return engine[op]({
            ...options,
            onEvent: (event) => {
                if (event.type === "message" && event.severity !== "debug") {
                    this.said.push(event.text);
                }
                options.onEvent?.(event);
            },
        });
    }

    private async succeeds(op: "up" | "preview" | "destroy", options: RunOptions): Promise<RunResult> {
        const result = await this.run(op, options);
        assert.ok(result.ok, `${op}: ${result.error}\n${result.messages.map((m) => m.text).join("\n")}`);
        return result;
    }
}

/** The changes of a run: "update Gateway microsvc-sample: spec.servers[0].hosts[0]", in an order of their own. */
export function changesOf(result: RunResult): string[] {
    return result.steps
        .filter((step) => step.op !== "same" && step.op !== "read")
        .map(({ urn, op, diffKeys }) => {
            const [, , types, name] = urn.split("::");
            const kind = types.split(":").at(-1);
            // Engines write keys that are no plain words in different ways.
            const keys = diffKeys?.map((key) => key.replace(/\["([^"]+)"\]/g, ".$1")).sort();
            return `${op} ${kind} ${name}${keys ? `: ${keys.join(", ")}` : ""}`;
        })
        .sort();
}
