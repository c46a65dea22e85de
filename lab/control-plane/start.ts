import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import { Kube } from "../../kube";
import type { BinaryName } from "../binaries/versions";
import { isAlive, spawnDetached } from "../processes";
import { lastLines, type Paths, type ProcessName } from "../state";
import { apiserverArgs, controllerManagerArgs, etcdArgs, type Ports } from "./commands";
import { type ControlPlaneFiles, writeFiles } from "./files";

const ETCD_READY_MS = 20_000;
const API_READY_MS = 90_000;

export interface ControlPlane {
    server: string;
    files: ControlPlaneFiles;
    /** Resolves when the API server answers. Errors: an Error with the end of the log of what did not start. */
    answering(kube: Kube): Promise<void>;
    /** Starts the controllers; the API server must be answering. */
    startControllers(): void;
}

/**
 * Starts etcd and the API server on free ports. `onSpawn` gets each process's id before anything else happens, so
 * that a crash leaves nothing behind that is not written down.
 */
export async function startControlPlane(
    paths: Paths,
    binaries: Record<BinaryName, string>,
    onSpawn: (name: ProcessName, pid: number) => void,
): Promise<ControlPlane> {
    const ports: Ports = {
        etcd: await getPort({ host: "127.0.0.1" }),
        etcdPeer: await getPort({ host: "127.0.0.1" }),
        apiserver: await getPort({ host: "127.0.0.1" }),
    };
    const server = `https://127.0.0.1:${ports.apiserver}`;
    const start = (name: BinaryName, args: string[]): number => {
        const { pid } = spawnDetached(binaries[name], args, { log: logFile(paths, name), cwd: paths.home });
        onSpawn(name, pid);
        return pid;
    };
    const etcd = start("etcd", etcdArgs(paths, ports));
    const [files] = await Promise.all([
        writeFiles(paths, server),
        // The API server waits for an absent etcd a second at a time: start it when etcd is there.
        until("etcd", etcd, paths, ETCD_READY_MS, () => healthy(`http://127.0.0.1:${ports.etcd}/health`)),
    ]);
    const apiserver = start("kube-apiserver", apiserverArgs(paths, ports, files));
    return {
        server,
        files,
        answering: (kube) =>
            until("kube-apiserver", apiserver, paths, API_READY_MS, () =>
                kube.raw("GET", "/api/v1/namespaces").then(
                    () => true,
                    () => false,
                ),
            ),
        startControllers: () => {
            start("kube-controller-manager", controllerManagerArgs(paths, files));
        },
    };
}

export function logFile(paths: Paths, name: ProcessName): string {
    return join(paths.logs, `${name}.log`);
}

async function until(
    name: ProcessName,
    pid: number,
    paths: Paths,
    limitMs: number,
    isReady: () => Promise<boolean>,
): Promise<void> {
    const started = Date.now();
    while (!(await isReady())) {
        const dead = !isAlive(pid, paths.home);
        if (dead || Date.now() - started > limitMs) {
            const what = dead ? "ended" : `is not ready after ${limitMs / 1_000} s`;
            throw new Error(`${name} ${what}; its last words:\n${lastLines(logFile(paths, name), 15)}`);
        }
        await sleep(25);
    }
}

async function healthy(url: string): Promise<boolean> {
    try {
        return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
    } catch {
        return false;
    }
}
