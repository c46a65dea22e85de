import { setTimeout as sleep } from "node:timers/promises";
import { isStatus, KindMissing, KubeError } from "../kube";
import type { Held } from "./gate";

export interface ProbeTarget {
    apiVersion: string;
    kind: string;
    /** The operator's namespace: its own webhooks refuse a control plane there, should the name ever be accepted. */
    namespace: string;
}

/** No object can have this name: names begin and end with a letter or a digit. */
const IMPOSSIBLE_NAME = "_webhook-probe_";

const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Waits until an operator's admission webhooks answer, which can be seconds after its CSV has Succeeded (trap 13), or
 * again after it restarted itself (trap 14). Harmless by construction: it sends an object whose name is invalid. The
 * API server calls mutating webhooks before it validates names, so a webhook that does not answer shows as "failed
 * calling webhook", and one that does as the refusal of the name; nothing is ever stored. An account that may not
 * create the kind cannot probe: then the objects have to do.
 */
export async function probeWebhooks(target: ProbeTarget, held: Held): Promise<void> {
    for (let pause = SHORTEST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
        const unanswered = await probe(target, held);
        if (unanswered === undefined) {
            return;
        }
        held.waiting(`its webhooks do not answer yet: ${unanswered}`, [
            "The operator serves them itself; its log says whether it has come up:",
            `  oc logs deployment/istio-operator -n ${target.namespace}`,
            "A configuration that an earlier installation left behind is in the way once no operator serves it:",
            "  oc get mutatingwebhookconfigurations,validatingwebhookconfigurations",
        ]);
        await sleep(pause, undefined, { signal: held.signal });
    }
}

/** The API server's words while a webhook does not answer; undefined once it does, or when there is no telling. */
async function probe({ apiVersion, kind, namespace }: ProbeTarget, { kube }: Held): Promise<string | undefined> {
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
        return undefined;
    }
}
