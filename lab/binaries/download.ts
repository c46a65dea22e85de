import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { cachedFile } from "./local";
import { eachByItself, type Progress, type Step } from "./steps";
import { type BinaryName, ETCD_VERSION, KUBERNETES_VERSION } from "./versions";

/** What the folders of downloads under way begin with. */
export const DOWNLOADS = "download-";

/** How long a server may take to answer at all, and then between two pieces. */
const ANSWER_MS = 4_000;
const STALL_MS = 15_000;

interface Release {
    url: string;
    /** A text with the SHA-256 of the file: alone, or in lines of "<sum>  <file name>". */
    sums: string;
    /** The path inside, when the file is an archive. */
    member?: string;
}

/** The official releases, checked against the checksums published with them. */
export function official(folder: string): Step {
    return eachByItself("official download", (name, onProgress) => download(name, folder, onProgress));
}

async function download(name: BinaryName, folder: string, onProgress: Progress): Promise<string> {
    const release = releaseOf(name);
    // The small file first: it tells in seconds whether the server can be reached.
    const sums = await (await open(release.sums)).text();
    const fileName = release.url.slice(release.url.lastIndexOf("/") + 1);
    const wanted = sumOf(sums, fileName);
    if (wanted === undefined) {
        throw new Error(`${release.sums} holds no checksum of ${fileName}`);
    }
    const scratch = await mkdtemp(join(folder, DOWNLOADS));
    try {
        const file = join(scratch, fileName);
        const sum = await save(release.url, file, (share) => onProgress(`downloading ${name}: ${share}`));
        if (sum !== wanted) {
            throw new Error(`${release.url} has the checksum ${sum}, published is ${wanted}`);
        }
        const binary = release.member === undefined ? file : await extract(file, release.member, scratch);
        await chmod(binary, 0o755);
        await rename(binary, cachedFile(folder, name));
        return cachedFile(folder, name);
    } finally {
        await rm(scratch, { recursive: true, force: true });
    }
}

function releaseOf(name: BinaryName): Release {
    const arch = process.arch === "x64" ? "amd64" : process.arch;
    if (name === "etcd") {
        if (process.platform !== "linux") {
            throw new Error(`its archive for ${process.platform} is not read here`);
        }
        const base = `https://github.com/etcd-io/etcd/releases/download/v${ETCD_VERSION}`;
        const folder = `etcd-v${ETCD_VERSION}-linux-${arch}`;
        return { url: `${base}/${folder}.tar.gz`, sums: `${base}/SHA256SUMS`, member: `${folder}/etcd` };
    }
    if (process.platform !== "linux") {
        throw new Error(`Kubernetes publishes no ${name} for ${process.platform}`);
    }
    const url = `https://dl.k8s.io/v${KUBERNETES_VERSION}/bin/linux/${arch}/${name}`;
    return { url, sums: `${url}.sha256` };
}

/** Errors: what kept the server from answering in time, with the address. */
async function open(url: string): Promise<Response> {
    try {
        const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
        if (!response.ok) {
            throw new Error(`HTTP ${response.status}`);
        }
        return response;
    } catch (error) {
        throw new Error(`${url}: ${reasonOf(error)}`);
    }
}

async function save(url: string, file: string, onShare: (share: string) => void): Promise<string> {
    const stall = new AbortController();
    const hash = createHash("sha256");
    let timer = setTimeout(() => stall.abort(), STALL_MS);
    try {
        const response = await fetch(url, { signal: stall.signal });
        if (!response.ok || !response.body) {
            throw new Error(`HTTP ${response.status}`);
        }
        const total = Number(response.headers.get("content-length")) || undefined;
        let received = 0;
        let told = 0;
        await pipeline(
            response.body,
            async function* (chunks: AsyncIterable<Uint8Array>) {
                for await (const chunk of chunks) {
                    clearTimeout(timer);
                    timer = setTimeout(() => stall.abort(), STALL_MS);
                    hash.update(chunk);
                    received += chunk.length;
                    if (Date.now() - told > 1_000) {
                        told = Date.now();
                        const all = total === undefined ? "" : ` of ${megabytes(total)}`;
                        onShare(`${megabytes(received)}${all} MB`);
                    }
                    yield chunk;
                }
            },
            createWriteStream(file),
        );
        return hash.digest("hex");
    } catch (error) {
        const reason = stall.signal.aborted ? `nothing came for ${STALL_MS / 1_000} s` : reasonOf(error);
        throw new Error(`${url}: ${reason}`);
    } finally {
        clearTimeout(timer);
    }
}

async function extract(archive: string, member: string, folder: string): Promise<string> {
    await promisify(execFile)("tar", ["-xzf", archive, "-C", folder, member]);
    return join(folder, member);
}

/** The checksum of a file in a published list, or the only one there is. */
export function sumOf(text: string, fileName: string): string | undefined {
    const lines = text
        .trim()
        .split("\n")
        .map((line) => line.trim().split(/\s+/));
    const named = lines.find(([, name]) => name?.replace(/^\*/, "") === fileName);
    const [sum] = named ?? (lines.length === 1 ? lines[0] : []);
    return /^[0-9a-f]{64}$/.test(sum ?? "") ? sum : undefined;
}

function megabytes(bytes: number): string {
    return (bytes / 1_000_000).toFixed(0);
}

function reasonOf(error: unknown): string {
    if (!(error instanceof Error)) {
        return String(error);
    }
    if (error.name === "TimeoutError") {
        return `no answer within ${ANSWER_MS / 1_000} s`;
    }
    // fetch() says only "fetch failed"; the cause knows why.
    return error.cause instanceof Error ? error.cause.message : error.message;
}
