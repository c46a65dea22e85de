import { setTimeout as sleep } from "node:timers/promises";
import { isStatus, KindMissing, KubeError } from "../kube";
import type { Held } from "./gate";
import { type Need, need } from "./need";

export interface ProbeTarget {
    apiVersion: string;
    kind: string;
    /** The operator's namespace: its own webhooks refuse a control plane there, should the name ever be accepted. */
    namespace: string;
}

/** The right to be refused for its name: what an account may not create it cannot knock with. */
export function needsToProbe(target: ProbeTarget): Need[] {
    const { namespace } = target;
    return [need(target, ["create"], "asking whether an operator's webhooks answer; nothing is stored", { namespace })];
}

/** No object can have this name: names begin and end with a letter or a digit. */
const IMPOSSIBLE_NAME = "_webhook-probe_";

const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/**
 * A refused name says that no webhook is in the way; also for the moment in which the API server has not yet loaded a
 * webhook configuration that is there (seen on kube-apiserver 1.36). So it must be refused again after this time.
 */
const SECOND_LOOK_MS = 500;

/**
 * Waits until an operator's admission webhooks answer, which can be seconds after its CSV has Succeeded (trap 13), or
 * again after it restarted itself (trap 14). Harmless by construction: it sends an object whose name is invalid. The
 * API server calls mutating webhooks before it validates names, so a webhook that does not answer shows as "failed
 * calling webhook", and one that does as the refusal of the name; nothing is ever stored. An account that may not
 * create the kind cannot probe: then the objects have to do.
 */
export async function probeWebhooks(target: ProbeTarget, held: Held): Promise<void> {
    let refusals = 0;
    for (let pause = SHORTEST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
        const seen = await probe(target, held);
        refusals = seen === NAME_REFUSED ? refusals + 1 : 0;
        if (seen === undefined || refusals === 2) {
            return;
        }
        if (seen === NAME_REFUSED) {
            await sleep(SECOND_LOOK_MS, undefined, { signal: held.signal });
            continue;
        }
        held.waiting(`its webhooks do not answer yet: ${seen}`, [
            "The operator serves them itself; its log says whether it has come up:",
            `  oc logs deployment/istio-operator -n ${target.namespace}`,
            "A configuration that an earlier installation left behind is in the way once no operator serves it:",
            "  oc get mutatingwebhookconfigurations,validatingwebhookconfigurations",
        ]);
        await sleep(pause, undefined, { signal: held.signal });
    }
}

const NAME_REFUSED = Symbol("the name is refused");

/** The API server's words while a webhook does not answer; undefined once one has, or when there is no telling. */
async function probe(
    { apiVersion, kind, namespace }: ProbeTarget,
    { kube }: Held,
): Promise<string | typeof NAME_REFUSED | undefined> {
    try {
        await kube.create({ apiVersion, kind, metadata: { name: IMPOSSIBLE_NAME, namespace }, spec: {} });
        return undefined;
    } catch (error) {
        const { message } = error as Error;
        if (error instanceof KindMissing) {
            return `${apiVersion} ${kind} is not served yet`;
        }
        if (!(error instanceof KubeError) || error.status >= 500 || isStatus(error, 429)) {
            return message;
        }
        return error.status === 422 ? NAME_REFUSED : undefined;
    }
}
