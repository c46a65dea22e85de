import type { Gate } from "../gate";
import { askForSidecars, needsToAsk } from "../injection-probe";
import type { WatchSpec } from "../verdict";
import { judgeMembership, MEMBERSHIP_NAMES, type MembershipReady, type MembershipWant } from "../verdicts/membership";
import type { Timed } from "./timed";

const NAMESPACE = { apiVersion: "v1", kind: "Namespace" };

/**
 * Every wanted namespace is a configured member. Where labels are all that membership is, its pods would get their sidecars
 * from the control plane that they name; otherwise that is asked about when `injectedBy` says whose sidecars they are to be,
 * by its revision: in generation 2 the control plane's name, in 1.1 nothing, where pods do not ask by label.
 */
export function membershipGate(
    want: MembershipWant & Timed & { injectedBy?: string },
): Gate<MembershipReady, (typeof MEMBERSHIP_NAMES)[number]> {
    type Watch = WatchSpec<(typeof MEMBERSHIP_NAMES)[number]>;
    const maistra = (kind: string) => ({ apiVersion: "maistra.io/v1", kind });
    const { namespace } = want.controlPlane;
    const name = "default";
    const roll: Watch[] = [{ as: "rolls", kind: maistra("ServiceMeshMemberRoll"), namespace, name }];
    const members = want.namespaces.map((n): Watch => ({
        as: "members",
        kind: maistra("ServiceMeshMember"),
        namespace: n,
        name,
    }));
    const asked = { roll, selectors: roll, member: members, labels: [], platform: [] }[want.by];
    const { injectedBy } = want;
    const asking = want.namespaces.map((n) =>
        injectedBy === undefined
            ? { namespace: n, labels: want.labels?.[n] ?? {} }
            : { namespace: n, labels: {}, revision: injectedBy },
    );
    const asks = (want.labels && ["labels", "platform"].includes(want.by)) || injectedBy !== undefined;
    return {
        title: "membership",
        failure: `${want.namespaces.join(", ")} did not become part of the mesh ${namespace}/${want.controlPlane.name}`,
        names: MEMBERSHIP_NAMES,
        watches: [...asked, ...want.namespaces.map((n): Watch => ({ as: "namespaces", kind: NAMESPACE, name: n }))],
        verdict: (seen) => judgeMembership(seen, want),
        timeoutSeconds: want.timeoutSeconds,
        confirm: asks ? (_ready, held) => askForSidecars(asking, held) : undefined,
        needs: asks ? needsToAsk(asking) : [],
    };
}
