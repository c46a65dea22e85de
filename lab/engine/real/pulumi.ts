import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { endOf, start } from "../processes";
import { layOver, type Project, readProject } from "../project";
import { lockState } from "../state";
import type { Engine, Message, RunOptions, RunResult, StateResource, Step } from "../types";
import { type LoggedEvent, outputsOf, progressOf, reasonIn, stepOf } from "./events";
import type { Found } from "./find";
import { tail } from "./tail";

export interface PulumiOptions {
    programDir: string;
    stack: string;
    configFile: string;
    home: string;
    kubeconfig: string;
    env: NodeJS.ProcessEnv;
    found: Found;
}

type Command = "preview" | "up" | "destroy";
const PATIENCE_MS = 60_000;

/**
 * The real thing: the Pulumi CLI with a file backend below `home`, and no account. The stack's configuration is copied,
 * since `stack init` writes a salt into it and the source tree is to stay as it is.
 */
export class PulumiEngine implements Engine {
    readonly kind = "pulumi";
    readonly version: string;
    readonly describe: string;
    private readonly project: Project;

    constructor(private readonly options: PulumiOptions) {
        this.project = readProject(options.programDir);
        this.version = options.found.version;
        this.describe = `Pulumi ${this.version} (${options.found.from})`;
    }

    preview(options: RunOptions = {}): Promise<RunResult> {
        return this.exclusively(options, ["preview"]);
    }

    /** A preview, then the update, each with its own log of events. */
    up(options: RunOptions = {}): Promise<RunResult> {
        return this.exclusively(options, options.skipPreview ? ["up"] : ["preview", "up"]);
    }

    destroy(options: RunOptions = {}): Promise<RunResult> {
        return this.exclusively(options, ["destroy"]);
    }

    async outputs(): Promise<Record<string, unknown>> {
        return JSON.parse(await this.ask(["stack", "output", "--json"]));
    }

    async state(): Promise<StateResource[]> {
        const exported = JSON.parse(await this.ask(["stack", "export"]));
        const resources: any[] = exported.deployment?.resources ?? [];
        return resources
            .filter((r) => !r.type.startsWith("pulumi:providers:"))
            .map((r) => ({
                urn: r.urn,
                type: r.type,
                custom: r.custom,
                id: r.id,
                parent: r.parent,
                dependencies: r.dependencies ?? [],
                protect: r.protect ?? false,
                deletedWith: r.deletedWith,
            }));
    }

    async takeOver(source: string, urns: readonly string[]): Promise<void> {
        const { stack } = this.options;
        await this.prepare({});
        await this.ask(["state", "move", "--source", source, "--dest", stack, "--yes", ...urns], this.projectCopy());
    }

    private async exclusively(options: RunOptions, commands: Command[]): Promise<RunResult> {
        mkdirSync(this.options.home, { recursive: true, mode: 0o700 });
        const unlock = lockState(join(this.options.home, `${this.project.name}.${this.options.stack}`));
        try {
            await this.prepare(options.config ?? {});
            let result: RunResult | undefined;
            for (const command of commands) {
                const last = command === commands[commands.length - 1];
                result = await this.run(command, options, last);
                if (!result.ok) {
                    break;
                }
            }
            return result!;
        } finally {
            unlock();
        }
    }

    private async run(command: Command, options: RunOptions, last: boolean): Promise<RunResult> {
        const begun = performance.now();
        const log = join(this.options.home, `${this.project.name}.${this.options.stack}.events`);
        rmSync(log, { force: true });
        options.onEvent?.({ type: "phase", phase: command === "up" ? "update" : command });
        const flags = ["--config-file", this.configCopy(), "--event-log", log, "--suppress-progress"];
        if (command !== "preview") {
            flags.push("--yes", "--skip-preview");
        }
        if (options.expectNoChanges && last && command !== "destroy") {
            flags.push("--expect-no-changes");
        }
        const result: RunResult = { ok: false, changes: {}, steps: [], messages: [], outputs: {}, seconds: 0 };
        const child = this.start([command, ...flags]);
        const stderr: string[] = [];
        child.onStderr((line) => stderr.push(line));
        child.onStdout(() => undefined);
        const interrupt = () => void endOf(child, PATIENCE_MS);
        options.signal?.addEventListener("abort", interrupt, { once: true });
        if (options.signal?.aborted) {
            interrupt();
        }
        await tail(log, child.ended, (line) => this.take(JSON.parse(line), result, options));
        const { code } = await child.ended;
        // Pulumi writes everything into it: debug messages too, with secrets in clear.
        rmSync(log, { force: true });
        options.signal?.removeEventListener("abort", interrupt);

        result.ok = code === 0;
        result.seconds = (performance.now() - begun) / 1000;
        if (command !== "preview") {
            result.outputs = await this.outputs();
        }
        if (!result.ok) {
            const errors = result.messages.filter((m) => m.severity === "error").map((m) => m.text);
            result.error = options.signal?.aborted ? "interrupted" : reasonIn(errors, stderr);
        }
        return result;
    }

    private take(event: LoggedEvent, result: RunResult, options: RunOptions): void {
        const step: Step | undefined = stepOf(event);
        if (step) {
            result.steps.push(step);
        }
        result.outputs = outputsOf(event) ?? result.outputs;
        const progress = progressOf(event);
        if (!progress) {
            return;
        }
        if (progress.type === "summary") {
            result.changes = progress.changes;
        }
        if (progress.type === "message" && !progress.ephemeral) {
            const { urn, severity, text } = progress;
            result.messages.push({ urn, severity, text } satisfies Message);
        }
        options.onEvent?.(progress);
    }

    /** The configuration copied, the stack there, and no lock of a run that was killed. */
    private async prepare(overrides: Record<string, string>): Promise<void> {
        const { home, stack, configFile } = this.options;
        mkdirSync(this.projectCopy(), { recursive: true });
        mkdirSync(join(home, "backend"), { recursive: true });
        copyFileSync(join(this.project.root, "Pulumi.yaml"), join(this.projectCopy(), "Pulumi.yaml"));
        const salt = readYaml(this.configCopy()).encryptionsalt;
        const settings: Record<string, any> = { encryptionsalt: salt, ...readYaml(configFile) };
        settings.config ??= {};
        layOver(settings.config, overrides);
        writeFileSync(this.configCopy(), stringify(settings, { keepUndefined: false }), { mode: 0o600 });
        const stored = join(home, "backend", ".pulumi", "stacks", this.project.name, `${stack}.json`);
        if (!existsSync(stored)) {
            await this.ask(["stack", "init", stack], this.projectCopy());
        }
        const locks = join(home, "backend", ".pulumi", "locks");
        // Our own lock is held, so whoever left one here is gone.
        if (
            existsSync(locks) &&
            readdirSync(locks, { recursive: true }).some((name) => String(name).endsWith(".json"))
        ) {
            await this.ask(["cancel", "--yes", "--stack", stack]);
        }
    }

    private projectCopy(): string {
        // Stacks of several projects may share a folder, so that one can read another's outputs.
        return join(this.options.home, "projects", this.project.name);
    }

    private configCopy(): string {
        return join(this.projectCopy(), `Pulumi.${this.options.stack}.yaml`);
    }

    /** Runs a command to its end and returns what it printed. Errors: what it said when it failed. */
    private async ask(args: string[], cwd?: string): Promise<string> {
        const child = this.start(args, cwd);
        const [stdout, stderr]: [string[], string[]] = [[], []];
        child.onStdout((line) => stdout.push(line));
        child.onStderr((line) => stderr.push(line));
        const { code } = await child.ended;
        if (code !== 0) {
            throw new Error(`pulumi ${args.join(" ")}: ${reasonIn([], stderr)}`);
        }
        return stdout.join("\n");
    }

    private start(args: string[], cwd = this.project.root): ReturnType<typeof start> {
        const { env, found, home, kubeconfig, stack } = this.options;
        const namesItself = ["stack init", "state move"].includes(args.slice(0, 2).join(" "));
        const own = namesItself ? [] : ["--stack", stack];
        const all = [...args, ...(args.includes("--stack") ? [] : own), "--non-interactive", "--color", "never"];
        return start(found.pulumi, all, {
            cwd,
            env: {
                PULUMI_CONFIG_PASSPHRASE: "",
                ...env,
                // The language host lies beside the CLI.
                PATH: [dirname(found.pulumi), env.PATH].filter(Boolean).join(delimiter),
                KUBECONFIG: kubeconfig,
                PULUMI_BACKEND_URL: `file://${join(home, "backend")}`,
                PULUMI_SKIP_UPDATE_CHECK: "true",
                // --event-log is one of the flags for debugging.
                PULUMI_DEBUG_COMMANDS: "true",
            },
        });
    }
}

function readYaml(file: string): Record<string, any> {
    return existsSync(file) ? (parse(readFileSync(file, "utf8")) ?? {}) : {};
}
