import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { eachByItself, type Step } from "./steps";
import { type BinaryName, SOURCES } from "./versions";

/** Binaries on PATH, if their version will do. */
export function onPath(path: string | undefined = process.env.PATH): Step {
    return eachByItself("on PATH", async (name) => {
        const file = (path ?? "")
            .split(delimiter)
            .map((folder) => join(folder, name))
            .find(isExecutable);
        if (file === undefined) {
            throw new Error("there is none");
        }
        const source = SOURCES[name];
        const { stdout } = await promisify(execFile)(file, source.versionArgs, { timeout: 10_000 });
        const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? "unknown";
        if (!source.accepts(version)) {
            throw new Error(`${file} is version ${version}, wanted is ${source.accepted}`);
        }
        return file;
    });
}

/** Binaries that an earlier run has put into the cache. */
export function inCache(folder: string): Step {
    return eachByItself("in the cache", async (name) => {
        const file = cachedFile(folder, name);
        if (!isExecutable(file)) {
            throw new Error(`there is no ${file}`);
        }
        return file;
    });
}

/** Where the cache keeps this version of a binary for this machine's kind. */
export function cachedFile(folder: string, name: BinaryName): string {
    return join(folder, `${name}-v${SOURCES[name].version}-${process.platform}-${process.arch}`);
}

function isExecutable(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
    } catch {
        return false;
    }
}
