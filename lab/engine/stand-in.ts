import { Kube } from "../../kube";
import { Deployment } from "./deployment";
import { runProgram } from "./drive";
import { moveResources } from "./move";
import { STACK_TYPE } from "./plan/urn";
import { type Project, readConfig, readProject, type StackConfig } from "./project";
import { Providers } from "./providers";
import { readStack, stateFileOf } from "./reference";
import { lockState, StateFile } from "./state";
import {
    changeCount,
    changesInWords,
    type Engine,
    type Message,
    type ProgressEvent,
    type RunOptions,
    type RunResult,
    type StateResource,
} from "./types";
import { shown, type Props } from "./values";

export interface StandInOptions {
    programDir: string;
    stack: string;
    configFile: string;
    home: string;
    kubeconfig: string;
    env: NodeJS.ProcessEnv;
    /** Why it is the stand-in and not Pulumi. */
    because: string;
}

type Phase = "preview" | "update" | "destroy";

/**
 * A small engine for the lab. It is not Pulumi: it runs the unmodified program through the SDK's own entry point, and
 * does as little as this project's program needs, against API servers on this machine only.
 */
export class StandInEngine implements Engine {
    readonly kind = "stand-in";
    readonly version = "1";
    private readonly project: Project;
    private readonly stateFile: string;

    /** Errors: no program there; an API server that is not on loopback. */
    constructor(private readonly options: StandInOptions) {
        this.project = readProject(options.programDir);
        this.stateFile = stateFileOf(options.home, this.project.name, options.stack);
        refuseFarServers(this.kube());
    }

    get describe(): string {
        return `stand-in engine, not Pulumi: ${this.options.because}`;
    }

    preview(options: RunOptions = {}): Promise<RunResult> {
        return this.run(["preview"], options);
    }

    /** As `pulumi up`: first a preview, in which mistakes show before anything is touched, then the update. */
    up(options: RunOptions = {}): Promise<RunResult> {
        return this.run(options.skipPreview ? ["update"] : ["preview", "update"], options);
    }

    /** Works from the state alone; the program is not run. */
    destroy(options: RunOptions = {}): Promise<RunResult> {
        return this.run(["destroy"], options);
    }

    async outputs(): Promise<Record<string, unknown>> {
        return outputsIn(StateFile.open(this.stateFile));
    }

    async state(): Promise<StateResource[]> {
        return StateFile.open(this.stateFile).resources.map((r) => ({
            urn: r.urn,
            type: r.type,
            custom: r.custom,
            id: r.id,
            parent: r.parent,
            dependencies: r.dependencies,
            protect: r.protect ?? false,
            deletedWith: r.deletedWith,
        }));
    }

    async takeOver(source: string, urns: readonly string[]): Promise<void> {
        const { stack, home } = this.options;
        const project = this.project.name;
        const files = [stateFileOf(home, project, source), this.stateFile];
        const unlock = files.map(lockState);
        try {
            const [from, to] = files.map((file) => StateFile.open(file));
            moveResources(from, to, { project, stack }, urns);
            // First where they come to: cut off in between, nothing is forgotten.
            await to.save();
            await from.save();
        } finally {
            unlock.forEach((release) => release());
        }
    }

    private async run(phases: Phase[], options: RunOptions): Promise<RunResult> {
        const unlock = lockState(this.stateFile);
        try {
            const config = readConfig(this.project, this.options.configFile, options.config);
            const providers = this.providers(config, options);
            try {
                let result: RunResult | undefined;
                for (const phase of phases) {
                    result = await this.phase(phase, config, providers, options);
                    if (!result.ok) {
                        break;
                    }
                }
                return options.expectNoChanges ? unchanged(result!) : result!;
            } finally {
                await providers.close();
            }
        } finally {
            unlock();
        }
    }

    private providers(config: StackConfig, { onEvent }: RunOptions): Providers {
        return new Providers({
            kube: () => this.kube(),
            programDir: this.project.programDir,
            project: this.project.name,
            env: this.env(),
            config: config.values,
            onLine: (text) => onEvent?.({ type: "message", severity: "info", text, ephemeral: false }),
        });
    }

    private async phase(
        phase: Phase,
        config: StackConfig,
        providers: Providers,
        options: RunOptions,
    ): Promise<RunResult> {
        const begun = performance.now();
        const messages: Message[] = [];
        const emit = (event: ProgressEvent) => {
            if (event.type === "message" && !event.ephemeral && event.severity !== "debug") {
                messages.push({ urn: event.urn, severity: event.severity, text: event.text });
            }
            options.onEvent?.(event);
        };
        emit({ type: "phase", phase });
        const state = StateFile.open(this.stateFile);
        const signal = options.signal ?? new AbortController().signal;
        let onFailure = () => {};
        const deployment = new Deployment({
            project: this.project.name,
            stack: this.options.stack,
            preview: phase === "preview",
            state,
            providerOf: (type) => providers.of(type),
            readStack: (name) => readStack(name, { home: this.options.home, project: this.project.name }),
            emit,
            onFailure: () => onFailure(),
            signal,
        });
        let error: string | undefined;
        try {
            if (phase === "destroy") {
                await deployment.destroy();
            } else {
                const failed = new Promise<void>((resolve) => (onFailure = resolve));
                error = await runProgram(deployment, {
                    project: this.project,
                    stack: this.options.stack,
                    preview: phase === "preview",
                    config,
                    env: this.env(),
                    emit,
                    failed,
                    signal,
                });
                if (error === undefined && !deployment.failure) {
                    await deployment.removeLeftovers();
                }
            }
        } catch (thrown) {
            error = deployment.failure?.message ?? (thrown as Error).message;
        } finally {
            await deployment.settled();
        }
        error = deployment.failure?.message ?? (options.signal?.aborted ? "interrupted" : error);
        const seconds = (performance.now() - begun) / 1000;
        emit({ type: "summary", changes: deployment.changes, seconds });
        return {
            ok: error === undefined,
            changes: deployment.changes,
            steps: deployment.steps,
            messages,
            outputs: outputsIn(state),
            seconds,
            error,
        };
    }

    private env(): NodeJS.ProcessEnv {
        return { ...this.options.env, KUBECONFIG: this.options.kubeconfig };
    }

    private kube(): Kube {
        return Kube.load({ kubeconfig: this.options.kubeconfig });
    }
}

function outputsIn(state: StateFile): Record<string, unknown> {
    const stack = state.resources.find((r) => r.type === STACK_TYPE);
    return shown((stack?.outputs ?? {}) as Props) as Record<string, unknown>;
}

function unchanged(result: RunResult): RunResult {
    if (!result.ok || changeCount(result.changes) === 0) {
        return result;
    }
    return { ...result, ok: false, error: `no changes were expected, but: ${changesInWords(result.changes)}` };
}

/** Errors: the API server is on another machine: what is there deserves the real Pulumi. */
export function refuseFarServers(kube: { server: string }): void {
    const host = new URL(kube.server).hostname;
    if (host !== "localhost" && host !== "[::1]" && !/^127(\.\d+){3}$/.test(host)) {
        throw new Error(
            `the stand-in engine works only with an API server on this machine, not with ${kube.server}; ` +
                "use the Pulumi CLI there",
        );
    }
}
