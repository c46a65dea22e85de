import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kube, KubeObject } from "../../kube";
import { containerInputs } from "./container";
import type { Identities } from "./identities";
import { type ContainerState, KeptProcess, type Program, type Surroundings } from "./process";
import { isOpen, Proxy, type ProxyListener } from "./proxy";
import type { MeshView, Workload } from "./translate";
import { OUTBOUND_PORT } from "./translate";
import { programContainers, proxyContainer } from "./workload";

const RETRY_MS = 500;
/** How long requests under way may take: the agent beside Envoy waits as long (terminationDrainDuration). */
const DRAIN_MS = 5_000;
const PROXY_GRACE_MS = 500;

/** What a pod needs of the lab. */
export interface PodEnvironment extends Surroundings {
    kube: Kube;
    /** The folder of this lab's pods. */
    folder: string;
    logs: string;
    /** The file with the addresses of Services. */
    services: string;
    envoy: string;
    identities: Identities;
    redirect: string;
    /** The file of an image's program, if there is one. */
    programOf(image: string): string | undefined;
    meshOf(pod: KubeObject): MeshView | undefined;
    proxies: ProxyListener;
}

/** The processes of one pod: a program for each container whose image the lab knows, and its Envoy. */
export class PodRun {
    /** Who is told of every change. */
    onChange: () => void = () => undefined;
    private readonly processes: KeptProcess[] = [];
    private readonly folder: string;
    private proxy?: Proxy;
    private stopped = false;
    /** All processes have been started. */
    private complete = false;

    constructor(
        readonly pod: KubeObject,
        private readonly self: Workload,
        private readonly around: PodEnvironment,
    ) {
        const { namespace, name, uid } = pod.metadata;
        this.folder = join(around.folder, `${namespace}.${name}.${uid!.slice(0, 8)}`);
    }

    get states(): ContainerState[] {
        return this.processes.map(({ state }) => state);
    }

    /** Containers that the lab runs nothing for are as good as they can be. */
    get ready(): boolean {
        return this.complete && this.states.every(({ ready }) => ready);
    }

    async start(): Promise<void> {
        mkdirSync(this.folder, { recursive: true, mode: 0o700 });
        for (let said = ""; !this.stopped; await sleep(RETRY_MS)) {
            try {
                const programs = await this.programs();
                if (!this.stopped) {
                    programs.forEach((program) => this.keep(program));
                    this.complete = true;
                    this.onChange();
                }
                return;
            } catch (error) {
                const { message } = error as Error;
                if (message !== said) {
                    said = message;
                    this.around.proxies.log(`pod ${this.pod.metadata.namespace}/${this.pod.metadata.name}: ${message}`);
                }
            }
        }
    }

    /** The mesh may have changed. */
    async update(): Promise<void> {
        const mesh = this.around.meshOf(this.pod);
        // A pod that its control plane does not know any more keeps what it had, as a proxy does that hears nothing any more.
        if (mesh !== undefined) {
            await this.proxy?.update(mesh);
        }
    }

    /** Resolves when the proxy goes by what the mesh is now, or when that does not happen in time. */
    async settled(until: number): Promise<void> {
        if (!this.stopped) {
            await this.update();
            await this.proxy?.settled(until);
        }
    }

    async stop(graceMs: number): Promise<void> {
        this.stopped = true;
        const proxy = proxyContainer(this.pod);
        const isProxy = (each: KeptProcess): boolean => each.state.name === proxy;
        await Promise.all(this.processes.filter((each) => !isProxy(each)).map((each) => each.stop(graceMs)));
        await this.proxy?.drained(Date.now() + Math.min(graceMs, DRAIN_MS));
        await Promise.all(this.processes.filter(isProxy).map((each) => each.stop(PROXY_GRACE_MS)));
        this.proxy?.close();
        rmSync(this.folder, { recursive: true, force: true });
    }

    kill(): void {
        this.stopped = true;
        this.processes.forEach((each) => each.kill());
    }

    private keep(program: Program): void {
        const kept = new KeptProcess(program, this.around, () => this.onChange());
        this.processes.push(kept);
        kept.start();
    }

    private async programs(): Promise<Program[]> {
        const own = await Promise.all(
            programContainers(this.pod).map((container) => {
                const file = this.around.programOf(container.image);
                return file === undefined ? [] : this.program(container, file);
            }),
        );
        return [...own.flat(), ...(await this.proxyPrograms())];
    }

    private async proxyPrograms(): Promise<Program[]> {
        const name = proxyContainer(this.pod);
        if (name === undefined) {
            return [];
        }
        const mesh = this.around.meshOf(this.pod);
        if (mesh === undefined) {
            throw new Error("its proxy has no mesh yet");
        }
        const { identities, proxies, envoy } = this.around;
        this.proxy ??= await Proxy.create(this.self, mesh, join(this.folder, "proxy"), identities, proxies);
        // It may have changed while the certificate was made.
        await this.proxy.update(this.around.meshOf(this.pod) ?? mesh);
        return [this.proxy.program(envoy, name, this.logOf(name))];
    }

    private async program(container: Record<string, any>, file: string): Promise<Program[]> {
        const { sidecar, address, appAddress, namespace } = this.self;
        const host = sidecar ? appAddress : address;
        const port: number = container.ports?.[0]?.containerPort ?? 8080;
        const root = join(this.folder, container.name);
        const { env } = await containerInputs(this.around.kube, this.withIP(), container, root);
        return [
            {
                name: container.name,
                command: process.execPath,
                args: ["--require", this.around.redirect, file, ...(container.args ?? []), `--pod=${this.folder}`],
                env: {
                    PATH: process.env.PATH,
                    HOSTNAME: this.pod.metadata.name,
                    SERVER_PORT: String(port),
                    ...env,
                    SERVER_ADDRESS: host,
                    LAB_SERVICES: this.around.services,
                    LAB_NAMESPACE: namespace,
                    LAB_ADDRESS: address,
                    LAB_SIDECAR: sidecar ? `${address}:${OUTBOUND_PORT}` : "",
                },
                folder: this.folder,
                log: this.logOf(container.name),
                answers: () => isOpen(host, Number(env.SERVER_PORT ?? port)),
            },
        ];
    }

    /** The pod as its programs see it: with its address, which the API may not have yet. */
    private withIP(): KubeObject {
        const podIP = this.self.address.replace(/^127\./, "10.");
        return { ...this.pod, status: { ...this.pod.status, podIP } };
    }

    private logOf(container: string): string {
        return join(this.around.logs, `${this.pod.metadata.namespace}.${this.pod.metadata.name}.${container}.log`);
    }
}
