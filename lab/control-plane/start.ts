import { readFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import type { BinaryName } from "../binaries/versions";
import { isAlive, spawnDetached } from "../processes";
import { lastLines, type Paths, type ProcessName } from "../state";
import { apiserverArgs, controllerManagerArgs, etcdArgs, type Ports } from "./commands";
import { type ControlPlaneFiles, writeFiles } from "./files";

const ETCD_READY_MS = 20_000;
const API_READY_MS = 90_000;
const CHECK_MS = 25;

/** Another program took a port between our looking and our using it. */
export class PortTaken extends Error {}

export interface Listener {
    /** Called before anything else happens, so that a crash leaves nothing behind that is not written down. */
    onSpawn(name: ProcessName, pid: number): void;
    /** The files are written; the API server is yet to be started. */
    onFiles(files: ControlPlaneFiles): void;
}

export interface ControlPlane {
    server: string;
    /**
     * To be called when the CRDs of the beginning are there: the garbage collector looks for kinds when it starts, and
     * then every 30 s.
     */
    startControllers(): void;
}

/**
 * Starts etcd and the API server on free ports, and resolves when the API server answers. Errors: an Error with the
 * end of the log of what did not start; PortTaken when another try may succeed.
 */
export async function startControlPlane(
    paths: Paths,
    binaries: Record<BinaryName, string>,
    { onSpawn, onFiles }: Listener,
): Promise<ControlPlane> {
    const host = "127.0.0.1";
    const ports: Ports = {
        etcd: await getPort({ host }),
        etcdPeer: await getPort({ host }),
        apiserver: await getPort({ host }),
    };
    const server = `https://${host}:${ports.apiserver}`;
    const start = (name: BinaryName, args: string[]): number => {
        const { pid } = spawnDetached(binaries[name], args, { log: logFile(paths, name), cwd: paths.home });
        onSpawn(name, pid);
        return pid;
    };
    const etcd = start("etcd", etcdArgs(paths, ports));
    const files = await writeFiles(paths, server);
    onFiles(files);
    // The API server looks for an absent etcd once a second: start it when etcd is there.
    await until("etcd", etcd, paths, ETCD_READY_MS, () => healthy(`http://${host}:${ports.etcd}/health`));
    const apiserver = start("kube-apiserver", apiserverArgs(paths, ports, files));
    await until("kube-apiserver", apiserver, paths, API_READY_MS, () => answers(server, files));
    return {
        server,
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
            const words = lastLines(logFile(paths, name), 15);
            const message = `${name} ${what}; its last words:\n${words}`;
            throw words.includes("address already in use") ? new PortTaken(message) : new Error(message);
        }
        await sleep(CHECK_MS);
    }
}

async function healthy(url: string): Promise<boolean> {
    try {
        return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
    } catch {
        return false;
    }
}

/** Whether the API can be used; /readyz waits for more than is needed to begin. */
function answers(server: string, files: ControlPlaneFiles): Promise<boolean> {
    const headers = { authorization: `Bearer ${files.adminToken}` };
    return new Promise((resolve) => {
        get(
            `${server}/api/v1/namespaces`,
            { ca: readFileSync(files.authority), headers, agent: false, timeout: 2_000 },
            (response) => {
                response.resume();
                resolve(response.statusCode === 200);
            },
        )
            .on("error", () => resolve(false))
            .on("timeout", function (this: { destroy(): void }) {
                this.destroy();
            });
    });
}
