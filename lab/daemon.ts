import { existsSync, rmSync } from "node:fs";
import { Command } from "commander";
import { Kube } from "../kube";
import type { DaemonNote } from "./daemon-note";
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
}

/** Fills the cluster of one lab and runs its stand-ins, until it is told to end or the lab is not wanted any more. */
function main({ home, kubeconfig, endsWith }: Options): void {
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
    const supervisor = new Supervisor({
        kube,
        settings: () => (note.stage === "ready" ? settings! : hurried),
        log,
        signal: stop.signal,
        onReport: (name, report) => write({ standIns: { ...note.standIns, [name]: report } }),
    });
    process.on("uncaughtException", (error) => supervisor.uncaught(error));
    process.on("unhandledRejection", (error) => supervisor.uncaught(error));
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
        process.on(signal, () => {
            stop.abort();
            process.exit(0);
        });
    }
    endWhenUnwanted(paths, endsWith === undefined ? undefined : Number(endsWith));
    populate(kube, settings, {
        say: (stage) => write({ stage }),
        onCrds: () => {
            write({ crds: true });
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

main(
    new Command()
        .requiredOption("--home <folder>")
        .requiredOption("--kubeconfig <file>")
        .option("--ends-with <pid>")
        .parse()
        .opts<Options>(),
);
