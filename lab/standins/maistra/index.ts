import type { StandInContext } from "../types";
import { maistra1 } from "./v1";
import { maistra2 } from "./v2";

/**
 * The Maistra operator. Which release: that of the cluster's catalogue, 1.1 on OpenShift 4.5 and 2.x on 4.18; which
 * 2.x: that of the installed CSV, told by the image of the pod that OLM makes.
 */
export async function standIn(context: StandInContext): Promise<void> {
    const maistra = context.settings().openshift === "4.5" ? maistra1 : maistra2;
    await maistra(context);
}
