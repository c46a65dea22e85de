import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { bootstrap, ProxyConfig, type Versions } from "../../../lab/dataplane/envoy-config";
import { findEnvoy } from "../../../lab/dataplane/envoy-binary";
import {
    type MeshView,
    type ProxyFiles,
    translate,
    type Translation,
    type Workload,
} from "../../../lab/dataplane/translate";
import { ask, reported } from "./admin";
import { type Identity, TestAuthority } from "./certificates";
import { emptyView, inlined, ofInterest } from "./views";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

interface Proxy {
    workload: Workload;
    sees: Partial<MeshView>;
    files: ProxyFiles;
    config: ProxyConfig;
    admin: string;
    process?: ChildProcess;
    log: string[];
    /** How many configurations Envoy has refused. */
    rejected: number;
}

/** Each has two addresses that end with a number below 255. */
const MOST_PODS = 126;

/** Only a proxy that hangs takes so long. */
const PATIENCE_MS = 45_000;

// None may outlive a test run, however that ends.
const children = new Set<ChildProcess>();
process.once("exit", () => children.forEach((child) => child.kill("SIGKILL")));

/** Pods with real Envoys before them, on loopback addresses of this test run. */
export class Playground {
    private readonly proxies: Proxy[] = [];
    private readonly servers: Server[] = [];
    /** Of all playgrounds, as several may be open at once. */
    private static pods = 0;
    private view: MeshView = emptyView();

    private constructor(
        private readonly envoy: string,
        private readonly folder: string,
        readonly authority: TestAuthority,
    ) {}

    static async open(): Promise<Playground> {
        const envoy = await findEnvoy(() => undefined);
        return new Playground(envoy, await mkdtemp(join(tmpdir(), "mesh-translator-")), await TestAuthority.create());
    }

    /**
     * A pod; its program listens on every port, behind the sidecar if it has one. @param sees what is different in the
     * eyes of its control plane, when that is another one
     */
    async pod(
        o: Partial<Workload> & { namespace: string; pod: string },
        program?: Handler,
        sees: Partial<MeshView> = {},
    ): Promise<Workload> {
        const number = (Playground.pods++ % MOST_PODS) + 1;
        const workload = {
            labels: { app: o.pod },
            serviceAccount: o.pod,
            address: address(number),
            appAddress: address(number + 128),
            ports: [8080],
            sidecar: true,
            gateway: false,
            ...o,
        };
        this.view.workloads.push(workload);
        for (const port of program === undefined ? [] : workload.ports) {
            await this.serve(program!, workload.sidecar ? workload.appAddress : workload.address, port);
        }
        if (workload.sidecar || workload.gateway) {
            await this.addProxy(workload, sees);
        }
        return workload;
    }

    /** Changes what the API server would hold, and waits until every proxy goes by it. */
    async apply(patch: Partial<MeshView>): Promise<void> {
        this.view = { ...this.view, ...patch };
        const versions = await Promise.all(
            this.proxies.map(async (proxy) => {
                const translation = this.translate(proxy);
                return ofInterest(await proxy.config.write(translation), translation);
            }),
        );
        this.proxies.forEach((proxy) => this.start(proxy));
        await Promise.all(this.proxies.map((proxy, index) => this.effective(proxy, versions[index])));
    }

    /** The view as it is now. */
    get now(): MeshView {
        return this.view;
    }

    /** What Envoy itself says of a configuration that it reads anew: empty when it is fine. */
    async validate(translation: Translation, name: string): Promise<string> {
        const file = join(this.folder, `validate-${name}.json`);
        const static_resources = { listeners: inlined(translation), clusters: translation.clusters };
        const { dynamic_resources, ...config } = this.bootstrapOf(this.proxies[0]) as Record<string, unknown>;
        await writeFile(file, JSON.stringify({ ...config, static_resources }));
        try {
            const flags = ["--mode", "validate", "-l", "error", "--use-dynamic-base-id"];
            await promisify(execFile)(this.envoy, [...flags, "--config-path", file]);
            return "";
        } catch (error) {
            return (error as { stderr: string }).stderr;
        }
    }

    files(workload: Workload): ProxyFiles {
        const folder = join(this.folder, workload.pod);
        return {
            cert: join(folder, "cert.pem"),
            key: join(folder, "key.pem"),
            ca: join(folder, "ca.pem"),
            folder,
        };
    }

    /** A counter of a proxy, 0 when it has none of that name. */
    async counter(workload: Workload, name: string): Promise<number> {
        const proxy = this.proxies.find((each) => each.workload === workload)!;
        const { stats } = JSON.parse(await ask(proxy.admin, `/stats?format=json&filter=^${name}$`));
        return stats[0]?.value ?? 0;
    }

    async identity(namespace: string, serviceAccount: string): Promise<Identity> {
        return this.authority.issue(`spiffe://cluster.local/ns/${namespace}/sa/${serviceAccount}`);
    }

    async close(): Promise<void> {
        this.proxies.forEach(({ config }) => config.close());
        await Promise.all(this.proxies.map(({ process }) => process && ended(process)));
        this.servers.forEach((server) => {
            server.closeAllConnections();
            server.close();
        });
        await rm(this.folder, { recursive: true, force: true });
    }

    translate(proxy: { workload: Workload; sees?: Partial<MeshView>; files: ProxyFiles }): Translation {
        return translate({ ...this.view, ...proxy.sees }, proxy.workload, proxy.files);
    }

    async serve(program: Handler, host: string, port: number): Promise<void> {
        const server = createServer(program);
        this.servers.push(server);
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject);
            server.listen(port, host, resolve);
        });
    }

    private async addProxy(workload: Workload, sees: Partial<MeshView>): Promise<void> {
        const files = this.files(workload);
        await mkdir(files.folder, { recursive: true });
        const { cert, key } = await this.identity(workload.namespace, workload.serviceAccount);
        await writeFile(files.cert, cert);
        await writeFile(files.key, key, { mode: 0o600 });
        await writeFile(files.ca, this.authority.cert);
        const admin = join(files.folder, "admin");
        const config = new ProxyConfig(files.folder);
        this.proxies.push({ workload, sees, files, config, admin, log: [], rejected: 0 });
    }

    private start(proxy: Proxy): void {
        if (proxy.process !== undefined) {
            return;
        }
        const config = this.bootstrapOf(proxy);
        const flags = ["--use-dynamic-base-id", "--concurrency", "1", "-l", "warn"];
        const drain = ["--drain-time-s", "5", "--drain-strategy", "immediate"];
        const child = spawn(this.envoy, ["--config-yaml", JSON.stringify(config), ...flags, ...drain], {
            stdio: ["ignore", "ignore", "pipe"],
        });
        child.stderr.on("data", (chunk) => proxy.log.push(String(chunk)));
        proxy.process = child;
        children.add(child);
        child.once("exit", () => children.delete(child));
    }

    private bootstrapOf({ workload: { pod, namespace }, files, admin }: Proxy): object {
        return bootstrap({ id: pod, cluster: namespace, folder: files.folder, admin: { socket: admin } });
    }

    /** Waits until Envoy reports every version that was written, and until all its ports are open. */
    private async effective(proxy: Proxy, versions: Versions): Promise<void> {
        const until = Date.now() + PATIENCE_MS;
        let missing: string[] = [];
        while (Date.now() < until) {
            const seen = await reported(proxy.admin).catch(() => undefined);
            if (seen !== undefined) {
                missing = Object.keys(versions).filter((file) => !seen.versions.has(versions[file]));
                if (missing.length === 0 && seen.warming === 0) {
                    return;
                }
                if (seen.rejected > proxy.rejected) {
                    proxy.rejected = seen.rejected;
                    break;
                }
            }
            if (proxy.process?.exitCode !== null) {
                break;
            }
            await sleep(5);
        }
        const which = missing.map((file) => file.split("/").pop()).join(", ");
        throw new Error(`${proxy.workload.pod} did not take ${which} in:\n${proxy.log.slice(-3).join("")}`);
    }
}

/** 127.251-254.x.y: a lab's own addresses end at 127.250, and other test runs have other pids. */
function address(number: number): string {
    return `127.${251 + (process.pid % 4)}.${Math.floor(process.pid / 4) % 256}.${number}`;
}

async function ended(child: ChildProcess): Promise<void> {
    const exit = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await exit;
    }
}
