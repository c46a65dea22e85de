import { isStatus, type KubeObject, refOf } from "../../../../kube";
import type { StandInContext, WebhookHandler, WebhookServer } from "../../types";
import { GALLEY_CONFIGURATION, INJECTOR_CONFIGURATION } from "./charts/webhook-configurations";
import { sidecarPatch, wantsSidecar } from "./injection";
import { CONTROL_PLANE, OWNER } from "../common/names";
import { CONTROL_PLANE_KIND } from "./names";
import { isReady, onSetting } from "../common/running";
import { watched } from "../common/store";
import { chartValues } from "./values";

interface Kind {
    configuration: "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration";
    prefix: string;
    /** Value of the label "istio" of its pods. */
    pods: string;
    handlers(context: StandInContext, mesh: string): Record<string, WebhookHandler>;
    down?(context: StandInContext): boolean;
}

const allow: WebhookHandler = () => ({ allowed: true });

const KINDS: readonly Kind[] = [
    {
        configuration: "MutatingWebhookConfiguration",
        prefix: INJECTOR_CONFIGURATION,
        pods: "sidecar-injector",
        handlers: (context, mesh) => ({ "/inject": injector(context, mesh) }),
        down: (context) => context.settings().maistra.injectorDown,
    },
    {
        configuration: "ValidatingWebhookConfiguration",
        prefix: GALLEY_CONFIGURATION,
        pods: "galley",
        handlers: () => ({ "/admitpilot": allow, "/admitmixer": allow }),
    },
];

/**
 * The webhooks of the control planes' own components. Each answers while a pod of its component is Ready, and fills in
 * its configuration's address and certificate when it begins to (recorded: N1, caBundle right after the pod's Ready);
 * they work on when the operator stops.
 */
export async function meshWebhooks(context: StandInContext): Promise<void> {
    const { kube, signal } = context;
    const servers = new Map<string, Promise<WebhookServer>>();
    const written = new Map<string, string>();
    const check = () => {
        for (const kind of KINDS) {
            for (const configuration of configurations.get(kind)!.objects.values()) {
                const { name, labels } = configuration.metadata;
                const mesh = labels?.[OWNER];
                if (mesh !== undefined && name === `${kind.prefix}${mesh}`) {
                    const answers = !kind.down?.(context) && hasPod(kind.pods, mesh);
                    tend(kind, configuration, mesh, answers).catch((error: unknown) => {
                        if (!signal.aborted) {
                            context.log(`${name}: ${error instanceof Error ? error.message : error}`);
                        }
                    });
                }
            }
        }
    };
    const hasPod = (component: string, mesh: string) =>
        [...pods.objects.values()].some(
            (pod) => pod.metadata.namespace === mesh && pod.metadata.labels?.istio === component && isReady(pod),
        );
    const tend = async (kind: Kind, configuration: KubeObject, mesh: string, answers: boolean): Promise<void> => {
        const { name, uid = "" } = configuration.metadata;
        if (!answers) {
            const server = servers.get(name);
            servers.delete(name);
            written.delete(name);
            await (await server)?.close();
            return;
        }
        const known = servers.get(name) ?? context.serveWebhook(kind.handlers(context, mesh));
        servers.set(name, known);
        const server = await known;
        const mark = `${uid} ${server.url("")}`;
        if (written.get(name) !== mark && servers.get(name) === known) {
            written.set(name, mark);
            await fillIn(context, configuration, server);
        }
    };
    const pods = watched(kube, { apiVersion: "v1", kind: "Pod" }, { labelSelector: CONTROL_PLANE, signal }, check);
    const apiVersion = "admissionregistration.k8s.io/v1";
    const configurations = new Map(
        KINDS.map((kind) => [
            kind,
            watched(kube, { apiVersion, kind: kind.configuration }, { labelSelector: OWNER, signal }, check),
        ]),
    );
    onSetting(context, () => context.settings().maistra.injectorDown, check);
    await Promise.all([pods.synced, ...[...configurations.values()].map((store) => store.synced)]);
}

async function fillIn({ kube }: StandInContext, configuration: KubeObject, server: WebhookServer): Promise<void> {
    const operations = configuration.webhooks.map((webhook: { clientConfig: { url: string } }, index: number) => ({
        op: "replace",
        path: `/webhooks/${index}/clientConfig`,
        value: { url: server.url(new URL(webhook.clientConfig.url).pathname), caBundle: server.caBundle },
    }));
    try {
        await kube.jsonPatch(refOf(configuration), operations);
    } catch (error) {
        if (!isStatus(error, 404)) {
            throw error;
        }
    }
}

function injector(context: StandInContext, mesh: string): WebhookHandler {
    return async ({ request }) => {
        if (!wantsSidecar(request.object)) {
            return { allowed: true };
        }
        const [controlPlane] = await context.kube.list(CONTROL_PLANE_KIND, { namespace: mesh });
        const values = chartValues(controlPlane?.spec ?? {});
        return { allowed: true, patch: sidecarPatch(request.object, mesh, values) };
    };
}
