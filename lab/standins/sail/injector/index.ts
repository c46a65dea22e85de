import { isStatus, type KubeObject, refOf } from "../../../../kube";
import { isReady, onSetting } from "../../maistra/common/running";
import { type Store, watched } from "../../maistra/common/store";
import type { AdmissionResponse, StandInContext, WebhookHandler, WebhookServer } from "../../types";
import type { Target } from "../charts/webhooks";
import { DEFAULT, MANAGED, MUTATING, REV, suffixed, VALIDATING } from "../names";
import { gatewayPatch, type Mesh, sidecarPatch } from "./patch";
import { templateOf, wantsProxy } from "./selection";

const POD = { apiVersion: "v1", kind: "Pod" };

/**
 * The istiods, as far as the API server knows them: their webhooks. Each answers while a pod of its is Ready, for every
 * webhook configuration that names its Service, and fills in where it listens; they work on when the operator stops.
 */
export async function istiods(context: StandInContext): Promise<void> {
    const { kube, signal } = context;
    const servers = new Map<string, Promise<WebhookServer>>();
    const closing = async (id: string): Promise<void> => {
        const server = servers.get(id);
        servers.delete(id);
        await (await server)?.close();
    };
    const check = (): void => {
        const ready = context.settings().sail.injectorDown ? new Map<string, Target>() : running(pods);
        for (const id of servers.keys()) {
            if (!ready.has(id)) {
                void closing(id);
            }
        }
        for (const [id, target] of ready) {
            if (!servers.has(id)) {
                servers.set(id, context.serveWebhook(handlers(context, target)));
            }
        }
        for (const configuration of configurations.flatMap((store) => [...store.objects.values()])) {
            void fillIn(configuration).catch((error: unknown) => {
                if (!signal.aborted && !isStatus(error, 404) && !isStatus(error, 409)) {
                    context.log(`${configuration.metadata.name}: ${error instanceof Error ? error.message : error}`);
                }
            });
        }
    };
    const fillIn = async (configuration: KubeObject): Promise<void> => {
        const operations: object[] = [];
        for (const [index, webhook] of (configuration.webhooks ?? []).entries()) {
            const path = new URL(webhook.clientConfig.url ?? "https://none/").pathname;
            const server = await servers.get(idOf(targetIn(path)));
            if (server && webhook.clientConfig.url !== server.url(path)) {
                const value = { url: server.url(path), caBundle: server.caBundle };
                operations.push({ op: "replace", path: `/webhooks/${index}/clientConfig`, value });
            }
        }
        if (operations.length > 0) {
            await kube.jsonPatch(refOf(configuration), operations);
        }
    };
    const pods = watched(kube, POD, { signal, labelSelector: "app=istiod" }, check);
    const configurations = [MUTATING, VALIDATING].map((kind) =>
        watched(kube, kind, { signal, labelSelector: MANAGED }, check),
    );
    onSetting(context, () => context.settings().sail.injectorDown, check);
    await Promise.all([pods, ...configurations].map((store) => store.synced));
}

/** The istiods that have a Ready pod, by "namespace/service". */
function running(pods: Store): Map<string, Target> {
    const targets = [...pods.objects.values()].filter(isReady).flatMap(({ metadata }) => {
        const revision = metadata.labels?.[REV];
        return revision === undefined
            ? []
            : [{ namespace: metadata.namespace ?? "", service: suffixed("istiod", revision) }];
    });
    return new Map(targets.map((target) => [idOf(target), target]));
}

/** Whom the path of a webhook's address means: /<namespace>/<service>/inject. */
function targetIn(path: string): Target {
    const [, namespace = "", service = ""] = path.split("/");
    return { namespace, service };
}

function idOf({ namespace, service }: Target): string {
    return `${namespace}/${service}`;
}

function handlers(context: StandInContext, target: Target): Record<string, WebhookHandler> {
    return {
        [`/${idOf(target)}/inject`]: ({ request }) => inject(context, target, request.object, request.namespace ?? ""),
        [`/${idOf(target)}/validate`]: () => ({ allowed: true }),
    };
}

async function inject(
    context: StandInContext,
    target: Target,
    pod: KubeObject,
    namespace: string,
): Promise<AdmissionResponse> {
    const revision = target.service === "istiod" ? DEFAULT : target.service.slice("istiod-".length);
    const name = suffixed("istio-sidecar-injector", revision);
    const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: target.namespace, name };
    const config = await context.kube.get(ref);
    if (!config) {
        return refused(`failed to inject: ConfigMap ${target.namespace}/${name} not found`);
    }
    const { policy } = JSON.parse(config.data.config);
    if (!wantsProxy(pod, namespace, policy)) {
        return { allowed: true };
    }
    const values = JSON.parse(config.data.values);
    const native = context.settings().sail.nativeSidecars;
    const mesh: Mesh = { namespace: target.namespace, revision, values, native };
    try {
        const patch = templateOf(pod) === "gateway" ? gatewayPatch(pod, mesh) : sidecarPatch(pod, mesh);
        return { allowed: true, patch };
    } catch (error) {
        return refused(`failed to run injection template: ${(error as Error).message}`);
    }
}

function refused(message: string): AdmissionResponse {
    return { allowed: false, status: { message } };
}
