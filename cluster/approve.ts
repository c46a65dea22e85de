import { isStatus, type Kube } from "../kube";
import { type Need, need } from "./need";
import type { ApproveInstallPlan, GateProblem } from "./verdict";

const PLAN = { apiVersion: "operators.coreos.com/v1alpha1", kind: "InstallPlan" };

/** The right to approve the InstallPlans of a namespace; OLM makes up their names. */
export function needsToApprove(namespace: string): Need[] {
    return [need(PLAN, ["patch"], "approving the InstallPlans that this stack asks for", { namespace })];
}

/** Approves an InstallPlan: the one thing that a gate does to the cluster. Returns what stands in the way of it. */
export async function approve(
    kube: Kube,
    { namespace, name }: Pick<ApproveInstallPlan, "namespace" | "name">,
): Promise<GateProblem | undefined> {
    const ref = { ...PLAN, namespace, name };
    try {
        // A merge patch, not an apply: big plans do not fit into the annotation that apply writes
        // (redhat-cop/helm-charts#622).
        await kube.mergePatch(ref, { spec: { approved: true } });
        return undefined;
    } catch (error) {
        if (isStatus(error, 404)) {
            // OLM has put another in its place, which is judged anew.
            return undefined;
        }
        return {
            object: `InstallPlan ${namespace}/${name}`,
            found: "cannot be approved",
            expected: "the right to approve it",
            said: (error as Error).message,
            todo: [],
        };
    }
}
