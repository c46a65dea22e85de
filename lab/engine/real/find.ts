import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Found {
    /** The executable. */
    pulumi: string;
    version: string;
    /** Where it is from, for a person. */
    from: string;
}

const REACH_MS = 3_000;
const VERSION_MS = 10_000;
const DOWNLOAD_MS = 180_000;

/** Where the CLI's own installer takes it from; the npm package `pulumi` does nothing else. */
const DOWNLOADS = "https://get.pulumi.com/";

/** Not found once is not found for as long as this process lives. */
let unreachable: string | undefined;

/**
 * The Pulumi CLI: on PATH, or downloaded before, or fetched now by the npm package `pulumi`. To find out that it cannot
 * be fetched takes three seconds at most. Resolves to the reason when there is none.
 */
export async function findPulumi(
    env: NodeJS.ProcessEnv,
    options: { download: boolean; onProgress?(line: string): void },
): Promise<Found | { missing: string }> {
    for (const { file, from } of [...onPath(env), ...downloaded(env)]) {
        const version = await versionOf(file, env);
        if (version) {
            return { pulumi: file, version, from };
        }
    }
    if (!options.download) {
        return { missing: "the Pulumi CLI is not on PATH" };
    }
    unreachable ??= await whyUnreachable();
    if (unreachable !== "") {
        return { missing: `the Pulumi CLI is not on PATH and cannot be fetched (${unreachable})` };
    }
    options.onProgress?.("fetching the Pulumi CLI");
    try {
        await run("npm", ["exec", "--yes", "--package=pulumi", "--", "pulumi", "version"], {
            cwd: tmpdir(),
            env,
            timeout: DOWNLOAD_MS,
        });
    } catch (error) {
        unreachable = (error as Error).message.split("\n")[0];
        return { missing: `the Pulumi CLI is not on PATH and could not be fetched (${unreachable})` };
    }
    return findPulumi(env, { download: false });
}

function onPath(env: NodeJS.ProcessEnv): { file: string; from: string }[] {
    const files = (env.PATH ?? "")
        .split(delimiter)
        .filter(Boolean)
        .map((dir) => join(dir, "pulumi"));
    return files.filter(isExecutable).map((file) => ({ file, from: "from PATH" }));
}

/** Where the installer and the npm package put it, newest first. */
function downloaded(env: NodeJS.ProcessEnv): { file: string; from: string }[] {
    const home = env.PULUMI_HOME ?? join(env.HOME ?? homedir(), ".pulumi");
    const versions = join(home, "versions");
    const names = existsSync(versions) ? readdirSync(versions) : [];
    names.sort((a, b) => b.localeCompare(a, undefined, { numeric: true }));
    const files = [join(home, "bin", "pulumi"), ...names.map((name) => join(versions, name, "bin", "pulumi"))];
    return files.filter(isExecutable).map((file) => ({ file, from: "downloaded before" }));
}

function isExecutable(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}

/** undefined when it is there but does not run. */
async function versionOf(pulumi: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
    try {
        const quiet = { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" };
        const { stdout } = await run(pulumi, ["version"], { env: quiet, timeout: VERSION_MS });
        return stdout.trim().replace(/^v/, "");
    } catch {
        return undefined;
    }
}

/** Empty when it can be reached. */
async function whyUnreachable(): Promise<string> {
    try {
        await fetch(DOWNLOADS, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(REACH_MS) });
        return "";
    } catch (error) {
        const { name, cause, message } = error as Error & { cause?: { code?: string } };
        return name === "TimeoutError" ? `no answer within ${REACH_MS / 1000} s` : (cause?.code ?? message);
    }
}
