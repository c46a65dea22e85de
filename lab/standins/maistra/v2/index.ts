import type { StandInContext } from "../../types";
import { OPERATOR_DEPLOYMENT, OPERATOR_NAMESPACE } from "../common/names";
import { whileDeployed } from "../common/running";
import { ior } from "./ior";
import { Istiods } from "./istiods";
import { meshWebhooks } from "./mesh-webhooks";
import { operator } from "./operator";
import { releaseOf } from "./release";

/**
 * The Maistra operator 2.5 or 2.6, as the image of its pod says, and what its control planes run: istiod, with its
 * injector and IOR. Each lives as its own pods do: the operator may stop while a mesh works on.
 */
export async function maistra2(context: StandInContext): Promise<void> {
    const istiods = new Istiods(context);
    await Promise.all([
        whileDeployed(context, { namespace: OPERATOR_NAMESPACE, deployment: OPERATOR_DEPLOYMENT }, (own, image) =>
            operator(own, releaseOf(image)),
        ),
        meshWebhooks(context, istiods),
        ior(context, istiods),
    ]);
}
