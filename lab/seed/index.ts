import { setTimeout as sleep } from "node:timers/promises";
import { isStatus, type Kube, type KubeObject } from "../../kube";
import { RELEASES } from "../openshift";
import type { Settings } from "../settings";
import { platform, platformStatuses } from "./platform";
import { neighbours, scenario } from "./scenario";

const SETTLED_MS = 60_000;
const CHECK_MS = 50;

/**
 * Makes what is in the cluster before anybody comes. Errors: the API server's refusal. The stand-ins turn some of it
 * into more; settled() waits for that.
 */
export async function seed(kube: Kube, settings: Settings): Promise<void> {
    const { domain } = settings.router;
    const release = RELEASES[settings.openshift];
    const users = settings.seed.scenario ? [...scenario(release), ...neighbours(domain)] : [];
    const objects = [...platform(domain, release), ...users];
    const [namespaces, others] = partition(objects, (object) => object.kind === "Namespace");
    await Promise.all(namespaces.map((object) => create(kube, object)));
    await Promise.all(others.map((object) => create(kube, object)));
    await Promise.all(platformStatuses(release).map(({ status, ...ref }) => kube.mergePatchStatus(ref, { status })));
}

/**
 * Resolves when the cluster is at rest: listeners and Deployments available, Routes judged. Errors: an Error
 * that names what is not, after a minute.
 */
export async function settled(kube: Kube): Promise<void> {
    const until = Date.now() + SETTLED_MS;
    for (;;) {
        const open = (await Promise.all([listeners(kube), deployments(kube), routes(kube)])).flat();
        if (open.length === 0) {
            return;
        }
        if (Date.now() > until) {
            throw new Error(`the cluster did not come to rest: ${open.join(", ")}`);
        }
        await sleep(CHECK_MS);
    }
}

async function listeners(kube: Kube): Promise<string[]> {
    const all = await kube.list({ apiVersion: "triggers.tekton.dev/v1alpha1", kind: "EventListener" });
    return notYet(all, (listener) => hasCondition(listener, "Available"));
}

async function deployments(kube: Kube): Promise<string[]> {
    return notYet(await kube.list({ apiVersion: "apps/v1", kind: "Deployment" }), (d) => hasCondition(d, "Available"));
}

async function routes(kube: Kube): Promise<string[]> {
    const all = await kube.list({ apiVersion: "route.openshift.io/v1", kind: "Route" });
    return notYet(all, (route) => route.status?.ingress?.length > 0);
}

function notYet(objects: KubeObject[], isDone: (object: KubeObject) => boolean): string[] {
    return objects
        .filter((object) => !isDone(object))
        .map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
}

function hasCondition(object: KubeObject, wanted: string): boolean {
    const conditions: { type: string; status: string }[] = object.status?.conditions ?? [];
    return conditions.some(({ type, status }) => type === wanted && status === "True");
}

async function create(kube: Kube, object: KubeObject): Promise<void> {
    try {
        await kube.create(object);
    } catch (error) {
        if (!isStatus(error, 409)) {
            throw error;
        }
    }
}

function partition<T>(items: T[], test: (item: T) => boolean): [T[], T[]] {
    return [items.filter(test), items.filter((item) => !test(item))];
}
