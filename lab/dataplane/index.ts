import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kube, KubeObject } from "../../kube";
import type { Settings } from "../settings";
import type { Paths } from "../state";
import { podIP, ServiceAddresses } from "./addresses";
import { ClusterView } from "./cluster-view";
import { Identities } from "./identities";
import { type Octet, takeOctet } from "./octet";
import { type PodEnvironment, PodRun } from "./pod-run";
import type { ContainerState } from "./process";
import { Programs } from "./programs";
import { HostRouter } from "./router";
import { routerFront, type RouterFront } from "./router-front";
import { ServiceProxy } from "./service-proxy";
import type { Refusal } from "./translate";
import { isReady, programContainers, proxyContainer, workloadOf } from "./workload";

const CHECK_MS = 10;

export interface DataPlaneOptions {
    kube: Kube;
    paths: Paths;
    /** The path of an Envoy. */
    envoy: string;
    settings(): Settings;
    delay(realMs: number): Promise<void>;
    log(line: string): void;
    signal: AbortSignal;
}

/** What runs for a pod, told to the kubelet. */
export interface RunningPod {
    ready: boolean;
    containers: ContainerState[];
}

/**
 * The part of a lab through which requests flow: the programs and Envoys of pods, the router's port and the addresses
 * of Services. All of it belongs to one process, and ends with it.
 */
export class DataPlane {
    private readonly runs = new Map<string, PodRun>();
    private readonly view: ClusterView;
    private readonly services: ServiceProxy;
    private readonly hosts: HostRouter;
    private readonly around: PodEnvironment;
    private readonly said = new Map<string, Set<string>>();

    private constructor(
        private readonly options: DataPlaneOptions,
        private readonly octet: Octet,
        programs: Programs,
        identities: Identities,
        private readonly front: RouterFront,
    ) {
        const { kube, paths, settings, signal, log, delay } = options;
        const addresses = new ServiceAddresses(paths.addresses, octet.number);
        this.view = new ClusterView(kube, octet.number, signal, log);
        const patience = (): Promise<void> => delay(settings().router.cutOffDelay);
        this.services = new ServiceProxy(this.view, addresses, octet.number, log, patience);
        this.hosts = new HostRouter(this.view, octet.number, front.certificate, patience);
        this.around = {
            kube,
            folder: paths.pods,
            pids: paths.pids,
            logs: paths.logs,
            services: paths.addresses,
            envoy: options.envoy,
            identities,
            redirect: programs.redirect,
            delay,
            programOf: (image) =>
                programs.of(image, { apps: settings().dataplane.images, listener: settings().tekton.image }),
            meshOf: (pod) => this.view.meshOf(pod),
            proxies: { log, refused: (mesh, refusals) => this.say(mesh, refusals) },
        };
    }

    /** Errors: what keeps this machine from having one, in words. */
    static async create(options: DataPlaneOptions): Promise<DataPlane> {
        const octet = await takeOctet();
        try {
            const programs = await Programs.build(join(options.paths.home, "programs"));
            const folder = join(options.paths.home, "ca");
            const identities = new Identities(folder);
            const front = await routerFront(folder, options.settings().router.domain);
            return new DataPlane(options, octet, programs, identities, front);
        } catch (error) {
            octet.release();
            throw error;
        }
    }

    /** Opens the router's ports, and says where they are and whom to trust there. */
    async openRouter(): Promise<{ router: string; routerTls: string; routerCa: string }> {
        const { plain, tls } = await this.hosts.listen();
        return { router: plain, routerTls: tls, routerCa: this.front.ca };
    }

    /** Begins to look at the cluster; resolves when it knows what is there. */
    async watch(): Promise<void> {
        this.view.onChange(() => this.changed());
        await this.view.start();
        this.changed();
    }

    /** The address in the API of the number-th pod of the lab. */
    podIP(number: number): string {
        return podIP(number, this.octet.number);
    }

    /** Whether anything runs for this pod. */
    plays(pod: KubeObject): boolean {
        const knows = programContainers(pod).some(({ image }) => this.around.programOf(image) !== undefined);
        return proxyContainer(pod) !== undefined || knows;
    }

    /** Starts what belongs to a pod, unless it runs already, and tells of every change from now on. */
    run(pod: KubeObject, address: string, onChange: (now: RunningPod) => void): void {
        const uid = pod.metadata.uid!;
        const self = workloadOf(pod, this.octet.number, address);
        let run = this.runs.get(uid);
        const isNew = run === undefined;
        if (run === undefined) {
            if (self === undefined) {
                throw new Error(`${address} is no address of this lab's pods`);
            }
            run = new PodRun(pod, self, this.around);
            this.runs.set(uid, run);
        }
        const current = run;
        current.onChange = () => onChange({ ready: current.ready, containers: current.states.map((s) => ({ ...s })) });
        if (isNew) {
            void current.start();
        } else {
            current.onChange();
        }
    }

    /**
     * Ends what belongs to a pod: when nobody is sent to it any more, its programs, then its proxy. At the latest after
     * so many milliseconds, without any at once. Does nothing for another pod.
     */
    async stop(uid: string, graceMs: number): Promise<void> {
        const run = this.runs.get(uid);
        if (run === undefined) {
            return;
        }
        run.onChange = () => undefined;
        if (graceMs > 0) {
            await this.leftAlone(uid, Date.now() + graceMs);
        }
        this.runs.delete(uid);
        await run.stop(graceMs);
    }

    /** Waits until the view has no longer got the pod as ready, and every proxy goes by that. */
    private async leftAlone(uid: string, until: number): Promise<void> {
        const isReachable = (): boolean =>
            this.view.all("pods").some((pod) => pod.metadata.uid === uid && isReady(pod));
        while (isReachable() && Date.now() < until) {
            await sleep(CHECK_MS);
        }
        const others = [...this.runs.values()];
        await Promise.all(others.map((run) => run.settled(until).catch(() => undefined)));
    }

    /** Whether something runs for the pod of this uid. */
    has(uid: string): boolean {
        return this.runs.has(uid);
    }

    /** Ends everything at once. */
    close(): void {
        this.runs.forEach((run) => run.kill());
        this.services.close();
        this.hosts.close();
        this.octet.release();
    }

    private changed(): void {
        this.services.update();
        for (const run of this.runs.values()) {
            run.update().catch((error: Error) => this.options.log(`${run.pod.metadata.name}: ${error.message}`));
        }
    }

    /** Each refusal once, and again when it had been gone. */
    private say(mesh: string, refusals: Refusal[]): void {
        const before = this.said.get(mesh);
        const lines = refusals.map(
            ({ object, field, why, effect }) =>
                `${object.kind} ${object.namespace}/${object.name}: ${field} ${why}: ${effect}`,
        );
        lines.filter((line) => !before?.has(line)).forEach((line) => this.options.log(line));
        this.said.set(mesh, new Set(lines));
    }
}
