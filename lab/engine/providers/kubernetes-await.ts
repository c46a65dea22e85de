import type { Kube, KubeObject } from "../../../kube";

/** undefined: as it should be; otherwise what is still missing, in words. */
export type Readiness = (live: KubeObject | undefined) => string | undefined;

/**
 * What the real provider waits for after a write, of the kinds that the stand-in knows; undefined for kinds that it
 * does not wait for. Source: pulumi-kubernetes provider/pkg/await/{awaiters,deployment,service}.go. A Service: once its
 * Endpoints exist and none is unready (the real one then waits 10 s more for stragglers, which a lab need not).
 */
export function awaited(
    object: KubeObject,
): { kind: { apiVersion: string; kind: string }; missing: Readiness } | undefined {
    switch (`${object.apiVersion}/${object.kind}`) {
        case "apps/v1/Deployment":
            return { kind: object, missing: rollOut };
        case "v1/Service":
            return needsPods(object)
                ? { kind: { apiVersion: "v1", kind: "Endpoints" }, missing: endpoints }
                : undefined;
        default:
            return undefined;
    }
}

function needsPods(service: KubeObject): boolean {
    const { type, clusterIP, selector } = service.spec ?? {};
    return type !== "ExternalName" && clusterIP !== "None" && Object.keys(selector ?? {}).length > 0;
}

/** Seen by the controller, available, and the newest ReplicaSet is the one that is. */
export const rollOut: Readiness = (live) => {
    if (!live) {
        return "it is not there";
    }
    const status = live.status ?? {};
    if ((status.observedGeneration ?? 0) < (live.metadata.generation ?? 0)) {
        return "not yet seen by the deployment controller";
    }
    const conditions: { type: string; status: string; reason?: string; message?: string }[] = status.conditions ?? [];
    const wanted = live.spec?.replicas ?? 1;
    const progressing = conditions.find((c) => c.type === "Progressing");
    const available = conditions.find((c) => c.type === "Available");
    const rolled = progressing?.reason === "NewReplicaSetAvailable" && (status.updatedReplicas ?? 0) >= wanted;
    if (available?.status === "True" && rolled) {
        return undefined;
    }
    const count = `${status.availableReplicas ?? 0} of ${wanted} replicas available`;
    return progressing?.status === "False" ? `${count}: ${progressing.message}` : count;
};

export const endpoints: Readiness = (live) => {
    if (!live) {
        return "it has no Endpoints yet";
    }
    const subsets: { notReadyAddresses?: unknown[] }[] = live.subsets ?? [];
    const unready = subsets.reduce((sum, s) => sum + (s.notReadyAddresses?.length ?? 0), 0);
    return unready > 0 ? `${unready} of its Pods not ready` : undefined;
};

/** A time limit passed, or the run is being ended. */
export class NotYet extends Error {}

/**
 * Watches one object until it is as it should be. Errors: NotYet, with what was still missing.
 */
export function until(
    kube: Kube,
    ref: { apiVersion: string; kind: string; namespace?: string; name: string },
    missing: Readiness,
    limits: { timeoutSeconds: number; signal: AbortSignal; report(text: string): void },
): Promise<void> {
    const stop = new AbortController();
    let last = "nothing seen of it yet";
    return new Promise<void>((resolve, reject) => {
        let live: KubeObject | undefined;
        let synced = false;
        const timer = setTimeout(
            () => reject(new NotYet(`${last} after ${limits.timeoutSeconds} s`)),
            limits.timeoutSeconds * 1000,
        );
        const ended = () => reject(new NotYet(`interrupted; ${last}`));
        limits.signal.addEventListener("abort", ended, { once: true });
        stop.signal.addEventListener("abort", () => {
            clearTimeout(timer);
            limits.signal.removeEventListener("abort", ended);
        });
        if (limits.signal.aborted) {
            ended();
        }
        function look(): void {
            const lacking = missing(live);
            if (lacking === undefined) {
                resolve();
            } else if (lacking !== last) {
                last = lacking;
                limits.report(lacking);
            }
        }
        kube.watch(
            { apiVersion: ref.apiVersion, kind: ref.kind },
            {
                namespace: ref.namespace,
                name: ref.name,
                signal: stop.signal,
                onEvent: (type, object) => {
                    live = type === "DELETED" ? undefined : object;
                    if (synced || live) {
                        look();
                    }
                },
                onSynced: () => {
                    synced = true;
                    look();
                },
                onError: (error) => {
                    // Its kind is gone, and with it every object of it.
                    if (error.name === "KindMissing") {
                        live = undefined;
                        look();
                    }
                },
            },
        );
    }).finally(() => stop.abort());
}

/** For `until`: gone, or what holds it. */
export const gone: Readiness = (live) => {
    if (!live) {
        return undefined;
    }
    const finalizers = (live.metadata.finalizers ?? []).filter((f) => f !== "foregroundDeletion");
    const held = finalizers.length > 0 ? `, held by finalizers ${finalizers.join(", ")}` : "";
    return `still there${held}${namespaceContent(live)}`;
};

/** What a namespace that is going says of its content. */
function namespaceContent(live: KubeObject): string {
    if (live.kind !== "Namespace") {
        return "";
    }
    const conditions: { type: string; status: string; message?: string }[] = live.status?.conditions ?? [];
    const left = conditions.filter((c) => c.status === "True" && /Remaining|Failure/.test(c.type));
    return left.length > 0 ? ` (${left.map((c) => c.message).join(" ")})` : "";
}
