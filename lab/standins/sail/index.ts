import { whileDeployed } from "../maistra/common/running";
import type { StandInContext } from "../types";
import { collector } from "./collector";
import { gateways } from "./gateways";
import { istiods } from "./injector";
import { OPERATOR_DEPLOYMENT, OPERATOR_NAMESPACE } from "./names";
import { operator } from "./operator";

/**
 * The Sail operator of OpenShift Service Mesh 3, and of the control planes that it installs the webhooks and what they
 * do for the Gateway API. Each lives as its own pods do: the operator may stop while a mesh works on.
 */
export async function standIn(context: StandInContext): Promise<void> {
    if (context.settings().openshift === "4.5") {
        // Its catalogue has no such operator, and none of its kinds will ever be there.
        return;
    }
    const operated = { namespace: OPERATOR_NAMESPACE, deployment: OPERATOR_DEPLOYMENT };
    await Promise.all([
        whileDeployed(context, operated, operator),
        istiods(context),
        gateways(context),
        collector(context),
    ]);
}
