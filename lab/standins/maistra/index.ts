import type { StandInContext } from "../types";
import { addonOperators } from "./common/addons";
import { collector } from "./v1/collector";
import { ior } from "./v1/ior";
import { meshWebhooks } from "./v1/mesh-webhooks";
import { OPERATOR_DEPLOYMENT, OPERATOR_NAMESPACE } from "./common/names";
import { operator } from "./v1/operator";
import { whileDeployed } from "./common/running";

/**
 * The Maistra operator 1.1.7 and what its control planes run: sidecar injector, Galley's webhook, IOR, Kiali's and
 * Jaeger's operators. Each lives as its own pods do: the operator may stop while a mesh works on.
 */
export async function standIn(context: StandInContext): Promise<void> {
    const operated = { namespace: OPERATOR_NAMESPACE, deployment: OPERATOR_DEPLOYMENT };
    await Promise.all([
        whileDeployed(context, operated, operator),
        meshWebhooks(context),
        ior(context),
        addonOperators(context),
        collector(context),
    ]);
}
