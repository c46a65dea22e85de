import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../kube";
import { cacheDir } from "../state";

/** CRDs that a published Go module carries; its version and checksum are in the go.mod beside this file. */
export interface ModuleFiles {
    module: string;
    files: string[];
}

export const ISTIO: ModuleFiles = {
    module: "istio.io/api",
    files: ["kubernetes/customresourcedefinitions.gen.yaml"],
};

export const ROUTE: ModuleFiles = {
    module: "github.com/openshift/api",
    files: ["route/v1/zz_generated.crd-manifests/routes.crd.yaml"],
};

/** The standard channel, which is what OpenShift 4.19 brings, too (openshift/cluster-ingress-operator). */
export const GATEWAY_API: ModuleFiles = {
    module: "sigs.k8s.io/gateway-api",
    files: ["gatewayclasses", "gateways", "grpcroutes", "httproutes", "referencegrants"].map(
        (name) => `config/crd/standard/gateway.networking.k8s.io_${name}.yaml`,
    ),
};

const loaded = new Map<string, Promise<KubeObject[]>>();

/**
 * The CRDs of a module's files. The first time they are fetched with Go and put into the cache as JSON, which is read
 * ten times as fast. Errors: an Error that says what of this failed.
 */
export function crdsOfModule(source: ModuleFiles): Promise<KubeObject[]> {
    let crds = loaded.get(source.module);
    if (!crds) {
        crds = load(source);
        crds.catch(() => loaded.delete(source.module));
        loaded.set(source.module, crds);
    }
    return crds;
}

async function load({ module, files }: ModuleFiles): Promise<KubeObject[]> {
    const version = await pinnedVersion(module);
    const cached = join(cacheDir(), "crds", `${module.replaceAll("/", "-")}-${version}.json`);
    if (existsSync(cached)) {
        return JSON.parse(await readFile(cached, "utf8"));
    }
    const folder = await moduleFolder(module, version);
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    const crds = texts
        .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS()))
        .filter((object) => object?.kind === "CustomResourceDefinition");
    await mkdir(join(cacheDir(), "crds"), { recursive: true });
    await writeFile(`${cached}.${process.pid}`, JSON.stringify(crds));
    await rename(`${cached}.${process.pid}`, cached);
    return crds;
}

async function pinnedVersion(module: string): Promise<string> {
    const lines = (await readFile(join(__dirname, "go.mod"), "utf8")).split("\n").map((line) => line.trim().split(" "));
    const version = lines.find(([name]) => name === module)?.[1];
    if (version === undefined) {
        throw new Error(`lab/crds/go.mod does not require ${module}`);
    }
    return version;
}

/** Where Go keeps the module, fetched and checked against go.sum. */
async function moduleFolder(module: string, version: string): Promise<string> {
    const env = { ...process.env, GOFLAGS: "-mod=readonly", GOWORK: "off" };
    const args = ["mod", "download", "-json", module];
    try {
        const { stdout } = await promisify(execFile)("go", args, { cwd: __dirname, env });
        return JSON.parse(stdout).Dir;
    } catch (error) {
        const { code, stdout, stderr } = error as { code?: string; stdout?: string; stderr?: string };
        const reason = code === "ENOENT" ? "there is no Go on PATH" : stderr || stdout || String(error);
        throw new Error(`the CRDs of ${module} ${version} could not be fetched: ${reason.trim()}`);
    }
}
