import { setTimeout as sleep } from "node:timers/promises";
import { isStatus, KindMissing, type KubeObject } from "../../../kube";
import type { StandInContext } from "../types";

const CRD = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
const GATEWAYS = "gateways.networking.istio.io";
const RETRY_MS = 200;

/**
 * Another team, which has its own plans with Istio: as soon as the cluster knows Gateways it makes one, in a namespace
 * that is in no mesh. It must come through everything as it is.
 */
export async function standIn(context: StandInContext): Promise<void> {
    const { kube, signal } = context;
    let made = false;
    await new Promise<void>((resolve) => {
        kube.watch(CRD, {
            signal,
            name: GATEWAYS,
            onSynced: resolve,
            onEvent: (type, crd) => {
                if (type !== "DELETED" && isEstablished(crd) && !made && context.settings().seed.gateway) {
                    made = true;
                    void makeGateway(context, crd.spec.versions[0].name);
                }
            },
        });
    });
}

async function makeGateway({ kube, settings, log, signal }: StandInContext, version: string): Promise<void> {
    const host = `others.${settings().router.domain}`;
    const gateway = {
        apiVersion: `networking.istio.io/${version}`,
        kind: "Gateway",
        metadata: { name: "others", namespace: "other-mesh-app" },
        spec: {
            selector: { istio: "other-gateway" },
            servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: [host] }],
        },
    };
    while (!signal.aborted) {
        try {
            await kube.create(gateway);
            return;
        } catch (error) {
            // A kind that is Established is served a moment later.
            if (!(error instanceof KindMissing)) {
                // There already, or their namespace is not in this cluster.
                if (!isStatus(error, 409) && !isStatus(error, 404)) {
                    log(`gateway: ${(error as Error).message}`);
                }
                return;
            }
        }
        await sleep(RETRY_MS, undefined, { signal });
    }
}

function isEstablished(crd: KubeObject): boolean {
    const conditions: { type: string; status: string }[] = crd.status?.conditions ?? [];
    return conditions.some(({ type, status }) => type === "Established" && status === "True");
}
