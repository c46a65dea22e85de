import { isDeepStrictEqual } from "node:util";
import { isStatus, type KindRef, KindMissing, type KubeObject, refOf } from "../../../kube";
import { keyOf, splitKey, WorkQueue } from "../maistra/common/queue";
import { whileDeployed } from "../maistra/common/running";
import { watched } from "../maistra/common/store";
import type { StandInContext } from "../types";

/** An operator that makes some objects of each of its resources, and says in a status how these fare. */
export interface AddonOperator {
    namespace: string;
    deployment: string;
    kind: KindRef;
    /** Put on each resource: without the operator none goes. */
    finalizer?: string;
    /** What it makes; those without a namespace lie in the resource's. Errors: a Misconfigured. */
    objects(resource: KubeObject, context: StandInContext): KubeObject[] | Promise<KubeObject[]>;
    /** The whole status. Undefined: it has none. */
    status?(resource: KubeObject, ready: boolean, error: Misconfigured | undefined): object;
}

/** What the resource asks for cannot be, and its status says so. */
export class Misconfigured extends Error {
    constructor(
        readonly reason: string,
        message: string,
    ) {
        super(message);
    }
}

/** Kinds that lie in no namespace. */
const CLUSTER_WIDE = ["ConsolePlugin", "ClusterRole", "ClusterRoleBinding"];
const CHECK_MS = 1_000;

/** Lets the operator work while its own Deployment does. Resolves once it is watching for that. */
export function addonOperator(context: StandInContext, addon: AddonOperator): Promise<void> {
    const { namespace, deployment, kind } = addon;
    return whileDeployed(context, { namespace, deployment }, async (own) => {
        const queue = new WorkQueue(own, `${deployment}: ${kind.kind}`, (key) => reconcile(own, addon, key));
        watched(own.kube, kind, { signal: own.signal }, (type, object) => {
            if (type !== "DELETED") {
                queue.add(keyOf(object.metadata.namespace, object.metadata.name));
            } else if (addon.finalizer === undefined) {
                takeAway(own, addon, object).catch((error: Error) => own.log(error.message));
            }
        });
    });
}

async function reconcile(context: StandInContext, addon: AddonOperator, key: string): Promise<void> {
    const { kube } = context;
    const ref = { ...addon.kind, ...splitKey(key) };
    const resource = await kube.get(ref);
    if (!resource) {
        return;
    }
    if (resource.metadata.deletionTimestamp) {
        if (addon.finalizer && resource.metadata.finalizers?.includes(addon.finalizer)) {
            await takeAway(context, addon, resource);
            await writeFinalizers(context, resource, (finalizers) => finalizers.filter((f) => f !== addon.finalizer));
        }
        return;
    }
    if (addon.finalizer && !resource.metadata.finalizers?.includes(addon.finalizer)) {
        await writeFinalizers(context, resource, (finalizers) => [...finalizers, addon.finalizer!]);
        return;
    }
    const made = resource.status === undefined;
    await context.delay(made ? context.settings().addons.delay : 0);
    let ready: boolean;
    do {
        const fresh = await kube.get(ref);
        if (!fresh || fresh.metadata.deletionTimestamp) {
            return;
        }
        let error: Misconfigured | undefined;
        const objects = await Promise.resolve(addon.objects(fresh, context)).catch((thrown: Error) => {
            if (!(thrown instanceof Misconfigured)) {
                throw thrown;
            }
            error = thrown;
            return [];
        });
        for (const object of objects) {
            await write(context, ownedBy(fresh, object), addon.deployment);
        }
        ready = error === undefined && (await areReady(context, fresh, objects));
        await writeStatus(context, fresh, addon.status?.(fresh, ready, error));
        if (!ready) {
            await context.delay(CHECK_MS);
        }
    } while (!ready && addon.status !== undefined);
}

async function takeAway(context: StandInContext, addon: AddonOperator, resource: KubeObject): Promise<void> {
    const objects = await Promise.resolve(addon.objects(resource, context)).catch(() => []);
    for (const object of objects) {
        const { namespace } = ownedBy(resource, object).metadata;
        try {
            await context.kube.delete({ ...refOf(object), namespace }, { propagationPolicy: "Background" });
        } catch (error) {
            if (!(error instanceof KindMissing)) {
                throw error;
            }
        }
    }
}

async function write({ kube }: StandInContext, object: KubeObject, fieldManager: string): Promise<void> {
    try {
        await kube.apply(object, { fieldManager, force: true });
    } catch (error) {
        // Not every OpenShift has a console that takes plug-ins.
        if (!(error instanceof KindMissing)) {
            throw error;
        }
    }
}

async function areReady(context: StandInContext, { metadata }: KubeObject, objects: KubeObject[]): Promise<boolean> {
    for (const object of objects.filter(({ kind }) => ["Deployment", "StatefulSet"].includes(kind))) {
        const present = await context.kube.get({ ...refOf(object), namespace: metadata.namespace });
        if ((present?.status?.readyReplicas ?? 0) < (present?.spec.replicas ?? 1)) {
            return false;
        }
    }
    return true;
}

async function writeFinalizers(
    { kube }: StandInContext,
    { metadata, ...resource }: KubeObject,
    change: (finalizers: string[]) => string[],
): Promise<void> {
    const { resourceVersion, finalizers = [] } = metadata;
    try {
        await kube.mergePatch(refOf({ ...resource, metadata } as KubeObject), {
            metadata: { resourceVersion, finalizers: change(finalizers) },
        });
    } catch (error) {
        if (!isStatus(error, 404)) {
            throw error;
        }
    }
}

async function writeStatus({ kube }: StandInContext, resource: KubeObject, status: object | undefined): Promise<void> {
    if (status === undefined || isDeepStrictEqual(resource.status, JSON.parse(JSON.stringify(status)))) {
        return;
    }
    try {
        await kube.mergePatchStatus(refOf(resource), { status });
    } catch (error) {
        if (!isStatus(error, 404)) {
            throw error;
        }
    }
}

function ownedBy({ apiVersion, kind, metadata }: KubeObject, object: KubeObject): KubeObject {
    if (CLUSTER_WIDE.includes(object.kind)) {
        return object;
    }
    const { name, uid = "", namespace } = metadata;
    const ownerReferences = [{ apiVersion, kind, name, uid, controller: true }];
    return { ...object, metadata: { ...object.metadata, namespace, ownerReferences } };
}
