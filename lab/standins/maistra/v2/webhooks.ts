import type { KubeObject } from "../../../../kube";
import type { AdmissionResponse, StandInContext, WebhookHandler } from "../../types";
import { convert } from "./conversion";
import { type Hook, hooksOf } from "./hooks";
import { aimOlmsConfigurations, aimOwnConfigurations, registerOwn } from "./registration";
import type { Release } from "./release";

const CONVERT = "/convert-smcp";

/**
 * The operator's webhooks: of 2.5 registered by itself, some seconds before they answer; of 2.6 by OLM, before the
 * operator's pod is there. They are gone with the operator, and 2.5's configurations stay (traps 14, 30, 31).
 */
export async function runWebhooks(context: StandInContext, release: Release): Promise<void> {
    const hooks = hooksOf(context.kube, release);
    const { maistra } = context.settings();
    const byOlm = release.webhooks === "olm";
    if (!byOlm) {
        await context.delay(maistra.registrationDelay);
        const first = await registerOwn(context.kube, hooks);
        if (first) {
            // Its pod was made before there was a certificate to mount, so it ends itself and comes again
            // (webhooks/hacks.go: createWebhookResources).
            context.log("restarting to obtain the webhooks' certificate");
            await context.delay(maistra.restartDelay);
        } else {
            await context.delay(maistra.webhookDelay);
        }
    }
    const handlers = Object.fromEntries(hooks.map((hook) => [hook.path, handler(context, hook)]));
    const server = await context.serveWebhook({ ...handlers, [CONVERT]: convert });
    const close = () => void server.close();
    if (context.signal.aborted) {
        close();
        return;
    }
    context.signal.addEventListener("abort", close, { once: true });
    const aim = byOlm ? aimOlmsConfigurations : aimOwnConfigurations;
    await aim(context.kube, hooks, { url: server.url, caBundle: server.caBundle, convert: CONVERT });
    context.log("webhooks answer");
}

function handler(context: StandInContext, hook: Hook): WebhookHandler {
    return async ({ request }) => {
        const object: KubeObject | null = request.object;
        if (object?.metadata?.deletionTimestamp) {
            return { allowed: true };
        }
        try {
            const { refusal, patch } = await hook.decide(request);
            return refusal === undefined ? { allowed: true, patch } : refused(refusal);
        } catch (error) {
            context.log(`${hook.name}: ${error instanceof Error ? error.message : error}`);
            throw error;
        }
    };
}

function refused(message: string): AdmissionResponse {
    return { allowed: false, status: { code: 400, reason: "BadRequest", message } };
}
