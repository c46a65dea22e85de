import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../lock";
import { cacheDir } from "../state";
import { BUILDS, fromSource } from "./build";
import { DOWNLOADS, official } from "./download";
import { inCache, onPath } from "./local";
import { findAll, type Outcome, type Progress, type Step } from "./steps";
import { type BinaryName, SOURCES } from "./versions";

/**
 * The paths of the control plane's programs: on PATH, else in the cache, else downloaded, else built. Only one
 * process at a time downloads or builds for a cache. Errors: see findAll.
 */
export async function findBinaries(onProgress: Progress): Promise<Record<BinaryName, string>> {
    const names = Object.keys(SOURCES) as BinaryName[];
    const folder = join(cacheDir(), "bin");
    mkdirSync(folder, { recursive: true });
    return findAll(names, [onPath(), inCache(folder), ...fetched(folder)], onProgress);
}

function fetched(folder: string): Step[] {
    return [official(folder), fromSource(folder)].map((step) => ({
        title: step.title,
        find: (names, onProgress) =>
            withLock(
                join(folder, "lock"),
                () => fetchUnlessCached(step, folder, names, onProgress),
                (pid) => onProgress(`waiting for process ${pid}, which is fetching the same binaries`),
            ),
    }));
}

/** What a download or a build that was killed has left; only the holder of the lock has any of its own. */
function clearScratch(folder: string): void {
    readdirSync(folder)
        .filter((name) => name.startsWith(DOWNLOADS) || name.startsWith(BUILDS))
        .forEach((name) => rmSync(join(folder, name), { recursive: true, force: true }));
}

/** Another process may have fetched them while this one waited. */
async function fetchUnlessCached(
    step: Step,
    folder: string,
    names: BinaryName[],
    onProgress: Progress,
): Promise<Outcome> {
    clearScratch(folder);
    const { found } = await inCache(folder).find(names, onProgress);
    const rest = names.filter((name) => found[name] === undefined);
    const outcome = rest.length > 0 ? await step.find(rest, onProgress) : { found: {}, missed: {} };
    return { found: { ...found, ...outcome.found }, missed: outcome.missed };
}
