import { mkdirSync } from "node:fs";
import { get } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeFileWhole } from "../state";
import { bootstrap, ProxyConfig } from "./envoy-config";
import { type Identities, LIFETIME_MS } from "./identities";
import type { Program } from "./process";
import { type MeshView, type ProxyFiles, type Refusal, translate, type Workload } from "./translate";

const ADMIN_PORT = 15_000;
const TRY_MS = 1_000;
const CHECK_MS = 20;
/** How long Envoy may take for a change before it is asked whether it took it. */
const TAKEN_AFTER_MS = 500;

/** What the lab's owner is told about a proxy. */
export interface ProxyListener {
    /** Everything that is refused in a mesh now, by the name of its control plane. */
    refused(mesh: string, refusals: Refusal[]): void;
    log(line: string): void;
}

/** The Envoy of one pod: its identity, and its configuration as the mesh has it at the moment. */
export class Proxy {
    private readonly config: ProxyConfig;
    private listeners: { address: string; port: number }[] = [];
    private lastRejected = 0;
    private asking?: NodeJS.Timeout;
    private readonly renewing: NodeJS.Timeout;
    private latest?: MeshView;

    private constructor(
        private readonly self: Workload,
        private readonly root: string,
        private readonly folder: string,
        private readonly ids: Identities,
        private files: ProxyFiles,
        private readonly listener: ProxyListener,
    ) {
        this.config = new ProxyConfig(folder);
        this.renewing = setInterval(() => void this.renew(), LIFETIME_MS / 2);
        this.renewing.unref();
    }

    /** With an identity by the authority of the mesh that the proxy begins in, and stays in. */
    static async create(
        self: Workload,
        { controlPlane }: MeshView,
        folder: string,
        ids: Identities,
        listener: ProxyListener,
    ): Promise<Proxy> {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const root = controlPlane.namespace;
        const files = { ...(await ids.issue(root, self.namespace, self.serviceAccount, folder)), folder };
        return new Proxy(self, root, folder, ids, files, listener);
    }

    /** Writes what the mesh wants of this proxy now; Envoy takes it within some milliseconds. */
    async update(mesh: MeshView): Promise<void> {
        this.latest = mesh;
        const translation = translate(mesh, this.self, this.files);
        this.listener.refused(mesh.controlPlane.name, translation.refused);
        this.listeners = (translation.listeners as Listening[]).map(({ address: { socket_address } }) => ({
            address: socket_address.address,
            port: socket_address.port_value,
        }));
        await this.config.write(translation);
        clearTimeout(this.asking);
        this.asking = setTimeout(() => void this.askWhetherTaken(), TAKEN_AFTER_MS);
        this.asking.unref();
    }

    /** To be started after the first update. */
    program(envoy: string, name: string, log: string): Program {
        const { namespace, pod, appAddress: address } = this.self;
        const id = `${this.self.gateway ? "router" : "sidecar"}~${pod}.${namespace}`;
        const file = join(this.folder, "envoy.json");
        const admin = { address, port: ADMIN_PORT };
        writeFileWhole(file, JSON.stringify(bootstrap({ id, cluster: pod, folder: this.folder, admin }), null, 4));
        const limits = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"];
        // Without it connections that are kept hold on to the rules of before for minutes.
        const drain = ["--drain-time-s", "5", "--drain-strategy", "immediate"];
        return {
            name,
            command: envoy,
            args: ["-c", file, ...limits, ...drain],
            env: {},
            folder: this.folder,
            log,
            answers: async () =>
                (await this.admin("/ready"))?.status === 200 &&
                (await Promise.all(this.listeners.map(({ address: host, port }) => isOpen(host, port)))).every(Boolean),
        };
    }

    /** Waits until Envoy goes by everything that has been written for it. */
    settled(until: number): Promise<void> {
        return this.waits(until, async () => {
            const seen = await this.counters("version_text|warming");
            const versions = Object.keys(seen).filter((name) => name.endsWith("cds.version_text"));
            const warming = Object.keys(seen).filter((name) => name.includes("warming"));
            return (
                versions.some((name) => seen[name] === `"${this.config.clustersVersion}"`) &&
                warming.every((name) => Number(seen[name]) === 0)
            );
        });
    }

    /** Waits until no request is under way. */
    drained(until: number): Promise<void> {
        return this.waits(until, async () => {
            const seen = await this.counters("downstream_rq_active");
            // The first one is that of the admin interface, which is being asked.
            return Object.keys(seen).every((name) => name.startsWith("http.admin.") || Number(seen[name]) === 0);
        });
    }

    /** Until it is so, the time is over, or Envoy does not answer. */
    private async waits(until: number, isSo: () => Promise<boolean>): Promise<void> {
        while (Date.now() < until && !(await isSo().catch(() => true))) {
            await sleep(CHECK_MS);
        }
    }

    /** Envoy's statistics whose names match. Errors: it does not answer. */
    private async counters(filter: string): Promise<Record<string, string>> {
        const answer = await this.admin(`/stats?filter=${encodeURIComponent(filter)}`);
        if (answer?.status !== 200) {
            throw new Error(`the proxy of ${this.self.pod} does not answer`);
        }
        const lines = answer.body.split("\n").filter((line) => line.includes(": "));
        return Object.fromEntries(lines.map((line) => line.split(": ") as [string, string]));
    }

    close(): void {
        clearTimeout(this.asking);
        clearInterval(this.renewing);
        this.config.close();
    }

    /** A new certificate, in files of other names: that is a change, which Envoy takes. */
    private async renew(): Promise<void> {
        const { namespace, serviceAccount } = this.self;
        this.files = {
            ...(await this.ids.issue(this.root, namespace, serviceAccount, this.folder)),
            folder: this.folder,
        };
        if (this.latest !== undefined) {
            await this.update(this.latest);
        }
    }

    /** What Envoy rejects stays without effect; nobody else would say so. */
    private async askWhetherTaken(): Promise<void> {
        const counts = Object.values(await this.counters("update_rejected").catch(() => ({})));
        const rejected = counts.reduce((sum, count) => sum + Number(count), 0);
        if (rejected > this.lastRejected) {
            this.listener.log(`Envoy rejects a part of its configuration, see its log: ${this.self.pod}`);
        }
        this.lastRejected = rejected;
    }

    private admin(path: string): Promise<{ status?: number; body: string } | undefined> {
        return new Promise((resolve) => {
            const options = { host: this.self.appAddress, port: ADMIN_PORT, path, timeout: TRY_MS, agent: false };
            const request = get(options, (response) => {
                let body = "";
                response.setEncoding("utf8");
                response.on("data", (chunk: string) => (body += chunk));
                response.on("end", () => resolve({ status: response.statusCode, body }));
                response.on("error", () => resolve(undefined));
            });
            request.on("error", () => resolve(undefined));
            request.on("timeout", () => request.destroy());
        });
    }
}

interface Listening {
    address: { socket_address: { address: string; port_value: number } };
}

/** Whether somebody listens there. */
export function isOpen(host: string, port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = connect({ host, port, timeout: TRY_MS });
        const end = (open: boolean): void => {
            socket.destroy();
            resolve(open);
        };
        socket.once("connect", () => end(true));
        socket.once("error", () => end(false));
        socket.once("timeout", () => end(false));
    });
}
