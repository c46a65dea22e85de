import type { StandIn } from "./types";

const NAMES = ["kubelet", "router", "tekton", "deploymentconfig", "olm", "maistra"] as const;

/**
 * The stand-ins by name: each is `standIn` of lab/standins/<name>. Loaded when started, so that one that is broken
 * does not take the others with it.
 */
export const STAND_INS: Record<string, () => Promise<StandIn>> = Object.fromEntries(
    NAMES.map((name) => [name, async () => (require(`./${name}`) as { standIn: StandIn }).standIn]),
);
