import { existsSync, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isLocked, withLock } from "./lock";
import { readServiceTable } from "./dataplane/addresses";
import type { DaemonNote } from "./daemon-note";
import { isAlive } from "./processes";
import { parseSettings, type SettingsPatch } from "./settings";
import { patchSettingsFile } from "./settings-file";
import type { Report } from "./standins/supervisor";
import {
    labHome,
    labName,
    labPaths,
    type Paths,
    PROCESS_NAMES,
    type ProcessName,
    readJsonFile,
    readState,
    type State,
} from "./state";
import { tearDown } from "./teardown";

export type { Settings, SettingsPatch } from "./settings";

/** A running cluster. */
export interface Lab {
    name: string;
    home: string;
    /** The path of the administrator's kubeconfig. */
    kubeconfig: string;
    /** The kubeconfig of a user without any rights. */
    viewerKubeconfig: string;
    server: string;
    /** The URL of the router's port, for requests with a Route's host; undefined for a lab without data plane. */
    router?: string;
    /** The URL of the router's port for TLS: there the Route is chosen by the name that TLS begins with (SNI). */
    routerTls?: string;
    /** The file with the CA of the certificate that the router shows for hosts whose Route brings none. */
    routerCa?: string;
    /** Why there is no data plane. */
    noRouter?: string;
    /**
     * Where a Service is reached in plain text from outside the mesh: an address at which its ports are open while it
     * has ready pods. Undefined for one that the data plane does not know.
     */
    serviceAddress(namespace: string, name: string): string | undefined;
    /** Changes the stand-ins' settings; resolves when they work with them. Errors: what is wrong with the patch. */
    set(patch: SettingsPatch): Promise<void>;
}

export interface UpOptions {
    name?: string;
    settings?: SettingsPatch;
    /** The lab is ended when the process of this id is gone, however that ended. Default: it stays until down(). */
    endsWith?: number;
    onProgress?: (line: string) => void;
}

export interface Status {
    name: string;
    home: string;
    /** changing: being started or stopped now; broken: some of it has ended, or its start was cut off. */
    state: "running" | "changing" | "broken" | "stopped";
    server?: string;
    startedAt?: string;
    router?: string;
    routerTls?: string;
    routerCa?: string;
    noRouter?: string;
    processes: { name: ProcessName; pid?: number; alive: boolean }[];
    standIns: Record<string, Report>;
}

const ATTEMPTS = 3;
const SETTINGS_TAKEN_MS = 10_000;

/**
 * Brings a lab up, or finds it running: then only the settings given are changed. What a crash left behind is cleared
 * first. Errors: an Error in words, and nothing is left running.
 */
export async function up(options: UpOptions = {}): Promise<Lab> {
    const name = labName(options.name);
    const paths = labPaths(labHome(name));
    const say = options.onProgress ?? (() => undefined);
    parseSettings(options.settings ?? {});
    const lock = lockFile(paths);
    return withLock(
        lock,
        async () => {
            const state = readState(paths);
            if (state && isRunning(state, paths)) {
                say(`lab ${name} is already running at ${state.server}`);
                const lab = labOf(state, paths);
                if (options.settings) {
                    await lab.set(options.settings);
                }
                return lab;
            }
            if (existsSync(paths.home)) {
                say(`clearing what a lab that ended badly left in ${paths.home}`);
                await tearDown(paths);
            }
            return labOf(await start(name, paths, options, say), paths);
        },
        (pid) => say(`waiting for process ${pid}, which is starting or stopping the same lab`),
    );
}

async function start(name: string, paths: Paths, options: UpOptions, say: (line: string) => void): Promise<State> {
    // Only here, since it loads what the other commands can do without.
    const { startLab, PortTaken } = require("./start") as typeof import("./start");
    for (let attempt = 1; ; attempt++) {
        mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
        try {
            return await startLab(name, paths, options, say);
        } catch (error) {
            await tearDown(paths);
            if (!(error instanceof PortTaken) || attempt === ATTEMPTS) {
                throw error;
            }
            say("another program has taken a port meanwhile; trying others");
        }
    }
}

/** Ends a lab and removes its home. False when there was none. */
export async function down(name?: string): Promise<boolean> {
    const paths = labPaths(labHome(labName(name)));
    if (!existsSync(paths.home)) {
        return false;
    }
    await withLock(lockFile(paths), () => tearDown(paths));
    try {
        rmdirSync(dirname(paths.home));
    } catch {
        // Other labs live there.
    }
    return true;
}

/** As down(), for the process that is starting the lab and holds its lock. */
export async function giveUp(name?: string): Promise<void> {
    const paths = labPaths(labHome(labName(name)));
    if (existsSync(paths.home) && !running(name)) {
        await tearDown(paths);
    }
    rmSync(lockFile(paths), { force: true });
}

export function status(name?: string): Status {
    const chosen = labName(name);
    const paths = labPaths(labHome(chosen));
    const state = readState(paths);
    const processes = PROCESS_NAMES.map((process) => {
        const pid = state?.pids[process];
        return { name: process, pid, alive: isAlive(pid, paths.home) };
    });
    return {
        name: chosen,
        home: paths.home,
        state: stateOf(state, paths),
        server: state?.server,
        startedAt: state?.startedAt,
        ...routerOf(state),
        processes,
        standIns: readJsonFile<DaemonNote>(paths.daemon)?.standIns ?? {},
    };
}

/** The lab of this name, if it is running. */
export function running(name?: string): Lab | undefined {
    const paths = labPaths(labHome(labName(name)));
    const state = readState(paths);
    return state && isRunning(state, paths) ? labOf(state, paths) : undefined;
}

function labOf(state: State, paths: Paths): Lab {
    return {
        name: state.name,
        home: paths.home,
        kubeconfig: paths.kubeconfig,
        viewerKubeconfig: paths.viewerKubeconfig,
        server: state.server ?? "",
        ...routerOf(state),
        serviceAddress: (namespace, name) => readServiceTable(paths.addresses)[`${namespace}/${name}`]?.address,
        set: (patch) => changeSettings(paths, patch),
    };
}

function routerOf(state: State | undefined): Pick<Lab, "router" | "routerTls" | "routerCa" | "noRouter"> {
    const note = state?.dataPlane;
    if (note === undefined) {
        return {};
    }
    return "router" in note ? note : { noRouter: note.off };
}

async function changeSettings(paths: Paths, patch: SettingsPatch): Promise<void> {
    const text = patchSettingsFile(paths.settings, patch);
    const until = Date.now() + SETTINGS_TAKEN_MS;
    while (readJsonFile<DaemonNote>(paths.daemon)?.settings !== text) {
        if (Date.now() > until) {
            throw new Error(`the lab's daemon has not taken its new settings; see ${paths.logs}`);
        }
        await sleep(20);
    }
}

function stateOf(state: State | undefined, paths: Paths): Status["state"] {
    if (isLocked(lockFile(paths))) {
        return "changing";
    }
    if (!state) {
        return "stopped";
    }
    return isRunning(state, paths) ? "running" : "broken";
}

function isRunning(state: State, paths: Paths): boolean {
    return state.ready && PROCESS_NAMES.every((name) => isAlive(state.pids[name], paths.home));
}

function lockFile(paths: Paths): string {
    return `${paths.home}.lock`;
}
