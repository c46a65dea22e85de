import type { KubeObject } from "../../kube";
import { called, failed, type Verdict } from "../verdict";

/** What is ours to approve: exact CSV names, or what names of a package begin with ("kiali-operator."). */
export function isOurs(csv: string, ours: string[]): boolean {
    return ours.some((o) => csv === o || (o.endsWith(".") && csv.startsWith(o)));
}

const csvsOf = (plan: KubeObject): string[] => plan.spec?.clusterServiceVersionNames ?? [];

/** Waits for somebody's approval. Right after its creation a plan has no phase yet (recorded: olm c). */
function isOpen(plan: KubeObject): boolean {
    return (
        plan.status?.phase === "RequiresApproval" && plan.spec?.approved !== true && !plan.metadata.deletionTimestamp
    );
}

/**
 * The InstallPlan to approve for a CSV that is wanted. A plan is made for a whole namespace, and one Manual
 * Subscription makes it Manual for all (trap 4): it may hold other teams' operators, and open plans overlap. So: the
 * smallest one that holds the wanted CSV and nothing that is not ours; if every open plan also holds something else, a
 * person has to decide. undefined: no plan waits for approval.
 */
export function judgePlans(
    plans: KubeObject[],
    wanted: (csv: string) => boolean,
    ours: string[],
): Verdict<never> | undefined {
    const open = plans
        .filter((p) => isOpen(p) && csvsOf(p).some(wanted))
        .sort((a, b) => csvsOf(a).length - csvsOf(b).length);
    if (open.length === 0) {
        return undefined;
    }
    const fit = open.find((p) => csvsOf(p).every((c) => isOurs(c, ours)));
    if (fit) {
        const { name, namespace = "" } = fit.metadata;
        const csvs = csvsOf(fit);
        return {
            is: "act",
            why: `approving ${name}: ${csvs.join(", ")}`,
            act: { type: "approve", namespace, name, csvs },
        };
    }
    const [plan] = open;
    const { name, namespace } = plan.metadata;
    const others = csvsOf(plan).filter((c) => !isOurs(c, ours));
    return failed({
        object: called("InstallPlan", plan.metadata),
        found: "RequiresApproval",
        expected: "to hold only what this stack asked for",
        said: `it would also install ${others.join(", ")}`,
        by: "the plan",
        todo: [
            "This stack does not approve what it did not ask for.",
            `When ${others.join(", ")} may be installed too, approve it yourself:`,
            `  oc patch installplan ${name} -n ${namespace} --type merge -p '{"spec":{"approved":true}}'`,
        ],
    });
}

/**
 * The plan that a Subscription refers to has failed: OLM does not try it again (OLM documentation, troubleshooting
 * Subscriptions).
 */
export function judgeFailedPlan(plans: KubeObject[], subscription: KubeObject): Verdict<never> | undefined {
    const plan = plans.find((p) => p.metadata.name === subscription.status?.installPlanRef?.name);
    if (plan?.status?.phase !== "Failed") {
        return undefined;
    }
    const { name, namespace } = subscription.metadata;
    const said = (plan.status.conditions ?? []).map((c: { message?: string }) => c.message).filter(Boolean);
    return failed({
        object: called("InstallPlan", plan.metadata),
        found: "Failed",
        expected: "Complete",
        said: said.join("; "),
        by: "OLM",
        todo: [
            "OLM does not try a failed plan again. When its cause is gone, remove the Subscription; it is made anew:",
            `  oc delete subscriptions.operators.coreos.com ${name} -n ${namespace}`,
            "  pulumi up --refresh",
        ],
    });
}

/** What an InstallPlan is doing, for a progress line. */
export function planInWords(plans: KubeObject[], subscription: KubeObject): string {
    const name = subscription.status?.installPlanRef?.name;
    const plan = plans.find((p) => p.metadata.name === name);
    return plan ? `InstallPlan ${name}: ${plan.status?.phase ?? "created"}` : "waiting for OLM's InstallPlan";
}
