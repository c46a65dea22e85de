import { KindMissing, type Kube, refOf } from "../../../../kube";
import { MESH_GENERATION, OWNER } from "./names";
import { patiently } from "./write";

interface Step {
    kinds: [apiVersion: string, kind: string][];
    /** The share of the whole time after which the real operator came to these kinds (recorded: N6a). */
    at: number;
    cluster?: boolean;
}

/** First to last (maistra/istio-operator, controlplane/pruner.go); the waits are the operator's client throttle. */
const STEPS: readonly Step[] = [
    {
        at: 0.016,
        kinds: [
            ["kiali.io/v1alpha1", "Kiali"],
            ["autoscaling/v1", "HorizontalPodAutoscaler"],
            ["route.openshift.io/v1", "Route"],
            ["apps/v1", "Deployment"],
            ["v1", "Service"],
            ["v1", "ConfigMap"],
            ["v1", "Secret"],
            ["v1", "ServiceAccount"],
            ["networking.k8s.io/v1", "NetworkPolicy"],
            ["rbac.authorization.k8s.io/v1", "RoleBinding"],
            ["rbac.authorization.k8s.io/v1", "Role"],
        ],
    },
    { at: 0.05, kinds: [["authentication.istio.io/v1alpha1", "Policy"]] },
    { at: 0.31, kinds: [["networking.istio.io/v1alpha3", "DestinationRule"]] },
    {
        at: 0.41,
        kinds: [
            ["jaegertracing.io/v1", "Jaeger"],
            ["authentication.maistra.io/v1", "ServiceMeshPolicy"],
        ],
    },
    {
        at: 0.9,
        cluster: true,
        kinds: [
            ["admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"],
            ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"],
        ],
    },
    {
        at: 1,
        cluster: true,
        kinds: [
            ["rbac.authorization.k8s.io/v1", "ClusterRole"],
            ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding"],
        ],
    },
];

/**
 * Deletes what belongs to the control plane of a namespace and was last written for another generation than `keep`
 * (undefined: all of it). `delay` waits as long as the real operator was seen to need up to each step.
 */
export async function prune(
    kube: Kube,
    namespace: string,
    keep: string | undefined,
    total: number,
    delay: (realMs: number) => Promise<void>,
): Promise<void> {
    let passed = 0;
    for (const step of STEPS) {
        await delay((step.at - passed) * total);
        passed = step.at;
        for (const [apiVersion, kind] of step.kinds) {
            await pruneKind(kube, { apiVersion, kind }, step.cluster ? undefined : namespace, namespace, keep);
        }
    }
}

async function pruneKind(
    kube: Kube,
    kind: { apiVersion: string; kind: string },
    within: string | undefined,
    owner: string,
    keep: string | undefined,
): Promise<void> {
    try {
        const options = { namespace: within, labelSelector: `${OWNER}=${owner}` };
        for (const object of await patiently(() => kube.list(kind, options))) {
            const generation = object.metadata.annotations?.[MESH_GENERATION];
            if (generation !== undefined && generation !== keep) {
                await kube.delete(refOf(object), { propagationPolicy: "Background" });
            }
        }
    } catch (error) {
        // A kind that was never brought has no objects.
        if (!(error instanceof KindMissing)) {
            throw error;
        }
    }
}
