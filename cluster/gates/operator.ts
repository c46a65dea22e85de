import type { KubeObject } from "../../kube";
import { needsToApprove } from "../approve";
import type { Gate } from "../gate";
import { need } from "../need";
import type { WatchSpec } from "../verdict";
import { judgeOperator, OPERATOR_NAMES, type OperatorReady, type OperatorWant, ownedCrds } from "../verdicts/operator";
import { needsToProbe, type ProbeTarget, probeWebhooks } from "../webhook-probe";
import type { Timed } from "./timed";

const olm = (kind: string, version = "v1alpha1") => ({ apiVersion: `operators.coreos.com/${version}`, kind });
const CRD = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
const webhooks = (kind: string) => ({ apiVersion: "admissionregistration.k8s.io/v1", kind });

/** An operator is installed: its CSV has Succeeded, its CRDs are Established, its webhooks answer. */
export function operatorGate(
    want: OperatorWant & Timed & { probe?: ProbeTarget },
): Gate<OperatorReady, (typeof OPERATOR_NAMES)[number]> {
    const { namespace, csvPrefix, probe } = want;
    type Watch = WatchSpec<(typeof OPERATOR_NAMES)[number]>;
    const fixed: Watch[] = [
        { as: "subscriptions", kind: olm("Subscription"), namespace },
        { as: "plans", kind: olm("InstallPlan"), namespace },
        // Without the copies of other namespaces' operators (trap 10).
        { as: "csvs", kind: olm("ClusterServiceVersion"), namespace, labelSelector: "!olm.copiedFrom" },
        { as: "groups", kind: olm("OperatorGroup", "v1"), namespace },
    ];
    if (want.webhooksFor) {
        fixed.push(
            { as: "webhooks", kind: webhooks("MutatingWebhookConfiguration") },
            { as: "webhooks", kind: webhooks("ValidatingWebhookConfiguration") },
        );
    }
    const isOurs = (csv: KubeObject): boolean => csv.metadata.name.startsWith(csvPrefix);
    return {
        title: `operator ${want.package}`,
        failure: `${want.package} did not install`,
        names: OPERATOR_NAMES,
        // One watch a CRD: all of a cluster's CRDs are many megabytes.
        watches: (seen) => [
            ...fixed,
            ...[...new Set(seen.csvs.filter(isOurs).flatMap(ownedCrds))].map((name): Watch => ({
                as: "crds",
                kind: CRD,
                name,
            })),
        ],
        verdict: (seen) => judgeOperator(seen, want),
        timeoutSeconds: want.timeoutSeconds,
        confirm: probe && ((_ready, held) => probeWebhooks(probe, held)),
        needs: [
            // Which CRDs an operator brings, its CSV alone says.
            need(CRD, ["list", "watch"], "waiting: the kinds that an operator brings"),
            // One Manual Subscription of anybody makes every plan of the namespace wait (trap 4).
            ...needsToApprove(namespace),
            ...(probe ? needsToProbe(probe) : []),
        ],
        late: [
            "All that OLM has of it:",
            `  oc get subscriptions.operators.coreos.com,installplans,csv -n ${namespace}`,
        ],
    };
}
