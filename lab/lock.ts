import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `work` while no other process does under the same lock file. The file holds its owner's pid, so that one left
 * behind by a crash is taken over. `onWait` is told once whom it waits for.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait?: (pid: number) => void): Promise<T> {
    mkdirSync(dirname(file), { recursive: true });
    let told = false;
    while (!tryLock(file)) {
        const owner = ownerOf(file);
        if (owner !== undefined && !isRunning(owner)) {
            takeAway(file, owner);
            continue;
        }
        if (!told && owner !== undefined) {
            told = true;
            onWait?.(owner);
        }
        await sleep(50);
    }
    try {
        return await work();
    } finally {
        rmSync(file, { force: true });
    }
}

/** Whether a process that is alive holds this lock. */
export function isLocked(file: string): boolean {
    const owner = ownerOf(file);
    return owner !== undefined && isRunning(owner);
}

/** link() either makes the whole file or fails: nobody reads a lock without its pid. */
function tryLock(file: string): boolean {
    const own = `${file}.${randomUUID()}`;
    writeFileSync(own, String(process.pid));
    try {
        linkSync(own, file);
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") {
            return false;
        }
        throw error;
    } finally {
        rmSync(own, { force: true });
    }
}

/** Of several that see the same dead owner only one may clear it, and never the lock of the next owner. */
function takeAway(file: string, owner: number): void {
    const aside = `${file}.${randomUUID()}`;
    try {
        renameSync(file, aside);
    } catch {
        return;
    }
    if (ownerOf(aside) !== owner) {
        // It changed hands in between: give it back.
        try {
            linkSync(aside, file);
        } catch {
            // A third one has it now.
        }
    }
    rmSync(aside, { force: true });
}

function ownerOf(file: string): number | undefined {
    try {
        return Number(readFileSync(file, "utf8"));
    } catch {
        return undefined;
    }
}

function isRunning(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}
