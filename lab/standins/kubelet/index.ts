import { isStatus, type KubeObject } from "../../../kube";
import type { RunningPod } from "../../dataplane";
import type { StandInContext } from "../types";
import { Addresses } from "./addresses";
import { makeNode, NODE_NAME } from "./node";
import { behaviourOf, restOf } from "./pod-status";
import { crashedStatus, creatingStatus, playedStatus, readyStatus, startedStatus } from "./pod-status";

const POD = { apiVersion: "v1", kind: "Pod" };
const SETTINGS_CHECK_MS = 200;
const RETRY_MS = 1_000;

/** The share of readyDelay after which containers run and are not ready yet. */
const STARTED_AT = 0.4;

/**
 * A kubelet, and the scheduler, of one Node on which nothing runs: pods are bound, become Ready after a while, or do
 * not, as the settings say of their images, and end when they are deleted.
 */
export async function standIn(context: StandInContext): Promise<void> {
    await makeNode(context.kube);
    const kubelet = new Kubelet(context);
    await new Promise<void>((resolve) => {
        context.kube.watch(POD, {
            signal: context.signal,
            onEvent: (type, pod) => (type === "DELETED" ? kubelet.forget(pod) : kubelet.see(pod)),
            onSynced: resolve,
            onError: (error) => context.log(`pods: ${error.message}`),
        });
    });
    kubelet.followSettings();
}

interface Tracked {
    pod: KubeObject;
    /** Aborted when what is under way with the pod no longer matters. */
    work: AbortController;
    ending: boolean;
    /** What its image was when it was started last. */
    behaviour?: ReturnType<typeof behaviourOf>;
}

class Kubelet {
    private readonly tracked = new Map<string, Tracked>();
    private readonly addresses: Addresses;

    constructor(private readonly context: StandInContext) {
        this.addresses = new Addresses(context.dataPlane);
    }

    see(pod: KubeObject): void {
        const uid = pod.metadata.uid!;
        const known = this.tracked.get(uid);
        if (known) {
            known.pod = pod;
        } else {
            this.addresses.taken(pod.status?.podIP);
        }
        const entry = known ?? { pod, work: new AbortController(), ending: false };
        this.tracked.set(uid, entry);
        if (pod.metadata.deletionTimestamp && !entry.ending) {
            entry.ending = true;
            entry.work.abort();
            void this.guarded(entry, () => this.terminate(entry));
        } else if (!known && !pod.metadata.deletionTimestamp) {
            void this.guarded(entry, () => this.run(entry, entry.work.signal));
        }
    }

    forget(pod: KubeObject): void {
        this.tracked.get(pod.metadata.uid!)?.work.abort();
        this.tracked.delete(pod.metadata.uid!);
        void this.context.dataPlane?.stop(pod.metadata.uid!, 0);
        this.addresses.free(pod.status?.podIP);
    }

    /** Pods whose image is spoken of differently now are started again. */
    followSettings(): void {
        // Each by what it was started with: between two looks settings may have gone there and back.
        const timer = setInterval(() => {
            const { kubelet } = this.context.settings();
            [...this.tracked.values()]
                .filter(({ ending, behaviour }) => !ending && behaviour !== undefined)
                .filter(({ pod, behaviour }) => behaviour !== behaviourOf(pod, kubelet))
                .forEach((entry) => this.again(entry));
        }, SETTINGS_CHECK_MS);
        this.context.signal.addEventListener("abort", () => clearInterval(timer));
    }

    private again(entry: Tracked): void {
        const ready = (entry.pod.status?.conditions ?? []).some((c: any) => c.type === "Ready" && c.status === "True");
        entry.behaviour = behaviourOf(entry.pod, this.context.settings().kubelet);
        if (ready === (entry.behaviour === "runs")) {
            return;
        }
        entry.work.abort();
        entry.work = new AbortController();
        void this.context.dataPlane?.stop(entry.pod.metadata.uid!, 0);
        void this.guarded(entry, () => this.run(entry, entry.work.signal));
    }

    private async run(entry: Tracked, signal: AbortSignal): Promise<void> {
        const { settings, delay } = this.context;
        const { readyDelay } = settings().kubelet;
        if (!entry.pod.spec.nodeName) {
            await this.bind(entry.pod);
        } else if (entry.pod.spec.nodeName !== NODE_NAME || ["Succeeded", "Failed"].includes(entry.pod.status?.phase)) {
            return;
        }
        const address = entry.pod.status?.podIP ?? this.addresses.next();
        const write = async (status: object): Promise<void> => {
            if (!signal.aborted) {
                await this.context.kube.mergePatchStatus({ ...POD, ...nameOf(entry.pod) }, { status });
            }
        };
        const isReady = (entry.pod.status?.conditions ?? []).some(
            (c: any) => c.type === "Ready" && c.status === "True",
        );
        const behaviour = behaviourOf(entry.pod, settings().kubelet);
        entry.behaviour = behaviour;
        const plays = behaviour === "runs" && this.context.dataPlane?.plays(entry.pod);
        if (isReady && behaviour === "runs" && !plays) {
            return;
        }
        if (plays) {
            await this.play(entry.pod, address, write, signal);
            return;
        }
        await write(creatingStatus(entry.pod, address));
        await delay(readyDelay * STARTED_AT);
        if (behaviour === "missing") {
            await this.pullForEver(entry.pod, address, write, signal);
        } else if (behaviour === "crashes") {
            await this.crashForEver(entry.pod, address, write, signal);
        } else {
            await write(startedStatus(entry.pod, address));
            await delay(readyDelay * (1 - STARTED_AT));
            if (behaviour === "runs") {
                await write(readyStatus(entry.pod, address));
            }
        }
    }

    /** Something runs for this pod: it is ready when that answers, though not sooner than any other. */
    private async play(
        pod: KubeObject,
        address: string,
        write: (status: object) => Promise<void>,
        signal: AbortSignal,
    ): Promise<void> {
        const { delay, dataPlane } = this.context;
        const { readyDelay } = this.context.settings().kubelet;
        const wasRunning = dataPlane!.has(pod.metadata.uid!);
        let latest: RunningPod = { ready: false, containers: [] };
        let open = false;
        let writing = Promise.resolve();
        const tell = (): void => {
            if (open && !signal.aborted) {
                // One after the other, and each time what is true then.
                writing = writing
                    .then(() => write(playedStatus(pod, address, latest)))
                    .catch((error: Error) => {
                        if (!isStatus(error, 404)) {
                            this.context.log(`pod ${pod.metadata.namespace}/${pod.metadata.name}: ${error.message}`);
                        }
                    });
            }
        };
        if (!wasRunning) {
            await write(creatingStatus(pod, address));
        }
        dataPlane!.run(pod, address, (now) => {
            latest = now;
            tell();
        });
        if (!wasRunning) {
            await delay(readyDelay * STARTED_AT);
            await write(startedStatus(pod, address));
            await delay(readyDelay * (1 - STARTED_AT));
        }
        open = true;
        tell();
    }

    private async pullForEver(
        pod: KubeObject,
        address: string,
        write: (status: object) => Promise<void>,
        signal: AbortSignal,
    ): Promise<void> {
        for (let attempt = 0; !signal.aborted; attempt++) {
            const reason = attempt % 2 === 0 ? "ErrImagePull" : "ImagePullBackOff";
            await write(creatingStatus(pod, address, reason, this.context.settings().kubelet));
            await this.context.delay(attempt % 2 === 0 ? 2_000 : 15_000);
        }
    }

    private async crashForEver(
        pod: KubeObject,
        address: string,
        write: (status: object) => Promise<void>,
        signal: AbortSignal,
    ): Promise<void> {
        for (let restarts = 0; !signal.aborted; restarts++) {
            await write(crashedStatus(pod, address, restarts, "Error", this.context.settings().kubelet));
            await this.context.delay(1_000);
            await write(crashedStatus(pod, address, restarts, "CrashLoopBackOff", this.context.settings().kubelet));
            await this.context.delay(restOf(restarts) * 1_000);
        }
    }

    /** A start that was cut off may have bound it already. */
    private async bind(pod: KubeObject): Promise<void> {
        const { namespace, name } = pod.metadata;
        const binding = {
            apiVersion: "v1",
            kind: "Binding",
            metadata: { name, namespace },
            target: { apiVersion: "v1", kind: "Node", name: NODE_NAME },
        };
        try {
            await this.context.kube.raw("POST", `/api/v1/namespaces/${namespace}/pods/${name}/binding`, binding);
        } catch (error) {
            if (!isStatus(error, 409)) {
                throw error;
            }
        }
    }

    private async terminate(entry: Tracked): Promise<void> {
        const { name, namespace, uid, deletionGracePeriodSeconds: grace } = entry.pod.metadata as any;
        await this.context.delay(Math.min((grace ?? 30) * 1_000, this.context.settings().kubelet.terminationDelay));
        await this.context.dataPlane?.stop(uid, (grace ?? 30) * 1_000);
        await this.context.kube.raw("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`, {
            apiVersion: "v1",
            kind: "DeleteOptions",
            gracePeriodSeconds: 0,
            preconditions: { uid },
        });
    }

    /** A pod may be gone, or changed, at any moment: that is no failure. */
    private async guarded(entry: Tracked, work: () => Promise<void>): Promise<void> {
        try {
            await work();
        } catch (error) {
            if (isStatus(error, 404) || isStatus(error, 409) || (error as Error).name === "AbortError") {
                return;
            }
            const { namespace, name, uid } = entry.pod.metadata;
            this.context.log(`pod ${namespace}/${name}: ${(error as Error).message}`);
            this.tracked.delete(uid!);
            setTimeout(() => {
                if (!this.context.signal.aborted && !this.tracked.has(uid!)) {
                    this.see(entry.pod);
                }
            }, RETRY_MS);
        }
    }
}

function nameOf(pod: KubeObject): { namespace?: string; name: string } {
    return { namespace: pod.metadata.namespace, name: pod.metadata.name };
}
