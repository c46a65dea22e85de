import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The checkout that this file belongs to. */
export const CHECKOUT = realpathSync(resolve(__dirname, ".."));

export const PROCESS_NAMES = ["etcd", "kube-apiserver", "kube-controller-manager", "daemon"] as const;
export type ProcessName = (typeof PROCESS_NAMES)[number];

/** What a lab writes down about itself, in state.json. */
export interface State {
    name: string;
    checkout: string;
    startedAt: string;
    /** Everything that `lab up` does has been done. */
    ready: boolean;
    server?: string;
    pids: Partial<Record<ProcessName, number>>;
    dataPlane?: DataPlaneNote;
}

/** The URLs of the router's ports and the file with its CA; or, for a lab in which nothing runs for pods, why. */
export type DataPlaneNote = { router: string; routerTls: string; routerCa: string } | { off: string };

/** The files of one lab. All of them are in its home, which `lab down` removes. */
export interface Paths {
    home: string;
    state: string;
    settings: string;
    /** The daemon's note of which settings it works with, and of how its stand-ins are. */
    daemon: string;
    kubeconfig: string;
    viewerKubeconfig: string;
    logs: string;
    /** What belongs to pods, one folder each. */
    pods: string;
    /** The ids of the processes that run for pods, as names of files. */
    pids: string;
    /** Where Services are reached. */
    addresses: string;
    etcdData: string;
    pki: string;
}

/** The name of the lab: the one given, else $MESH_LAB_NAME, else "default". */
export function labName(name?: string): string {
    const chosen = name ?? process.env.MESH_LAB_NAME ?? "default";
    if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(chosen)) {
        throw new Error(`"${chosen}" is no name for a lab: lower-case letters, digits and dashes, at most 32`);
    }
    return chosen;
}

/** Labs of different names, and of different checkouts, have different homes. */
export function labHome(name: string): string {
    const state = process.env.XDG_STATE_HOME || join(homedir(), ".local", "state");
    const base = process.env.MESH_LAB_HOME ? resolve(process.env.MESH_LAB_HOME) : join(state, "mesh-lab");
    const hash = createHash("sha256").update(CHECKOUT).digest("hex").slice(0, 8);
    return join(base, `${name}-${hash}`);
}

/** What is kept between labs: binaries and CRDs, each under a name that holds its version. */
export function cacheDir(): string {
    const base = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
    return join(base, "mesh-lab");
}

export function labPaths(home: string): Paths {
    return {
        home,
        state: join(home, "state.json"),
        settings: join(home, "settings.json"),
        daemon: join(home, "daemon.json"),
        kubeconfig: join(home, "kubeconfig"),
        viewerKubeconfig: join(home, "kubeconfig-viewer"),
        logs: join(home, "logs"),
        pods: join(home, "pods"),
        pids: join(home, "pids"),
        addresses: join(home, "addresses.json"),
        etcdData: join(home, "etcd"),
        pki: join(home, "pki"),
    };
}

/** undefined when there is no such lab. */
export function readState(paths: Paths): State | undefined {
    return readJsonFile<State>(paths.state);
}

export function writeState(paths: Paths, state: State): void {
    writeFileWhole(paths.state, JSON.stringify(state, null, 4));
}

export function readJsonFile<T>(path: string): T | undefined {
    if (!existsSync(path)) {
        return undefined;
    }
    try {
        return JSON.parse(readFileSync(path, "utf8")) as T;
    } catch (error) {
        // Gone since, or cut off by a crash.
        if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) {
            return undefined;
        }
        throw error;
    }
}

/** A reader sees the old text or the new one, never half of it. */
export function writeFileWhole(path: string, text: string): void {
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, path);
}

export function lastLines(file: string, count: number): string {
    if (!existsSync(file)) {
        return "";
    }
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join("\n");
}
