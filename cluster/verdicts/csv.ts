import type { KubeObject } from "../../kube";
import { called, failed, ready, type Verdict, waiting, words } from "../verdict";

/** Copies of an operator's CSV stand in every namespace and mean nothing (trap 10; recorded: olm k). */
export function isCopy(csv: KubeObject): boolean {
    return csv.metadata.labels?.["olm.copiedFrom"] !== undefined || csv.status?.reason === "Copied";
}

/** Being removed, or about to be because a newer one has taken its place. */
export function isGoing(csv: KubeObject): boolean {
    return csv.metadata.deletionTimestamp !== undefined || ["Replacing", "Deleting"].includes(csv.status?.phase);
}

export function isReplacedBy(csv: KubeObject, others: KubeObject[]): boolean {
    return others.some((o) => o.spec?.replaces === csv.metadata.name && !isGoing(o));
}

/** Whether CSV name `a` is of a later version than `b`; both of one package ("x.v1.1.10" is later than "x.v1.1.9"). */
export function isLater(a: string, b: string): boolean {
    return a.localeCompare(b, "en", { numeric: true }) > 0;
}

/**
 * Failed reasons that only a person can end. Every other one was seen to heal, or may: InstallCheckFailed ("install
 * timeout" after 5 minutes is retried at once; "exceeded its progress deadline" stays, but ends when the pod becomes
 * ready; recorded: olm i), ComponentUnhealthy (recorded: olm l). UnsupportedOperatorGroup: recorded, olm e3. The others
 * are by their meaning of the same kind: two owners for one API.
 */
const FINAL: Record<string, string[]> = {
    UnsupportedOperatorGroup: [
        "The namespace's OperatorGroup names target namespaces, and this operator only works for all of them.",
        "Use a namespace whose OperatorGroup has an empty spec, or change the OperatorGroup:",
        "  oc get operatorgroup -n NAMESPACE -o yaml",
    ],
    NoOperatorGroup: ["The namespace needs exactly one OperatorGroup."],
    TooManyOperatorGroups: ["The namespace needs exactly one OperatorGroup: remove the others."],
    InterOperatorGroupOwnerConflict: [
        "Another operator provides the same API for the same namespaces: remove one of the two.",
    ],
    OwnerConflict: ["Another operator owns the same API: remove one of the two."],
};

/**
 * Says when an operator is really installed: its CSV has Succeeded (trap 1: not when its Subscription says
 * AtLatestKnown).
 */
export function judgeCsv(csv: KubeObject): Verdict<string> {
    const { name, namespace = "" } = csv.metadata;
    const { phase, reason } = csv.status ?? {};
    if (isGoing(csv)) {
        return waiting(`${name}: ${words(csv.status) || "is being removed"}`);
    }
    if (phase === "Succeeded") {
        return ready(name);
    }
    const final = phase === "Failed" ? FINAL[reason] : undefined;
    if (final) {
        return failed({
            object: called("ClusterServiceVersion", csv.metadata),
            found: `Failed, ${reason}`,
            expected: "Succeeded",
            said: csv.status.message ?? "",
            by: "OLM",
            todo: final.map((l) => l.replace("NAMESPACE", namespace)),
        });
    }
    const lacking = (csv.status?.requirementStatus ?? []).filter(notPresent).map(requirement);
    const what = [phase ?? "created", csv.status?.message, lacking.length ? `lacking ${lacking.join("; ")}` : ""];
    return waiting(`${name}: ${what.filter(Boolean).join(", ")}`, [
        `oc describe csv ${name} -n ${namespace}`,
        `oc get pods -n ${namespace}`,
    ]);
}

interface Requirement {
    group?: string;
    kind: string;
    name: string;
    status: string;
    message?: string;
}

function notPresent(r: Requirement): boolean {
    return r.status !== "Present" && r.status !== "PresentSatisfied";
}

function requirement(r: Requirement): string {
    return `${r.kind} ${r.name}${r.message ? ` (${r.message})` : ""}`;
}
