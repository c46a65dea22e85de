import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export interface Child {
    process: ChildProcess;
    /** Once all of its output has been delivered. */
    ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
    onStdout(listener: (line: string) => void): void;
    onStderr(listener: (line: string) => void): void;
}

export interface StartOptions {
    cwd: string;
    env: NodeJS.ProcessEnv;
    /** For node itself, before the script. */
    nodeArgs?: string[];
    args?: string[];
}

/**
 * Loaded into every node process that is started here: it ends when its input does, which is when this process is gone,
 * however that came about.
 */
const TETHER = 'data:text/javascript,process.stdin.on("end",()=>process.exit(1)).resume().unref()';

/** Runs a module of the program's own node_modules with node. */
export function startNode(module: string, options: StartOptions): Child {
    const script = createRequire(join(options.cwd, "package.json")).resolve(module);
    const nodeArgs = ["--import", TETHER, ...(options.nodeArgs ?? [])];
    return start(process.execPath, [...nodeArgs, script, ...(options.args ?? [])], options);
}

/**
 * A child in a process group of its own: Ctrl-C in the terminal reaches only us, and we end the children in order.
 */
export function start(command: string, args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Child {
    const child = spawn(command, args, { ...options, stdio: ["pipe", "pipe", "pipe"], detached: true });
    const exited = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
    return {
        process: child,
        ended: exited.then(([code, signal]) => ({ code, signal })),
        onStdout: (listener) => void createInterface({ input: child.stdout! }).on("line", listener),
        onStderr: (listener) => void createInterface({ input: child.stderr! }).on("line", listener),
    };
}

/** Asks a child to end, and kills it after a while if it does not. */
export async function endOf(child: Child, patienceMs: number): Promise<void> {
    const { process: own, ended } = child;
    if (own.exitCode !== null || own.signalCode !== null || own.pid === undefined) {
        return;
    }
    own.kill("SIGINT");
    const late = new AbortController();
    await Promise.race([ended, sleep(patienceMs, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    if (own.exitCode === null && own.signalCode === null) {
        own.kill("SIGKILL");
        await ended;
    }
}
