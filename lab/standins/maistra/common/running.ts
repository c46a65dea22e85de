import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../../../../kube";
import type { StandInContext } from "../../types";
import { watched } from "./store";

/** How often settings in memory are looked at. */
const SETTINGS_MS = 100;

export function isReady(pod: KubeObject): boolean {
    const conditions: { type: string; status: string }[] = pod.status?.conditions ?? [];
    return (
        !pod.metadata.deletionTimestamp &&
        conditions.some((condition) => condition.type === "Ready" && condition.status === "True")
    );
}

/** Whether a pod is one of this Deployment's: "<deployment>-<hash of its template>-<five characters>". */
export function isPodOf(pod: KubeObject, deployment: string): boolean {
    const { name } = pod.metadata;
    return name.startsWith(`${deployment}-`) && /^[a-z0-9]+-[a-z0-9]{5}$/.test(name.slice(deployment.length + 1));
}

/**
 * Lets a program of the cluster run while a pod of its Deployment is Ready: `program` gets a context of its own whose
 * signal aborts when no such pod is left, and is started anew with the next one. A new image takes over when the last
 * pod of the old one has gone, as with leader election. Resolves once it is watching.
 */
export async function whileDeployed(
    context: StandInContext,
    at: { namespace: string; deployment: string },
    program: (context: StandInContext, image: string) => Promise<void>,
): Promise<void> {
    let running: { image: string; stop: AbortController } | undefined;
    const { objects, synced } = watched(
        context.kube,
        { apiVersion: "v1", kind: "Pod" },
        { namespace: at.namespace, signal: context.signal },
        () => {
            const ready = [...objects.values()].filter((pod) => isPodOf(pod, at.deployment) && isReady(pod));
            const images = ready.map((pod): string => pod.spec.containers[0].image);
            if (running && !images.includes(running.image)) {
                context.log(`${at.deployment} stops`);
                running.stop.abort();
                running = undefined;
            }
            if (!running && images.length > 0) {
                const [image] = images;
                context.log(`${at.deployment} starts (${image})`);
                running = { image, stop: new AbortController() };
                const own = withSignal(context, running.stop.signal);
                program(own, image).catch((error: unknown) => {
                    if (!own.signal.aborted) {
                        context.log(`${at.deployment}: ${error instanceof Error ? error.stack : error}`);
                    }
                });
            }
        },
    );
    await synced;
}

/** The same context for something that ends earlier. */
export function withSignal(context: StandInContext, earlier: AbortSignal): StandInContext {
    const signal = AbortSignal.any([context.signal, earlier]);
    // Each watch and each wait listens to it.
    setMaxListeners(0, signal);
    const delay = (realMs: number) => sleep(realMs * context.settings().timeScale, undefined, { signal });
    return { ...context, signal, delay };
}

/** Calls `changed` whenever what `select` reads of the settings is another than before. */
export function onSetting(context: StandInContext, select: () => unknown, changed: () => void): void {
    let last = JSON.stringify(select());
    const timer = setInterval(() => {
        const now = JSON.stringify(select());
        if (now !== last) {
            last = now;
            changed();
        }
    }, SETTINGS_MS);
    context.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
