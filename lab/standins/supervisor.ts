import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kube } from "../../kube";
import type { DataPlane } from "../dataplane";
import type { Settings } from "../settings";
import { serveWebhook } from "./serve-webhook";
import type { StandIn, StandInContext, WebhookServer } from "./types";

const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

export type Health = "starting" | "watching" | "failed";

export interface Report {
    health: Health;
    restarts: number;
    lastError?: string;
}

export interface Environment {
    kube: Kube;
    dataPlane?: DataPlane;
    settings(): Settings;
    log(line: string): void;
    signal: AbortSignal;
    onReport(name: string, report: Report): void;
}

/** Keeps stand-ins running: one that fails is logged and started again, with growing pauses. */
export class Supervisor {
    private readonly running = new Map<string, { report: Report; fail?: (error: Error) => void }>();

    constructor(private readonly environment: Environment) {
        setMaxListeners(0, environment.signal);
    }

    start(name: string, standIn: StandIn): void {
        this.running.set(name, { report: { health: "starting", restarts: 0 } });
        void this.keepRunning(name, standIn);
    }

    /**
     * An error that nobody caught. It belongs to the stand-in that its stack names; when it names none, all of them
     * are started again, since any may be the one that stopped working.
     */
    uncaught(error: unknown): void {
        const cause = error instanceof Error ? error : new Error(String(error));
        if (cause.name === "AbortError") {
            return;
        }
        const named = /standins[/\\]([a-z]+)[/\\.]/.exec(cause.stack ?? "")?.[1];
        const targets = named !== undefined && this.running.has(named) ? [named] : [...this.running.keys()];
        for (const name of targets) {
            this.running.get(name)?.fail?.(cause);
        }
    }

    private async keepRunning(name: string, standIn: StandIn): Promise<void> {
        const { signal, log } = this.environment;
        let pause = SHORTEST_PAUSE_MS;
        while (!signal.aborted) {
            const started = Date.now();
            const error = await this.runOnce(name, standIn);
            if (signal.aborted) {
                return;
            }
            log(`${name}: failed, starting it again: ${error.stack ?? error.message}`);
            const { report } = this.running.get(name)!;
            this.report(name, { health: "failed", restarts: report.restarts + 1, lastError: error.message });
            pause = Date.now() - started > LONGEST_PAUSE_MS ? SHORTEST_PAUSE_MS : pause;
            await sleep(pause, undefined, { signal }).catch(() => undefined);
            pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
        }
    }

    /** Resolves with what made it stop. */
    private async runOnce(name: string, standIn: StandIn): Promise<Error> {
        const entry = this.running.get(name)!;
        const stop = new AbortController();
        // Every wait and every watch listens for the end.
        setMaxListeners(0, stop.signal);
        const servers: WebhookServer[] = [];
        const failed = new Promise<Error>((resolve) => {
            entry.fail = resolve;
            this.environment.signal.addEventListener("abort", () => resolve(new Error("the lab ends")), { once: true });
        });
        try {
            const started = standIn(this.context(name, stop.signal, servers)).then(() => {
                this.report(name, { ...entry.report, health: "watching" });
                return failed;
            });
            return await Promise.race([started, failed]);
        } catch (error) {
            return error instanceof Error ? error : new Error(String(error));
        } finally {
            entry.fail = undefined;
            stop.abort();
            await Promise.all(servers.map((server) => server.close()));
        }
    }

    private report(name: string, report: Report): void {
        this.running.get(name)!.report = report;
        this.environment.onReport(name, report);
    }

    private context(name: string, signal: AbortSignal, servers: WebhookServer[]): StandInContext {
        const { kube, dataPlane, settings, log } = this.environment;
        return {
            kube,
            dataPlane,
            settings,
            signal,
            delay: (realMs) => sleep(realMs * settings().timeScale, undefined, { signal }),
            log: (line) => log(`${name}: ${line}`),
            serveWebhook: async (handlers) => {
                const server = await serveWebhook(handlers);
                servers.push(server);
                return server;
            },
        };
    }
}
