import { type KubeObject, type Ref, isStatus, refOf } from "../../../kube";
import { accessOf } from "./bundle";
import type { Olm } from "./host";

/**
 * Kubernetes' garbage collector takes what the gone owned, but it learns of a kind only half a minute after its CRD
 * came, which in a lab is long. So what follows within milliseconds on a real cluster (recorded: olm h1) is done here.
 */

/** After a CSV: its Deployment, account and rights, unless a newer version owns them by now. */
export async function collectCsv(olm: Olm, csv: KubeObject): Promise<void> {
    const { namespace } = csv.metadata;
    const { name } = csv.spec.install.spec.deployments[0];
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", namespace, name };
    const owned = accessOf(csv).filter((object) => object.metadata.ownerReferences !== undefined);
    await Promise.all([deployment, ...owned.map(refOf)].map((ref) => deleteUnlessShared(olm, ref, csv)));
}

/** After a Subscription: the plans that were its alone; those of others lose it as an owner (recorded: olm f1). */
export async function collectSubscription(olm: Olm, subscription: KubeObject): Promise<void> {
    const { uid, namespace } = subscription.metadata;
    const theirs = (plan: KubeObject) => plan.metadata.ownerReferences?.some((o) => o.uid === uid);
    for (const plan of olm.plans.all(namespace).filter(theirs)) {
        const others = plan.metadata.ownerReferences!.filter((o) => o.uid !== uid);
        if (others.length === 0) {
            await olm.context.kube.delete(refOf({ ...plan, ...olm.plans.kind }));
        } else {
            await olm.plans.update(plan.metadata, (p) => ({
                ...p,
                metadata: {
                    ...p.metadata,
                    ownerReferences: p.metadata.ownerReferences?.filter((o) => o.uid !== uid),
                },
            }));
        }
    }
}

async function deleteUnlessShared(olm: Olm, ref: Ref, csv: KubeObject): Promise<void> {
    const { kube } = olm.context;
    const present = await kube.get(ref);
    const owners = present?.metadata.ownerReferences ?? [];
    if (!present || owners.length !== 1 || owners[0].uid !== csv.metadata.uid) {
        return;
    }
    const { uid, resourceVersion } = present.metadata;
    try {
        await kube.delete(ref, { preconditions: { uid, resourceVersion }, propagationPolicy: "Background" });
    } catch (error) {
        if (!isStatus(error, 409)) {
            throw error;
        }
        // Changed since: perhaps it has another owner now.
        await deleteUnlessShared(olm, ref, csv);
    }
}
