import { isStatus, type Kube, type KubeObject, type Ref, refOf } from "../../../../kube";
import { FIELD_MANAGER, MAISTRA_API, NOBODY, OPERATOR_NAMESPACE } from "../common/names";
import type { Hook } from "./hooks";

/** The name of both of 2.5's configurations; they stay when the operator goes, and then refuse everything. */
const CONFIGURATION = `${OPERATOR_NAMESPACE}.servicemesh-resources.maistra.io`;
/** Whose generateName in a CSV a configuration of OLM's comes from. */
const OLM_LABEL = "olm.webhook-description-generate-name";

const API = "admissionregistration.k8s.io/v1";
const KINDS = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"] as const;
const SERVICE = "maistra-admission-controller";
const CRD: Ref = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    name: "servicemeshcontrolplanes.maistra.io",
};
const FORCED = { fieldManager: FIELD_MANAGER, force: true };

/** Where webhooks answer. */
export interface Target {
    url(path: string): string;
    caBundle: string;
    /** The path of the conversion between the versions of a control plane. */
    convert: string;
}

/**
 * What 2.5 makes at its start, before anybody answers. True when there was no Service for them yet: then the pod has
 * no certificate.
 */
export async function registerOwn(kube: Kube, hooks: Hook[]): Promise<boolean> {
    const service = { apiVersion: "v1", kind: "Service", namespace: OPERATOR_NAMESPACE, name: SERVICE };
    const first = (await kube.get(service)) === undefined;
    for (const object of companions()) {
        await kube.apply(object, FORCED);
    }
    await apply(kube, hooks, (path) => `${NOBODY}${path}`);
    await setConversion(kube, `${NOBODY}/convert-smcp`);
    return first;
}

export async function aimOwnConfigurations(kube: Kube, hooks: Hook[], target: Target): Promise<void> {
    await apply(kube, hooks, target.url, target.caBundle);
    await setConversion(kube, target.url(target.convert), target.caBundle);
}

/** OLM has made them with the address of a Service, which nobody in the lab can reach. An older operator's own go. */
export async function aimOlmsConfigurations(kube: Kube, hooks: Hook[], target: Target): Promise<void> {
    for (const kind of KINDS) {
        await kube.delete({ apiVersion: API, kind, name: CONFIGURATION });
        for (const configuration of await kube.list({ apiVersion: API, kind }, { labelSelector: OLM_LABEL })) {
            const webhooks: { name: string }[] = configuration.webhooks ?? [];
            const operations = webhooks.flatMap(({ name }, index) => {
                const path = hooks.find((hook) => hook.name === name)?.path;
                const value = path && { url: target.url(path), caBundle: target.caBundle };
                return value ? [{ op: "replace", path: `/webhooks/${index}/clientConfig`, value }] : [];
            });
            if (operations.length > 0) {
                await kube.jsonPatch(refOf({ ...configuration, apiVersion: API, kind }), operations);
            }
        }
    }
    await setConversion(kube, target.url(target.convert), target.caBundle);
}

async function apply(kube: Kube, hooks: Hook[], url: (path: string) => string, caBundle?: string): Promise<void> {
    for (const kind of KINDS) {
        const webhooks = hooks
            .filter((hook) => hook.kind === kind)
            .map((hook) => ({
                name: hook.name,
                admissionReviewVersions: ["v1"],
                clientConfig: { url: url(hook.path), ...(caBundle === undefined ? {} : { caBundle }) },
                failurePolicy: "Fail",
                rules: [
                    {
                        apiGroups: [MAISTRA_API.split("/")[0]],
                        apiVersions: hook.versions,
                        operations: ["CREATE", "UPDATE"],
                        resources: [hook.resource],
                    },
                ],
                sideEffects: "None",
                timeoutSeconds: 10,
            }));
        const annotations = { "service.beta.openshift.io/inject-cabundle": "true" };
        const configuration: KubeObject = {
            apiVersion: API,
            kind,
            metadata: { name: CONFIGURATION, annotations },
            webhooks,
        };
        await kube.apply(configuration, FORCED);
    }
}

/** From now on whoever uses the version that is not stored needs the operator (recorded: M0, R13). */
async function setConversion(kube: Kube, url: string, caBundle?: string): Promise<void> {
    const clientConfig = { url, ...(caBundle === undefined ? {} : { caBundle }) };
    const conversion = { strategy: "Webhook", webhook: { conversionReviewVersions: ["v1"], clientConfig } };
    try {
        await kube.mergePatch(CRD, { spec: { conversion } }, { fieldManager: FIELD_MANAGER });
    } catch (error) {
        if (!isStatus(error, 404)) {
            throw error;
        }
    }
}

/** What goes with them; OpenShift's service CA fills the two that hold a certificate. They stay, too. */
function companions(): KubeObject[] {
    const own = (kind: string, name: string, annotations: Record<string, string>, rest: object): KubeObject => ({
        apiVersion: "v1",
        kind,
        metadata: { name, namespace: OPERATOR_NAMESPACE, annotations },
        ...rest,
    });
    const secret = "maistra-operator-serving-cert";
    return [
        own(
            "Service",
            SERVICE,
            { "service.beta.openshift.io/serving-cert-secret-name": secret },
            {
                spec: {
                    ports: [{ name: "validation", port: 443, targetPort: 11999 }],
                    selector: { name: "istio-operator" },
                },
            },
        ),
        own(
            "ConfigMap",
            "maistra-operator-cabundle",
            { "service.beta.openshift.io/inject-cabundle": "true" },
            {
                data: { "service-ca.crt": "" },
            },
        ),
        own("Secret", secret, {}, { data: {} }),
    ];
}
