import { setTimeout as sleep } from "node:timers/promises";
import type { Kube } from "../kube";
import { baseCrds, gatewayApiCrds, installCrds } from "./crds";
import { seed, settled } from "./seed";
import type { Settings } from "./settings";

const ANSWER_MS = 90_000;
const WATCHING_MS = 60_000;
const CHECK_MS = 25;

export interface Helpers {
    say(stage: string): void;
    /** From now on stand-ins can work, and controllers know all kinds. */
    onCrds(): void;
    /** The stand-ins that are not watching yet. */
    notWatching(): string[];
}

/**
 * Makes an OpenShift of an API server that has just been started, and resolves when it is at rest. Errors: an Error
 * that says what did not come about.
 */
export async function populate(kube: Kube, settings: Settings, helpers: Helpers): Promise<void> {
    helpers.say("waiting for kube-apiserver");
    const crds = [...(await baseCrds()), ...(settings.seed.gatewayApi ? await gatewayApiCrds() : [])];
    await answering(kube);
    helpers.say("installing the CRDs that OpenShift has");
    await installCrds(kube, crds);
    helpers.onCrds();
    helpers.say("making what is in the cluster before anybody comes");
    await seed(kube, settings);
    await watching(helpers);
    await settled(kube);
}

async function answering(kube: Kube): Promise<void> {
    const until = Date.now() + ANSWER_MS;
    for (;;) {
        try {
            await kube.raw("GET", "/api/v1/namespaces");
            return;
        } catch (error) {
            if (Date.now() > until) {
                throw error;
            }
            await sleep(CHECK_MS);
        }
    }
}

async function watching({ notWatching }: Helpers): Promise<void> {
    const until = Date.now() + WATCHING_MS;
    while (notWatching().length > 0) {
        if (Date.now() > until) {
            throw new Error(`these stand-ins are not running: ${notWatching().join(", ")}`);
        }
        await sleep(CHECK_MS);
    }
}
