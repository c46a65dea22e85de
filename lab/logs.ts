import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lastLines } from "./state";

const FOLLOW_MS = 200;

/** The names of the logs there are: etcd, kube-apiserver, kube-controller-manager, daemon. */
export function logNames(folder: string): string[] {
    return existsSync(folder) ? readdirSync(folder).map((file) => basename(file, ".log")) : [];
}

/** Prints the end of a log, and then what is added to it, until the signal aborts or the log goes away. */
export async function printLog(
    folder: string,
    name: string,
    options: { lines: number; follow: boolean; signal: AbortSignal; print(text: string): void },
): Promise<void> {
    const file = join(folder, `${name}.log`);
    if (!existsSync(file)) {
        throw new Error(`there is no log "${name}"; there are ${logNames(folder).join(", ") || "none"}`);
    }
    const descriptor = openSync(file, "r");
    try {
        let position = fstatSync(descriptor).size;
        options.print(`${lastLines(file, options.lines)}\n`);
        while (options.follow && !options.signal.aborted && existsSync(file)) {
            await sleep(FOLLOW_MS);
            const { size } = fstatSync(descriptor);
            if (size > position) {
                const added = Buffer.alloc(size - position);
                readSync(descriptor, added, 0, added.length, position);
                position = size;
                options.print(added.toString("utf8"));
            }
        }
    } finally {
        closeSync(descriptor);
    }
}
