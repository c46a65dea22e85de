import { isStatus, type KubeObject } from "../../../../kube";
import { installCrds, istioCrds } from "../../../crds";
import type { StandInContext } from "../../types";

/** Until the first of them appears (recorded: N1, 0.5 s after the namespace was labelled). */
const BEFORE_KINDS_MS = 450;

/**
 * Istio's kinds come with the first control plane of a cluster and are never taken away again: they are kept by
 * annotation and belong to nobody.
 */
export async function installIstioKinds(context: StandInContext): Promise<void> {
    const kinds = await istioCrds();
    const there = await Promise.all(kinds.map((kind) => isThere(context, kind)));
    const missing = kinds.filter((_, index) => !there[index]);
    if (missing.length === 0) {
        return;
    }
    await context.delay(BEFORE_KINDS_MS);
    await installCrds(context.kube, missing.map(kept));
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

function kept(crd: KubeObject): KubeObject {
    const { labels, annotations, ...metadata } = crd.metadata;
    return {
        ...crd,
        metadata: {
            ...metadata,
            labels: { ...labels, chart: "istio", heritage: "Tiller", "maistra-version": "1.1.7", release: "istio" },
            annotations: { ...annotations, "helm.sh/resource-policy": "keep" },
        },
    };
}
