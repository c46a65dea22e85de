import { existsSync } from "node:fs";
import { Command } from "commander";
import { Kube } from "../kube";
import type { DaemonNote } from "./daemon-note";
import { end } from "./processes";
import type { Settings } from "./settings";
import { followSettings } from "./settings-file";
import { STAND_INS } from "./standins/registry";
import { Supervisor } from "./standins/supervisor";
import { labPaths, type Paths, readState, writeFileWhole } from "./state";

const HOME_CHECK_MS = 2_000;

/** Runs all stand-ins of one lab until it is told to end, or its home is gone. */
function main(home: string, kubeconfig: string): void {
    const paths = labPaths(home);
    const stop = new AbortController();
    const note: DaemonNote = { settings: "", standIns: {} };
    const write = (): void => {
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
            Object.assign(note, { settings: text, settingsError: undefined });
            write();
        },
        (error) => {
            log(`settings are not taken: ${error.message}`);
            note.settingsError = error.message;
            write();
        },
    );
    if (!settings) {
        throw new Error(note.settingsError);
    }
    const supervisor = new Supervisor({
        kube: Kube.load({ kubeconfig }),
        settings: () => settings!,
        log,
        signal: stop.signal,
        onReport: (name, report) => {
            note.standIns[name] = report;
            write();
        },
    });
    process.on("uncaughtException", (error) => supervisor.uncaught(error));
    process.on("unhandledRejection", (error) => supervisor.uncaught(error));
    for (const [name, standIn] of Object.entries(STAND_INS)) {
        supervisor.start(name, standIn);
    }
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
        process.on(signal, () => {
            stop.abort();
            process.exit(0);
        });
    }
    watchHome(paths);
}

/** Somebody who removes the home by hand wants the lab gone. */
function watchHome(paths: Paths): void {
    let pids = readState(paths)?.pids ?? {};
    setInterval(() => {
        pids = readState(paths)?.pids ?? pids;
        if (existsSync(paths.state)) {
            return;
        }
        const { etcd, "kube-apiserver": apiserver, "kube-controller-manager": controllers } = pids;
        void Promise.all([end(controllers, paths.home, 0), end(apiserver, paths.home, 0)])
            .then(() => end(etcd, paths.home, 0))
            .finally(() => process.exit(0));
    }, HOME_CHECK_MS);
}

function log(line: string): void {
    process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

const options = new Command()
    .requiredOption("--home <folder>")
    .requiredOption("--kubeconfig <file>")
    .parse()
    .opts<{ home: string; kubeconfig: string }>();
main(options.home, options.kubeconfig);
