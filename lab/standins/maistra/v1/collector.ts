import { isStatus, refOf } from "../../../../kube";
import type { StandInContext } from "../../types";
import { ROLL_KIND } from "../common/names";
import { CONTROL_PLANE_KIND } from "./names";
import { watched } from "../common/store";

/** From the end of a control plane to that of its roll (recorded: N6a). */
const COLLECTED_MS = 25;

/**
 * Deletes a roll whose control plane has gone. In a cluster the garbage collector does that at once; here it may not
 * have learned of these kinds yet, for it looks for new ones only every 30 s.
 */
export async function collector(context: StandInContext): Promise<void> {
    const { kube, signal } = context;
    const collect = async (uid: string | undefined, namespace: string | undefined) => {
        await context.delay(COLLECTED_MS);
        for (const roll of await kube.list(ROLL_KIND, { namespace })) {
            if (roll.metadata.ownerReferences?.every((owner) => owner.uid === uid)) {
                const preconditions = { uid: roll.metadata.uid };
                await kube.delete(refOf(roll), { propagationPolicy: "Background", preconditions });
            }
        }
    };
    watched(kube, CONTROL_PLANE_KIND, { signal }, (type, { metadata }) => {
        if (type === "DELETED") {
            collect(metadata.uid, metadata.namespace).catch((error: unknown) => {
                // Somebody else was quicker, or the kind has gone too.
                if (!signal.aborted && !isStatus(error, 404) && !isStatus(error, 409)) {
                    context.log(`roll of ${metadata.namespace}: ${error instanceof Error ? error.message : error}`);
                }
            });
        }
    });
}
