import { createHash } from "node:crypto";
import { isStatus, type KubeObject } from "../../../kube";
import { ownerLabels } from "./bundle";
import type { Olm } from "./host";
import type { WebhookDefinition } from "./settings";

const API = "admissionregistration.k8s.io/v1";
const KINDS = { Mutating: "MutatingWebhookConfiguration", Validating: "ValidatingWebhookConfiguration" } as const;
/** The address of a Service cannot be reached from the lab's API server; whoever serves it fills in its own. */
const NOBODY = "https://127.0.0.1:9";

/**
 * The webhook configurations of a CSV, one for each of its spec.webhookdefinitions, labelled as OLM labels them
 * (operator-framework/operator-lifecycle-manager, pkg/controller/install/webhook.go). Pure.
 */
export function webhooksOf(csv: KubeObject): KubeObject[] {
    const definitions: WebhookDefinition[] = csv.spec.webhookdefinitions ?? [];
    return definitions.map(({ type, generateName, webhookPath, rules }) => {
        const hash = createHash("sha256").update(`${csv.metadata.uid}/${type}/${generateName}`).digest("hex");
        return {
            apiVersion: API,
            kind: KINDS[type],
            metadata: {
                name: `${generateName}-${hash.slice(0, 5)}`,
                labels: { ...ownerLabels(csv), "olm.webhook-description-generate-name": generateName },
            },
            webhooks: [
                {
                    name: generateName,
                    admissionReviewVersions: ["v1"],
                    clientConfig: { url: `${NOBODY}${webhookPath}` },
                    failurePolicy: "Fail",
                    rules,
                    sideEffects: "None",
                    timeoutSeconds: 10,
                },
            ],
        };
    });
}

/** Made before the operator's pod is there, and refusing until it answers. */
export async function makeWebhooks(olm: Olm, csv: KubeObject): Promise<void> {
    for (const configuration of webhooksOf(csv)) {
        await olm.olmRequests.take();
        await olm.context.kube.create(configuration).catch((error: unknown) => {
            if (!isStatus(error, 409)) {
                throw error;
            }
        });
    }
}

/** They go with the CSV, unlike those that an operator makes by itself (trap 31). */
export async function removeWebhooks(olm: Olm, csv: KubeObject): Promise<void> {
    const { kube } = olm.context;
    for (const { kind, metadata } of webhooksOf(csv)) {
        await kube.delete({ apiVersion: API, kind, name: metadata.name });
    }
}
