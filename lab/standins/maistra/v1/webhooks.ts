import { KindMissing, type Kube, type KubeObject } from "../../../../kube";
import type { AdmissionRequest, AdmissionResponse, StandInContext, WebhookHandler } from "../../types";
import {
    completeControlPlane,
    membersOf,
    refuseControlPlane,
    refuseMember,
    refuseRoll,
    withoutOwnNamespace,
} from "./admission";
import { allowedToJoin, allowedToUse, type Refusal } from "../common/access";
import { FIELD_MANAGER, MAISTRA_API, NOBODY, OPERATOR_NAMESPACE, ROLL_KIND } from "../common/names";
import { CONTROL_PLANE_KIND } from "./names";

/** The name of both configurations; they stay when the operator goes, and then refuse everything. */
export const CONFIGURATION = `${OPERATOR_NAMESPACE}.servicemesh-resources.maistra.io`;

interface Hook {
    kind: "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration";
    name: string;
    path: string;
    resource: string;
    decide(request: AdmissionRequest): Promise<{ refusal?: Refusal; patch?: object[] }>;
}

/**
 * The operator's admission webhooks: registered first, answering only some seconds later, and gone with the operator
 * while their configurations stay (recorded: N0, N7b).
 */
export async function runWebhooks(context: StandInContext): Promise<void> {
    const hooks = hooksOf(context);
    await context.delay(context.settings().maistra.registrationDelay);
    await register(context, hooks, (path) => `${NOBODY}${path}`);
    await context.kube.apply(admissionService(), { fieldManager: FIELD_MANAGER, force: true });
    await context.delay(context.settings().maistra.webhookDelay);
    const handlers = Object.fromEntries(hooks.map((hook) => [hook.path, handler(context, hook)]));
    const server = await context.serveWebhook(handlers);
    const close = () => void server.close();
    if (context.signal.aborted) {
        close();
        return;
    }
    context.signal.addEventListener("abort", close, { once: true });
    await register(context, hooks, (path) => server.url(path), server.caBundle);
    context.log("webhooks answer");
}

function handler(context: StandInContext, hook: Hook): WebhookHandler {
    return async ({ request }) => {
        // API servers of that time refused for the webhook, which declared no sideEffects; today's asks it instead.
        if (request.dryRun) {
            return refused(`admission webhook "${hook.name}" does not support dry run`);
        }
        if (request.object?.metadata?.deletionTimestamp) {
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

function hooksOf(context: StandInContext): Hook[] {
    const { kube } = context;
    return [
        {
            kind: "MutatingWebhookConfiguration",
            name: "smcp.mutation.maistra.io",
            path: "/mutate-smcp",
            resource: "servicemeshcontrolplanes",
            decide: async ({ object, operation }) => ({ patch: completeControlPlane(object, operation) }),
        },
        {
            kind: "MutatingWebhookConfiguration",
            name: "smmr.mutation.maistra.io",
            path: "/mutate-smmr",
            resource: "servicemeshmemberrolls",
            decide: async ({ object }) => {
                const drops = context.settings().maistra.ownNamespaceAsMember === "dropped";
                return { patch: drops ? withoutOwnNamespace(object) : [] };
            },
        },
        {
            kind: "ValidatingWebhookConfiguration",
            name: "smcp.validation.maistra.io",
            path: "/validate-smcp",
            resource: "servicemeshcontrolplanes",
            decide: async ({ object, namespace }) => ({ refusal: await judgeControlPlane(kube, object, namespace) }),
        },
        {
            kind: "ValidatingWebhookConfiguration",
            name: "smm.validation.maistra.io",
            path: "/validate-smm",
            resource: "servicemeshmembers",
            decide: async ({ object, oldObject, userInfo }) => ({
                refusal: refuseMember(object, oldObject) ?? (await allowedToUse(kube, userInfo, object)),
            }),
        },
        {
            kind: "ValidatingWebhookConfiguration",
            name: "smmr.validation.maistra.io",
            path: "/validate-smmr",
            resource: "servicemeshmemberrolls",
            decide: async ({ object, oldObject, userInfo }) => {
                const before = oldObject ? membersOf(oldObject) : [];
                const added = membersOf(object).filter((member) => !before.includes(member));
                return { refusal: (await judgeRoll(kube, object)) ?? (await allowedToJoin(kube, userInfo, added)) };
            },
        },
    ];
}

async function judgeControlPlane(kube: Kube, smcp: KubeObject, namespace?: string): Promise<Refusal> {
    const [jaegerInstalled, kialiInstalled, others] = await Promise.all([
        hasKind(kube, "jaegers.jaegertracing.io"),
        hasKind(kube, "kialis.kiali.io"),
        listOrNone(kube, CONTROL_PLANE_KIND, namespace),
    ]);
    return refuseControlPlane(smcp, {
        jaegerInstalled,
        kialiInstalled,
        others: others.map((other) => other.metadata.name),
    });
}

async function judgeRoll(kube: Kube, roll: KubeObject): Promise<Refusal> {
    const { name, namespace } = roll.metadata;
    const [meshes, rolls] = await Promise.all([
        listOrNone(kube, CONTROL_PLANE_KIND, namespace),
        listOrNone(kube, ROLL_KIND),
    ]);
    const others = rolls.filter(({ metadata }) => metadata.name !== name || metadata.namespace !== namespace);
    return refuseRoll(roll, { controlPlanes: meshes.length, taken: others.flatMap(membersOf) });
}

async function hasKind(kube: Kube, name: string): Promise<boolean> {
    const crd = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", name };
    return (await kube.get(crd)) !== undefined;
}

async function listOrNone(kube: Kube, kind: typeof ROLL_KIND, namespace?: string): Promise<KubeObject[]> {
    return kube.list(kind, { namespace }).catch((error: unknown) => {
        if (error instanceof KindMissing) {
            return [];
        }
        throw error;
    });
}

async function register(
    context: StandInContext,
    hooks: Hook[],
    url: (path: string) => string,
    caBundle?: string,
): Promise<void> {
    for (const kind of ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"] as const) {
        const webhooks = hooks
            .filter((hook) => hook.kind === kind)
            .map((hook) => ({
                name: hook.name,
                admissionReviewVersions: ["v1"],
                clientConfig: { url: url(hook.path), ...(caBundle === undefined ? {} : { caBundle }) },
                failurePolicy: "Fail",
                namespaceSelector: { matchExpressions: [{ key: "control-plane", operator: "DoesNotExist" }] },
                rules: [
                    {
                        apiGroups: [MAISTRA_API.split("/")[0]],
                        apiVersions: [MAISTRA_API.split("/")[1]],
                        operations: ["CREATE", "UPDATE"],
                        resources: [hook.resource],
                    },
                ],
                sideEffects: "NoneOnDryRun",
                timeoutSeconds: 10,
            }));
        const apiVersion = "admissionregistration.k8s.io/v1";
        const configuration: KubeObject = { apiVersion, kind, metadata: { name: CONFIGURATION }, webhooks };
        await context.kube.apply(configuration, { fieldManager: FIELD_MANAGER, force: true });
    }
}

function admissionService(): KubeObject {
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "admission-controller", namespace: OPERATOR_NAMESPACE },
        spec: { ports: [{ protocol: "TCP", port: 443, targetPort: 11999 }], selector: { name: "istio-operator" } },
    };
}
