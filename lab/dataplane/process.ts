import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const CHECK_MS = 40;
/** A kubelet's back-off: at once, then 10 s, twice as long each time up to 300 s; forgotten after ten good minutes. */
const FIRST_REST_MS = 10_000;
const LONGEST_REST_MS = 300_000;
const FORGOTTEN_MS = 600_000;

export interface Program {
    /** The name of the container. */
    name: string;
    command: string;
    /** They must name the lab's home: by that its processes are known again. */
    args: string[];
    env: NodeJS.ProcessEnv;
    folder: string;
    log: string;
    /** Whether it does what it is there for. */
    answers(): Promise<boolean>;
}

export interface ContainerState {
    name: string;
    running: boolean;
    ready: boolean;
    restarts: number;
    startedAt: string;
    /** How it ended the last time. */
    ended?: { exitCode: number; signal?: string; startedAt: string; at: string };
}

export interface Surroundings {
    /** Where the ids of running processes are noted. */
    pids: string;
    /** As long as the real thing would wait, by the lab's scale of time. */
    delay(realMs: number): Promise<void>;
}

/** A program that is started again whenever it ends, with a kubelet's pauses, until it is stopped. */
export class KeptProcess {
    readonly state: ContainerState;
    private child?: ChildProcess;
    private stopped = false;

    constructor(
        private readonly program: Program,
        private readonly around: Surroundings,
        private readonly onChange: () => void,
    ) {
        this.state = { name: program.name, running: false, ready: false, restarts: 0, startedAt: now() };
    }

    start(): void {
        void this.keep();
    }

    /** Asks it to end, and makes it after so many milliseconds. */
    async stop(graceMs: number): Promise<void> {
        this.stopped = true;
        const child = this.child;
        if (child === undefined) {
            return;
        }
        const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
        child.kill("SIGTERM");
        const last = setTimeout(() => child.kill("SIGKILL"), graceMs);
        await gone;
        clearTimeout(last);
    }

    /** At once, without waiting for it. */
    kill(): void {
        this.stopped = true;
        this.child?.kill("SIGKILL");
    }

    private async keep(): Promise<void> {
        let rest = 0;
        while (!this.stopped) {
            const started = Date.now();
            await this.runOnce();
            if (this.stopped) {
                return;
            }
            this.state.restarts++;
            rest = Date.now() - started > FORGOTTEN_MS ? 0 : rest;
            await this.around.delay(rest).catch(() => undefined);
            rest = Math.min(rest === 0 ? FIRST_REST_MS : rest * 2, LONGEST_REST_MS);
        }
    }

    /** Resolves when it has ended. */
    private async runOnce(): Promise<void> {
        const child = this.spawn();
        this.child = child;
        const ended = new Promise<{ exitCode: number; signal?: string }>((resolve) => {
            child.once("error", () => resolve({ exitCode: 127 }));
            child.once("close", (code, signal) =>
                resolve({ exitCode: code ?? 137, ...(signal === null ? {} : { signal }) }),
            );
        });
        const note = join(this.around.pids, String(child.pid));
        if (child.pid !== undefined) {
            mkdirSync(this.around.pids, { recursive: true, mode: 0o700 });
            writeFileSync(note, "");
        }
        Object.assign(this.state, { running: true, ready: false, startedAt: now() });
        this.onChange();
        void this.untilReady(child);
        const end = await ended;
        this.child = undefined;
        rmSync(note, { force: true });
        const { startedAt } = this.state;
        Object.assign(this.state, { running: false, ready: false, ended: { ...end, startedAt, at: now() } });
        if (!this.stopped) {
            this.onChange();
        }
    }

    private async untilReady(child: ChildProcess): Promise<void> {
        while (this.child === child && !this.stopped) {
            if (await this.program.answers().catch(() => false)) {
                if (this.child === child && !this.stopped) {
                    this.state.ready = true;
                    this.onChange();
                }
                return;
            }
            await sleep(CHECK_MS);
        }
    }

    private spawn(): ChildProcess {
        const { command, args, env, folder, log } = this.program;
        const output = openSync(log, "a", 0o600);
        try {
            return spawn(command, args, { cwd: folder, env, stdio: ["ignore", output, output] });
        } finally {
            closeSync(output);
        }
    }
}

/** Kubernetes writes times to the second. */
function now(): string {
    return `${new Date().toISOString().slice(0, 19)}Z`;
}
