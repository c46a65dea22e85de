import { setTimeout as sleep } from "node:timers/promises";
import { isStatus, type Kube, type KubeObject } from "../../kube";

const KIND = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
const ESTABLISHED_MS = 30_000;

/**
 * Installs CRDs, all at once, and resolves when each is Established; one that is there already is left as it is.
 * Errors: the API server's refusal, or an Error that names what is not Established after half a minute.
 */
export async function installCrds(kube: Kube, crds: KubeObject[]): Promise<void> {
    await Promise.all(crds.map((crd) => createUnlessThere(kube, crd)));
    const waiting = new Set(crds.map((crd) => crd.metadata.name));
    const until = Date.now() + ESTABLISHED_MS;
    while (waiting.size > 0) {
        for (const crd of await kube.list(KIND)) {
            if (isEstablished(crd)) {
                waiting.delete(crd.metadata.name);
            }
        }
        if (Date.now() > until) {
            throw new Error(`not Established after ${ESTABLISHED_MS / 1_000} s: ${[...waiting].join(", ")}`);
        }
        await sleep(waiting.size > 0 ? 50 : 0);
    }
}

async function createUnlessThere(kube: Kube, crd: KubeObject): Promise<void> {
    try {
        await kube.create(crd);
    } catch (error) {
        if (!isStatus(error, 409)) {
            throw error;
        }
    }
}

function isEstablished(crd: KubeObject): boolean {
    const conditions: { type: string; status: string }[] = crd.status?.conditions ?? [];
    return conditions.some(({ type, status }) => type === "Established" && status === "True");
}
