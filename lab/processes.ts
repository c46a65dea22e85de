import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Starts a process that outlives this one, with its output in a file. */
export function spawnDetached(
    command: string,
    args: string[],
    options: { log: string; cwd: string; env?: NodeJS.ProcessEnv },
): ChildProcess & { pid: number } {
    const log = openSync(options.log, "a", 0o600);
    try {
        const child = spawn(command, args, {
            cwd: options.cwd,
            env: options.env ?? process.env,
            detached: true,
            stdio: ["ignore", log, log],
        });
        child.unref();
        // Reported by whoever waits for the process to answer.
        child.on("error", () => undefined);
        if (child.pid === undefined) {
            throw new Error(`${command} cannot be started`);
        }
        return child as ChildProcess & { pid: number };
    } finally {
        closeSync(log);
    }
}

/**
 * Whether this process is alive and the one meant: pids are reused, so its command line must hold `mark` (a lab's
 * processes all name its home). One that has ended and was not yet collected by its parent has no command line.
 */
export function isAlive(pid: number | undefined, mark: string): boolean {
    if (pid === undefined) {
        return false;
    }
    try {
        process.kill(pid, 0);
    } catch {
        // Gone, or somebody else's.
        return false;
    }
    return commandLine(pid).includes(mark);
}

/** Asks a process to end, and makes it end when it has not after `patienceMs`. */
export async function end(pid: number | undefined, mark: string, patienceMs: number): Promise<void> {
    if (pid === undefined || !isAlive(pid, mark)) {
        return;
    }
    signal(pid, "SIGTERM");
    const until = Date.now() + patienceMs;
    while (isAlive(pid, mark)) {
        if (Date.now() > until) {
            signal(pid, "SIGKILL");
        }
        await sleep(20);
    }
}

function signal(pid: number, name: NodeJS.Signals): void {
    try {
        process.kill(pid, name);
    } catch {
        // It has ended by itself meanwhile.
    }
}

function commandLine(pid: number): string {
    if (existsSync("/proc/self/cmdline")) {
        try {
            return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        } catch {
            return "";
        }
    }
    try {
        return execFileSync("ps", ["-o", "command=", "-ww", "-p", String(pid)], { encoding: "utf8" });
    } catch {
        return "";
    }
}
