import type { KubeObject } from "../kube";
import type { Gate } from "./gate";
import type { WatchSpec } from "./verdict";
import {
    CONTROL_PLANE_NAMES,
    type ControlPlaneReady,
    type ControlPlaneWant,
    judgeControlPlane,
} from "./verdicts/control-plane";
import { judgeMembership, MEMBERSHIP_NAMES, type MembershipReady, type MembershipWant } from "./verdicts/membership";
import { judgeOperator, OPERATOR_NAMES, type OperatorReady, type OperatorWant, ownedCrds } from "./verdicts/operator";
import { judgeRollout, ROLLOUT_NAMES, type RolloutReady, type RolloutWant, selectorOf } from "./verdicts/rollout";
import { type HostWant, judgeGatewayRoutes, judgeNamedRoutes, ROUTE_NAMES, type RouteRef } from "./verdicts/routes";
import { type ProbeTarget, probeWebhooks } from "./webhook-probe";

/** The gates of a stack: for each step what to watch, who judges it, and what to say when it does not come. */

interface Timed {
    timeoutSeconds: number;
}

const olm = (kind: string, version = "v1alpha1") => ({ apiVersion: `operators.coreos.com/${version}`, kind });
const CRD = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
const NAMESPACE = { apiVersion: "v1", kind: "Namespace" };
const ROUTE = { apiVersion: "route.openshift.io/v1", kind: "Route" };
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
        late: [
            "All that OLM has of it:",
            `  oc get subscriptions.operators.coreos.com,installplans,csv -n ${namespace}`,
        ],
    };
}

/** A control plane is Ready and Reconciled for its present generation. */
export function controlPlaneGate(
    want: ControlPlaneWant & Timed & { apiVersion: string },
): Gate<ControlPlaneReady, (typeof CONTROL_PLANE_NAMES)[number]> {
    const { namespace, name, apiVersion } = want;
    return {
        title: "control plane",
        failure: `control plane ${namespace}/${name} did not become ready`,
        names: CONTROL_PLANE_NAMES,
        watches: [
            { as: "controlPlanes", kind: { apiVersion, kind: "ServiceMeshControlPlane" }, namespace, name },
            {
                as: "deployments",
                kind: { apiVersion: "apps/v1", kind: "Deployment" },
                namespace,
                labelSelector: `maistra.io/owner=${namespace}`,
            },
        ],
        verdict: (seen) => judgeControlPlane(seen, want),
        timeoutSeconds: want.timeoutSeconds,
    };
}

/**
 * The networks on which operator 1.1 can isolate members (maistra/istio-operator@maistra-1.1.7, memberroll/
 * namespace_reconciler.go).
 */
const NETWORKS_1_1 = ["OpenShiftSDN", "Calico"];

/** Every wanted namespace is a configured member. */
export function membershipGate(want: MembershipWant & Timed): Gate<MembershipReady, (typeof MEMBERSHIP_NAMES)[number]> {
    type Watch = WatchSpec<(typeof MEMBERSHIP_NAMES)[number]>;
    const maistra = (kind: string) => ({ apiVersion: "maistra.io/v1", kind });
    const { namespace } = want.controlPlane;
    const name = "default";
    const asked: Watch[] =
        want.by === "roll"
            ? [{ as: "rolls", kind: maistra("ServiceMeshMemberRoll"), namespace, name }]
            : want.namespaces.map((n): Watch => ({
                  as: "members",
                  kind: maistra("ServiceMeshMember"),
                  namespace: n,
                  name,
              }));
    return {
        title: "membership",
        failure: `${want.namespaces.join(", ")} did not become part of the mesh ${namespace}/${want.controlPlane.name}`,
        names: MEMBERSHIP_NAMES,
        watches: [...asked, ...want.namespaces.map((n): Watch => ({ as: "namespaces", kind: NAMESPACE, name: n }))],
        verdict: (seen) => judgeMembership(seen, { networkTypes: NETWORKS_1_1, ...want }),
        timeoutSeconds: want.timeoutSeconds,
    };
}

/** A workload is rolled out, and every pod has its sidecar. */
export function rolloutGate(want: RolloutWant & Timed): Gate<RolloutReady, (typeof ROLLOUT_NAMES)[number]> {
    const { kind, namespace, name } = want;
    type Watch = WatchSpec<(typeof ROLLOUT_NAMES)[number]>;
    const apiVersion = kind === "Deployment" ? "apps/v1" : "apps.openshift.io/v1";
    const fixed: Watch[] = [
        { as: "workloads", kind: { apiVersion, kind }, namespace, name },
        { as: "namespaces", kind: NAMESPACE, name: namespace },
    ];
    return {
        title: `service ${namespace}/${name}`,
        failure: `${kind} ${namespace}/${name} did not roll out`,
        names: ROLLOUT_NAMES,
        // Its selector says which pods are its own.
        watches: (seen) => {
            const labelSelector = seen.workloads.map(selectorOf)[0];
            if (!labelSelector) {
                return fixed;
            }
            const pods: Watch[] = [{ as: "pods", kind: { apiVersion: "v1", kind: "Pod" }, namespace, labelSelector }];
            if (kind === "Deployment") {
                pods.push({
                    as: "replicaSets",
                    kind: { apiVersion: "apps/v1", kind: "ReplicaSet" },
                    namespace,
                    labelSelector,
                });
            }
            return [...fixed, ...pods];
        },
        verdict: (seen) => judgeRollout(seen, want),
        timeoutSeconds: want.timeoutSeconds,
    };
}

/** Each host has an admitted Route that the mesh made for its Gateway. */
export function gatewayRoutesGate(
    want: { hosts: HostWant[] } & Timed,
): Gate<Record<string, RouteRef>, (typeof ROUTE_NAMES)[number]> {
    return {
        title: "ingress",
        failure: `${want.hosts.map((h) => h.host).join(", ")} did not get a Route`,
        names: ROUTE_NAMES,
        watches: want.hosts.length ? [{ as: "routes", kind: ROUTE }] : [],
        verdict: (seen) => judgeGatewayRoutes(seen, want.hosts),
        timeoutSeconds: want.timeoutSeconds,
    };
}

/** Routes that the operator makes by name (consoles) are admitted. Value: name → host. */
export function namedRoutesGate(
    want: { namespace: string; names: string[] } & Timed,
): Gate<Record<string, string>, (typeof ROUTE_NAMES)[number]> {
    const { namespace, names } = want;
    return {
        title: "consoles",
        failure: `${names.join(", ")} in ${namespace} did not get a Route`,
        names: ROUTE_NAMES,
        watches: [{ as: "routes", kind: ROUTE }],
        verdict: (seen) => judgeNamedRoutes(seen, namespace, names),
        timeoutSeconds: want.timeoutSeconds,
    };
}
