import { isStatus, type KubeObject } from "../../../../kube";
import { installCrds } from "../../../crds";
import type { StandInContext } from "../../types";

/**
 * Installs those of Istio's kinds that are not there yet, after a while; they are kept by annotation, belong to nobody
 * and are never taken away again.
 */
export async function installMissingKinds(
    context: StandInContext,
    kinds: KubeObject[],
    operator: string,
    beforeMs: number,
): Promise<void> {
    const there = await Promise.all(kinds.map((kind) => isThere(context, kind)));
    const missing = kinds.filter((_, index) => !there[index]);
    if (missing.length === 0) {
        return;
    }
    await context.delay(beforeMs);
    await installCrds(
        context.kube,
        missing.map((crd) => kept(crd, operator)),
    );
}

async function isThere({ kube }: StandInContext, { apiVersion, kind, metadata }: KubeObject): Promise<boolean> {
    try {
        const found = await kube.get({ apiVersion, kind, name: metadata.name });
        return found !== undefined && !found.metadata.deletionTimestamp;
    } catch (error) {
        if (isStatus(error, 404)) {
            return false;
        }
        throw error;
    }
}

function kept(crd: KubeObject, operator: string): KubeObject {
    const { labels, annotations, ...metadata } = crd.metadata;
    return {
        ...crd,
        metadata: {
            ...metadata,
            labels: { ...labels, chart: "istio", heritage: "Tiller", "maistra-version": operator, release: "istio" },
            annotations: { ...annotations, "helm.sh/resource-policy": "keep" },
        },
    };
}
