import type { KubeObject } from "../../../kube";
import type { RunningPod } from "../../dataplane";
import type { Settings } from "../../settings";
import { HOST_ADDRESS } from "./node";

/** The statuses that a kubelet writes (kubernetes/kubernetes, pkg/kubelet/status and pkg/kubelet/images). */

type Images = Pick<Settings["kubelet"], "neverReadyImages" | "crashLoopImages" | "missingImages">;

/** What a gateway's container says until an injector fills it in: no registry has such an image. */
const UNFILLED = "auto";

export type Behaviour = "runs" | "never-ready" | "crashes" | "missing";

/** How a pod fares: as the worst of its containers. */
export function behaviourOf(pod: KubeObject, images: Images): Behaviour {
    const fates = containersOf(pod).map((container) => fateOf(container.image, images));
    return (["missing", "crashes", "never-ready"] as const).find((fate) => fates.includes(fate)) ?? "runs";
}

/** Containers are being made; with a reason, those whose image is missing say it. */
export function creatingStatus(pod: KubeObject, address: string, reason?: string, images?: Images): object {
    const states = containersOf(pod).map((container) => {
        const missing = reason !== undefined && fateOf(container.image, images!) === "missing";
        const waiting = missing
            ? { reason, message: pullMessage(container.image, reason) }
            : { reason: "ContainerCreating" };
        return containerStatus(container, reason === undefined || missing ? { waiting } : running(), { ready: false });
    });
    return status(pod, address, "Pending", false, states);
}

export function startedStatus(pod: KubeObject, address: string): object {
    const states = containersOf(pod).map((container) => containerStatus(container, running(), { ready: false }));
    return status(pod, address, "Running", false, states);
}

/** Ready; or, for a pod that is not to be started again, ended well. */
export function readyStatus(pod: KubeObject, address: string): object {
    if (pod.spec.restartPolicy !== "Always") {
        const states = containersOf(pod).map((c) => containerStatus(c, completed(), { ready: false }));
        return status(pod, address, "Succeeded", false, states);
    }
    const states = containersOf(pod).map((container) => containerStatus(container, running(), { ready: true }));
    return status(pod, address, "Running", true, states);
}

/** Containers that crash have just ended, or wait to be started again; the others run. */
export function crashedStatus(
    pod: KubeObject,
    address: string,
    restarts: number,
    reason: "Error" | "CrashLoopBackOff",
    images: Images,
): object {
    const states = containersOf(pod).map((container) => {
        if (fateOf(container.image, images) !== "crashes") {
            return containerStatus(container, running(), { ready: true });
        }
        const terminated = { exitCode: 1, reason: "Error", startedAt: now(), finishedAt: now() };
        const { namespace, name, uid } = pod.metadata;
        const which = `container=${container.name} pod=${name}_${namespace}(${uid})`;
        const message = `back-off ${restOf(restarts)}s restarting failed ${which}`;
        const state = reason === "Error" ? { terminated } : { waiting: { reason, message } };
        return {
            ...containerStatus(container, state, { ready: false }),
            restartCount: restarts,
            lastState: { terminated },
        };
    });
    return status(pod, address, "Running", false, states);
}

/** What the data plane says of a pod's containers; those it runs nothing for are well. */
export function playedStatus(pod: KubeObject, address: string, now: RunningPod): object {
    const states = containersOf(pod).map((container) => playedContainer(container, now));
    const inits = (initStatuses(pod) ?? []).map((status, index) => {
        const container = pod.spec.initContainers[index];
        return isSidecar(container) ? playedContainer(container, now) : status;
    });
    const written = status(pod, address, "Running", now.ready, states);
    return inits.length === 0 ? written : { ...written, initContainerStatuses: inits };
}

function playedContainer(container: { name: string; image: string }, { ready, containers }: RunningPod): object {
    const played = containers.find(({ name }) => name === container.name);
    if (played === undefined) {
        return containerStatus(container, running(), { ready });
    }
    const { ended } = played;
    const terminated = ended && {
        exitCode: ended.exitCode,
        reason: ended.exitCode === 0 ? "Completed" : "Error",
        startedAt: ended.startedAt,
        finishedAt: ended.at,
    };
    const message = `back-off restarting failed ${container.name}`;
    const crashed = { waiting: { reason: "CrashLoopBackOff", message } };
    return {
        ...containerStatus(container, played.running ? { running: { startedAt: played.startedAt } } : crashed, {
            ready: played.ready,
        }),
        restartCount: played.restarts,
        lastState: terminated ? { terminated } : {},
    };
}

/** Seconds that the kubelet waits before it starts a crashed container again: 10, 20, 40 ... 300. */
export function restOf(restarts: number): number {
    return Math.min(10 * 2 ** restarts, 300);
}

function containersOf(pod: KubeObject): { name: string; image: string }[] {
    return pod.spec.containers;
}

function fateOf(image: string, images: Images): Behaviour {
    const matches = (patterns: string[]): boolean => patterns.some((pattern) => (image ?? "").includes(pattern));
    if (image === UNFILLED || matches(images.missingImages)) {
        return "missing";
    }
    if (matches(images.crashLoopImages)) {
        return "crashes";
    }
    return matches(images.neverReadyImages) ? "never-ready" : "runs";
}

function pullMessage(image: string, reason: string): string {
    const unknown = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
    return reason === "ErrImagePull"
        ? `rpc error: code = NotFound desc = ${unknown}`
        : `Back-off pulling image "${image}": ErrImagePull: rpc error: code = NotFound desc = ${unknown}`;
}

function status(pod: KubeObject, address: string, phase: string, ready: boolean, containerStatuses: object[]): object {
    const names = pod.spec.containers.map((c: { name: string }) => c.name).join(" ");
    const unready = { reason: "ContainersNotReady", message: `containers with unready status: [${names}]` };
    const finished = phase === "Succeeded" ? { reason: "PodCompleted" } : unready;
    const why = ready ? { reason: null, message: null } : finished;
    const before: any[] = pod.status?.conditions ?? [];
    const condition = (type: string, value: boolean, more: object = {}): object => {
        const same = before.find((c) => c.type === type && c.status === (value ? "True" : "False"));
        const lastTransitionTime = same?.lastTransitionTime ?? now();
        return { type, status: value ? "True" : "False", lastProbeTime: null, lastTransitionTime, ...more };
    };
    return {
        phase,
        hostIP: HOST_ADDRESS,
        hostIPs: [{ ip: HOST_ADDRESS }],
        podIP: address,
        podIPs: [{ ip: address }],
        startTime: pod.status?.startTime ?? now(),
        qosClass: pod.status?.qosClass,
        conditions: [
            condition("PodScheduled", true),
            condition("Initialized", true),
            condition("ContainersReady", ready, why),
            condition("Ready", ready, why),
        ],
        initContainerStatuses: initStatuses(pod),
        containerStatuses,
    };
}

interface InitContainer {
    name: string;
    image: string;
    restartPolicy?: string;
}

/** An init container that goes on running beside the others. */
function isSidecar({ restartPolicy }: InitContainer): boolean {
    return restartPolicy === "Always";
}

function initStatuses(pod: KubeObject): object[] | undefined {
    return pod.spec.initContainers?.map((container: InitContainer) =>
        isSidecar(container)
            ? containerStatus(container, running(), { ready: true })
            : containerStatus(container, completed(), { ready: true }),
    );
}

function containerStatus(container: { name: string; image: string }, state: object, o: { ready: boolean }): any {
    return {
        name: container.name,
        image: container.image,
        imageID: "",
        ready: o.ready,
        started: "running" in state,
        restartCount: 0,
        state,
        lastState: {},
    };
}

function running(): object {
    return { running: { startedAt: now() } };
}

function completed(): object {
    return { terminated: { exitCode: 0, reason: "Completed", startedAt: now(), finishedAt: now() } };
}

/** Kubernetes writes times to the second. */
function now(): string {
    return `${new Date().toISOString().slice(0, 19)}Z`;
}
