import { setTimeout as sleep } from "node:timers/promises";
import { type Kube, type KubeObject, refOf } from "../../../kube";
import { installCrds, istioCrdsOf3, sailCrds } from "../../../lab/crds";
import type { Entry } from "../maistra/journal";

const NAMESPACE = "openshift-operators";
const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment", namespace: NAMESPACE, name: "servicemesh-operator3" };
const API = "sailoperator.io/v1";

export const ISTIO = { apiVersion: API, kind: "Istio", name: "default" };
export const REVISION = { apiVersion: API, kind: "IstioRevision", name: "default" };
export const CNI = { apiVersion: API, kind: "IstioCNI", name: "default" };
export const TAG = { apiVersion: API, kind: "IstioRevisionTag", name: "default" };

/** The operator's kinds and its Deployment as OLM would leave them, without OLM; after one that is just being removed. */
export async function deployOperator(kube: Kube): Promise<void> {
    await until("an operator of before to go", async () => (await kube.get(DEPLOYMENT)) === undefined);
    await installCrds(kube, [...(await sailCrds("servicemeshoperator3.v3.2.9")), ...(await istioCrdsOf3())]);
    const labels = { name: DEPLOYMENT.name };
    const containers = [{ name: "manager", image: "registry.example.com/servicemesh-operator3:3.2.9" }];
    await kube.create({
        apiVersion: DEPLOYMENT.apiVersion,
        kind: DEPLOYMENT.kind,
        metadata: { name: DEPLOYMENT.name, namespace: NAMESPACE },
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    });
}

/** Deletes everything that the operator was asked for, and waits until that is gone. It must be running. */
export async function removeMesh(kube: Kube): Promise<void> {
    const all = async () => (await Promise.all([ISTIO, TAG, CNI, REVISION].map((kind) => kube.list(kind)))).flat();
    for (const object of await all()) {
        await kube.delete(refOf(object));
    }
    await until("the mesh to go", async () => (await all()).length === 0);
}

/** Resolves when its pods are gone too. */
export async function removeOperator(kube: Kube): Promise<void> {
    await kube.delete(DEPLOYMENT, { propagationPolicy: "Background" });
    await until("the operator's pods to go", async () => {
        const options = { namespace: NAMESPACE, labelSelector: `name=${DEPLOYMENT.name}` };
        return (await kube.list({ apiVersion: "v1", kind: "Pod" }, options)).length === 0;
    });
}

export async function until(what: string, met: () => Promise<boolean>, milliseconds = 30_000): Promise<void> {
    const end = Date.now() + milliseconds;
    while (!(await met())) {
        if (Date.now() > end) {
            throw new Error(`waited ${milliseconds / 1_000} s in vain for ${what}`);
        }
        await sleep(50);
    }
}

export function istio(spec: object, name = "default"): KubeObject {
    return { apiVersion: API, kind: "Istio", metadata: { name }, spec };
}

export function cni(spec: object = { namespace: "istio-cni" }, name = "default"): KubeObject {
    return { apiVersion: API, kind: "IstioCNI", metadata: { name }, spec };
}

export function tag(name: string, of: string): KubeObject {
    const targetRef = { kind: "Istio", name: of };
    return { apiVersion: API, kind: "IstioRevisionTag", metadata: { name }, spec: { targetRef } };
}

export function namespace(name: string, labels: Record<string, string> = {}): KubeObject {
    return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** Whether an event shows an object of this kind and name in this state. */
export function inState(kind: string, state: string, name = "default", generation?: number) {
    return ({ event, object }: Entry): boolean =>
        event !== "DELETED" &&
        object.kind === kind &&
        object.metadata.name === name &&
        object.status?.state === state &&
        (generation === undefined || object.status.observedGeneration === generation);
}

export function gone(kind: string, name = "default") {
    return ({ event, object }: Entry): boolean =>
        event === "DELETED" && object.kind === kind && object.metadata.name === name;
}

/** What a write is refused with; undefined: it was accepted. */
export async function refusal(write: () => Promise<unknown>): Promise<string | undefined> {
    try {
        await write();
        return undefined;
    } catch (error) {
        return (error as Error).message;
    }
}

/** Deletes namespaces and waits until they are gone. */
export async function removeNamespaces(kube: Kube, names: string[]): Promise<void> {
    const kind = { apiVersion: "v1", kind: "Namespace" };
    await Promise.all(names.map((name) => kube.delete({ ...kind, name })));
    await until(
        "namespaces to go",
        async () => !(await kube.list(kind)).some(({ metadata }) => names.includes(metadata.name)),
        60_000,
    );
}
