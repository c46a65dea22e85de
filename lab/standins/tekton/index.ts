import { isDeepStrictEqual } from "node:util";
import { isStatus, type Kube, type KubeObject, refOf } from "../../../kube";
import { keyOf, Reconciler } from "../reconciler";
import type { StandInContext } from "../types";
import { deploymentOf, serviceOf, statusOf } from "./listener";

const LISTENER = { apiVersion: "triggers.tekton.dev/v1alpha1", kind: "EventListener" };
const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" };
const OURS = "app.kubernetes.io/managed-by=EventListener";

/**
 * Tekton Triggers' controller for EventListeners: a Deployment and a Service el-<name> for each, which carry the
 * listener's labels, pods included, so that a new label restarts them (trap 28).
 */
export async function standIn(context: StandInContext): Promise<void> {
    const listeners = new Map<string, KubeObject>();
    const reconciler = new Reconciler(context, async (key) => {
        await context.delay(context.settings().tekton.reconcileDelay);
        const listener = listeners.get(key);
        if (listener) {
            await reconcile(context, listener);
        }
    });
    const { kube, signal } = context;
    await new Promise<void>((resolve) => {
        kube.watch(LISTENER, {
            signal,
            onEvent: (type, listener) => {
                if (type === "DELETED" || listener.metadata.deletionTimestamp) {
                    // The garbage collector takes what it owns.
                    listeners.delete(keyOf(listener));
                } else {
                    listeners.set(keyOf(listener), listener);
                    reconciler.request(keyOf(listener));
                }
            },
            onSynced: resolve,
            onError: () => resolve(),
        });
    });
    kube.watch(DEPLOYMENT, {
        signal,
        labelSelector: OURS,
        onEvent: (_type, deployment) => {
            const key = `${deployment.metadata.namespace}/${deployment.metadata.name.replace(/^el-/, "")}`;
            if (listeners.has(key)) {
                reconciler.request(key);
            }
        },
    });
}

async function reconcile({ kube, settings }: StandInContext, listener: KubeObject): Promise<void> {
    await ensure(kube, serviceOf(listener));
    const deployment = await ensure(kube, deploymentOf(listener, settings().tekton.image));
    const now = await kube.get(refOf(listener));
    const status = statusOf(listener, deployment);
    if (now && !isDeepStrictEqual(now.status, JSON.parse(JSON.stringify(status)))) {
        await kube.replaceStatus({ ...now, status });
    }
}

/** Makes it, or gives the one that is there the labels wanted; other changes to it stay. */
async function ensure(kube: Kube, wanted: KubeObject): Promise<KubeObject> {
    const present = await kube.get(refOf(wanted));
    if (!present) {
        try {
            return await kube.create(wanted);
        } catch (error) {
            if (isStatus(error, 409)) {
                return ensure(kube, wanted);
            }
            throw error;
        }
    }
    const template = present.spec.template && {
        ...present.spec.template,
        metadata: { ...present.spec.template.metadata, labels: wanted.spec.template?.metadata.labels },
    };
    const changed = {
        ...present,
        metadata: { ...present.metadata, labels: wanted.metadata.labels },
        spec: template ? { ...present.spec, template } : present.spec,
    };
    return isDeepStrictEqual(changed, present) ? present : kube.replace(changed);
}
