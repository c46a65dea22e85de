import { existsSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { Kube } from "../kube";
import type { DaemonNote } from "./daemon-note";
import type { DataPlane } from "./dataplane";
import { populate } from "./populate";
import type { Settings } from "./settings";
import { followSettings } from "./settings-file";
import { STAND_INS } from "./standins/registry";
import { Supervisor } from "./standins/supervisor";
import { labPaths, type Paths, readState, writeFileWhole } from "./state";
import { endControlPlane } from "./teardown";

const UNWANTED_CHECK_MS = 2_000;
const HURRIED_TIME_SCALE = 0.01;

interface Options {
    home: string;
    kubeconfig: string;
    endsWith?: string;
    envoy?: string;
}

/** Fills the cluster of one lab and runs its stand-ins, until it is told to end or the lab is not wanted any more. */
async function main({ home, kubeconfig, endsWith, envoy }: Options): Promise<void> {
    const paths = labPaths(home);
    const stop = new AbortController();
    const note: DaemonNote = { stage: "starting", crds: false, settings: "", standIns: {} };
    const write = (change: Partial<DaemonNote>): void => {
        Object.assign(note, change);
        if (existsSync(paths.home)) {
            writeFileWhole(paths.daemon, JSON.stringify(note, null, 4));
        }
    };
    let settings: Settings | undefined;
    followSettings(
        paths.settings,
        stop.signal,
        (valid, text) => {
            settings = valid;
            write({ settings: text, settingsError: undefined });
        },
        (error) => {
            log(`settings are not taken: ${error.message}`);
            write({ settingsError: error.message });
        },
    );
    if (!settings) {
        throw new Error(note.settingsError);
    }
    // Nobody watches how the cluster of the beginning comes about.
    const hurried = { ...settings, timeScale: Math.min(settings.timeScale, HURRIED_TIME_SCALE) };
    const kube = Kube.load({ kubeconfig });
    const now = (): Settings => (note.stage === "ready" ? settings! : hurried);
    endWhenUnwanted(paths, endsWith === undefined ? undefined : Number(endsWith));
    const dataPlane =
        envoy === undefined ? undefined : await startDataPlane(envoy, kube, paths, now, stop.signal, write);
    const supervisor = new Supervisor({
        kube,
        dataPlane,
        settings: now,
        log,
        signal: stop.signal,
        onReport: (name, report) => write({ standIns: { ...note.standIns, [name]: report } }),
    });
    const uncaught = (error: unknown): void => {
        if (error instanceof Error && /[/\\]lab[/\\]dataplane[/\\]/.test(error.stack ?? "")) {
            log(`data plane: ${error.stack}`);
        } else {
            supervisor.uncaught(error);
        }
    };
    process.on("uncaughtException", uncaught);
    process.on("unhandledRejection", uncaught);
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
        process.on(signal, () => {
            stop.abort();
            process.exit(0);
        });
    }
    populate(kube, settings, {
        say: (stage) => write({ stage }),
        onCrds: () => {
            write({ crds: true });
            void dataPlane?.watch();
            Object.entries(STAND_INS).forEach(([name, standIn]) => supervisor.start(name, standIn));
        },
        notWatching: () => Object.keys(STAND_INS).filter((name) => note.standIns[name]?.health !== "watching"),
    }).then(
        () => write({ stage: "ready" }),
        (error: Error) => {
            log(`the cluster could not be made ready: ${error.stack}`);
            write({ error: error.message });
        },
    );
}

/** Without one, for whatever reason, the lab works as far as the API goes. */
async function startDataPlane(
    envoy: string,
    kube: Kube,
    paths: Paths,
    settings: () => Settings,
    signal: AbortSignal,
    write: (change: Partial<DaemonNote>) => void,
): Promise<DataPlane | undefined> {
    try {
        // Only here, since it loads much that a lab without it can do without.
        const { DataPlane } = require("./dataplane") as typeof import("./dataplane");
        const dataPlane = await DataPlane.create({
            kube,
            paths,
            envoy,
            settings,
            signal,
            delay: (realMs) => sleep(realMs * settings().timeScale, undefined, { signal }),
            log: (line) => log(`data plane: ${line}`),
        });
        // However this process ends, as long as it can still do anything.
        process.on("exit", () => dataPlane.close());
        write({ dataPlane: await dataPlane.openRouter() });
        return dataPlane;
    } catch (error) {
        log(`no data plane: ${(error as Error).stack}`);
        write({ dataPlane: { off: (error as Error).message } });
        return undefined;
    }
}

/** A lab is not wanted any more when somebody has removed its home by hand, or when the process it was for is gone. */
function endWhenUnwanted(paths: Paths, endsWith: number | undefined): void {
    let pids = readState(paths)?.pids ?? {};
    setInterval(() => {
        pids = readState(paths)?.pids ?? pids;
        if (existsSync(paths.state) && (endsWith === undefined || exists(endsWith))) {
            return;
        }
        void endControlPlane(pids, paths).finally(() => {
            rmSync(paths.home, { recursive: true, force: true });
            process.exit(0);
        });
    }, UNWANTED_CHECK_MS);
}

function exists(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}

function log(line: string): void {
    process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

void main(
    new Command()
        .requiredOption("--home <folder>")
        .requiredOption("--kubeconfig <file>")
        .option("--ends-with <pid>")
        .option("--envoy <file>")
        .parse()
        .opts<Options>(),
);
