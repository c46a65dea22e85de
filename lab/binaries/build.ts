import { execFile, spawn } from "node:child_process";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { cachedFile } from "./local";
import type { Outcome, Progress, Step } from "./steps";
import { type BinaryName, SOURCES } from "./versions";

/** What the folders of builds under way begin with. */
export const BUILDS = "build-";

const TELL_EVERY_MS = 5_000;

/** Builds what is missing from the Go modules pinned beside this file: minutes the first time, later seconds. */
export function fromSource(folder: string): Step {
    return {
        title: "built from its Go module",
        async find(names, onProgress) {
            const outcome: Outcome = { found: {}, missed: {} };
            const groups = new Map<string, BinaryName[]>();
            for (const name of names) {
                groups.set(SOURCES[name].module, [...(groups.get(SOURCES[name].module) ?? []), name]);
            }
            // One after the other: each uses all the processors by itself.
            for (const group of groups.values()) {
                try {
                    await build(group, folder, onProgress);
                    group.forEach((name) => (outcome.found[name] = cachedFile(folder, name)));
                } catch (error) {
                    const reason = error instanceof Error ? error.message : String(error);
                    group.forEach((name) => (outcome.missed[name] = reason));
                }
            }
            return outcome;
        },
    };
}

/** Binaries of one module, together: they share most of their packages. */
async function build(names: BinaryName[], folder: string, onProgress: Progress): Promise<void> {
    await promisify(execFile)("go", ["version"]).catch(() => {
        throw new Error("there is no Go on PATH (1.26 or newer is needed)");
    });
    const { module, ldflags } = SOURCES[names[0]];
    const scratch = await mkdtemp(join(folder, BUILDS));
    try {
        const packages = names.map((name) => SOURCES[name].package);
        const flags = ["-trimpath", "-buildvcs=false", `-ldflags=${ldflags}`];
        await go(["build", "-v", ...flags, "-o", `${scratch}/`, ...packages], join(__dirname, module), (line) =>
            onProgress(`building ${names.join(", ")}: ${line}`),
        );
        for (const name of names) {
            await rename(join(scratch, outputName(SOURCES[name].package)), cachedFile(folder, name));
        }
    } finally {
        await rm(scratch, { recursive: true, force: true });
    }
}

/** The go command names a program after its package, and skips a version at the end: ".../server/v3" gives "server". */
function outputName(goPackage: string): string {
    const last = basename(goPackage);
    return /^v\d+$/.test(last) ? basename(goPackage.slice(0, -last.length - 1)) : last;
}

async function go(args: string[], cwd: string, onProgress: Progress): Promise<void> {
    const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" };
    const started = Date.now();
    const child = spawn("go", args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
    const kill = (): void => void child.kill();
    process.once("exit", kill);
    const ended = new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
    });
    const last: string[] = [];
    let packages = 0;
    let now = "starting";
    const tell = (): void => {
        onProgress(`${now} (${packages} packages compiled, ${Math.round((Date.now() - started) / 1_000)} s)`);
    };
    tell();
    const timer = setInterval(tell, TELL_EVERY_MS);
    try {
        for await (const line of createInterface({ input: child.stderr })) {
            now = line.startsWith("go: ") ? line.slice(4) : "compiling";
            packages += line.startsWith("go: ") ? 0 : 1;
            last.push(line);
            last.splice(0, last.length - 10);
        }
        if ((await ended) !== 0) {
            throw new Error(`go ${args[0]} failed: ${last.join("\n    ")}`);
        }
    } finally {
        clearInterval(timer);
        process.off("exit", kill);
    }
}
