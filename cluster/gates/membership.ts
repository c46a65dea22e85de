import type { Gate } from "../gate";
import type { WatchSpec } from "../verdict";
import { judgeMembership, MEMBERSHIP_NAMES, type MembershipReady, type MembershipWant } from "../verdicts/membership";
import type { Timed } from "./timed";

const NAMESPACE = { apiVersion: "v1", kind: "Namespace" };

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
