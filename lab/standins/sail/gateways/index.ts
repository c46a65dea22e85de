import type { KubeObject } from "../../../../kube";
import { withSignal } from "../../maistra/common/running";
import { GROUP } from "../../../gateway-api/names";
import type { StandInContext } from "../../types";
import { GatewayController } from "./controller";

const CRD = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };

/** The gateway controllers of istiods, for as long as the cluster serves the Gateway API. */
export async function gateways(context: StandInContext): Promise<void> {
    const served = new Set<string>();
    let stop: AbortController | undefined;
    const check = (): void => {
        const complete = ["gateways", "gatewayclasses", "httproutes"].every((name) => served.has(`${name}.${GROUP}`));
        if (complete && stop === undefined) {
            stop = new AbortController();
            new GatewayController(withSignal(context, stop.signal));
        } else if (!complete) {
            stop?.abort();
            stop = undefined;
        }
    };
    await new Promise<void>((resolve) => {
        context.kube.watch(CRD, {
            signal: context.signal,
            onSynced: resolve,
            onEvent: (type, crd) => {
                if (type !== "DELETED" && isEstablished(crd)) {
                    served.add(crd.metadata.name);
                } else {
                    served.delete(crd.metadata.name);
                }
                check();
            },
        });
    });
}

function isEstablished(crd: KubeObject): boolean {
    const conditions: { type: string; status: string }[] = crd.status?.conditions ?? [];
    return conditions.some(({ type, status }) => type === "Established" && status === "True");
}
