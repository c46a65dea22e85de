import { isStatus, type KubeObject, refOf } from "../../../../kube";
import type { StandInContext, WebhookHandler, WebhookServer } from "../../types";
import { OWNER } from "../common/names";
import { onSetting } from "../common/running";
import { watched } from "../common/store";
import { INJECTOR_PREFIX, VALIDATOR_PREFIX } from "./charts/webhook-configurations";
import { proxyPatch, wantsProxy } from "./injection";
import type { Istiods } from "./istiods";
import { CONTROL_PLANE_KIND, OWNER_NAME } from "./names";

const API = "admissionregistration.k8s.io/v1";
const CA_SECRET = "istio-ca-secret";

/**
 * What istiod does: its injector and its validator answer while a pod of it is Ready, and it fills in their address and
 * certificate when it begins to; it works on when the operator stops. The first time it makes its CA, which stays when
 * the control plane goes (recorded: M1b, M6d).
 */
export async function meshWebhooks(context: StandInContext, istiods: Istiods): Promise<void> {
    const { kube, signal } = context;
    const servers = new Map<string, Promise<WebhookServer>>();
    const written = new Map<string, string>();
    const check = () => {
        for (const store of stores) {
            for (const configuration of store.objects.values()) {
                const { name, labels = {} } = configuration.metadata;
                const mesh = { namespace: labels[OWNER], name: labels[OWNER_NAME] };
                const kind = kindOf(name);
                if (mesh.namespace && mesh.name && kind) {
                    const down = kind === "injector" && context.settings().maistra.injectorDown;
                    const answers = !down && istiods.isReady(mesh.namespace, mesh.name);
                    tend(configuration, kind, mesh, answers).catch((error: unknown) => {
                        if (!signal.aborted) {
                            context.log(`${name}: ${error instanceof Error ? error.message : error}`);
                        }
                    });
                }
            }
        }
    };
    const tend = async (configuration: KubeObject, kind: Kind, mesh: Mesh, answers: boolean): Promise<void> => {
        const { name, uid = "" } = configuration.metadata;
        if (!answers) {
            const server = servers.get(name);
            servers.delete(name);
            written.delete(name);
            await (await server)?.close();
            return;
        }
        const handlers: Record<string, WebhookHandler> =
            kind === "injector" ? { "/inject": injector(context, mesh) } : { "/validate": () => ({ allowed: true }) };
        const known = servers.get(name) ?? context.serveWebhook(handlers);
        servers.set(name, known);
        const server = await known;
        const mark = `${uid} ${server.url("")}`;
        if (written.get(name) !== mark && servers.get(name) === known) {
            written.set(name, mark);
            await makeAuthority(context, mesh);
            await fillIn(context, configuration, server);
        }
    };
    istiods.onChange(check);
    const stores = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"].map((kind) =>
        watched(kube, { apiVersion: API, kind }, { labelSelector: OWNER_NAME, signal }, check),
    );
    onSetting(context, () => context.settings().maistra.injectorDown, check);
    await Promise.all([istiods.synced, ...stores.map((store) => store.synced)]);
}

type Kind = "injector" | "validator";

interface Mesh {
    namespace: string;
    name: string;
}

function kindOf(configuration: string): Kind | undefined {
    if (configuration.startsWith(VALIDATOR_PREFIX)) {
        return "validator";
    }
    return configuration.startsWith(INJECTOR_PREFIX) ? "injector" : undefined;
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

/** Its contents are nobody's business in the lab; that it is there, and stays, is. */
async function makeAuthority({ kube }: StandInContext, { namespace }: Mesh): Promise<void> {
    const files = ["ca-cert.pem", "ca-key.pem", "cert-chain.pem", "key.pem", "root-cert.pem"];
    const stringData = Object.fromEntries(files.map((file) => [file, ""]));
    const metadata = { name: CA_SECRET, namespace };
    try {
        await kube.create({ apiVersion: "v1", kind: "Secret", metadata, type: "istio.io/ca-root", stringData });
    } catch (error) {
        if (!isStatus(error, 409) && !isStatus(error, 404)) {
            throw error;
        }
    }
}

function injector(context: StandInContext, mesh: Mesh): WebhookHandler {
    return async ({ request }) => {
        if (!wantsProxy(request.object)) {
            return { allowed: true };
        }
        const controlPlane = await context.kube.get({ ...CONTROL_PLANE_KIND, ...mesh });
        const applied = controlPlane?.status?.appliedSpec;
        if (!applied) {
            return { allowed: true };
        }
        const charts: string = applied.runtime.defaults.container.imageTag;
        return { allowed: true, patch: proxyPatch(request.object, { ...mesh, applied, charts }) };
    };
}
