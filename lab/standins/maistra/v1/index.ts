import type { StandInContext } from "../../types";
import { OPERATOR_DEPLOYMENT, OPERATOR_NAMESPACE } from "../common/names";
import { whileDeployed } from "../common/running";
import { collector } from "./collector";
import { ior } from "./ior";
import { meshWebhooks } from "./mesh-webhooks";
import { operator } from "./operator";

/**
 * The Maistra operator 1.1 (1.1.6 behaves as 1.1.7) and what its control planes run: sidecar injector, Galley's
 * webhook, IOR. Each lives as its own pods do: the operator may stop while a mesh works on.
 */
export async function maistra1(context: StandInContext): Promise<void> {
    const operated = { namespace: OPERATOR_NAMESPACE, deployment: OPERATOR_DEPLOYMENT };
    await Promise.all([
        whileDeployed(context, operated, (own) => operator(own)),
        meshWebhooks(context),
        ior(context),
        collector(context),
    ]);
}
