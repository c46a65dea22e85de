import type { KubeObject } from "../../../../kube";
import type { StandInContext } from "../../types";
import { MEMBER_KIND, NAD_KIND, OPERATOR_NAMESPACE, OWNER, ROLL_KIND } from "../common/names";
import { keyOf, WorkQueue } from "../common/queue";
import { onSetting } from "../common/running";
import { type Store, watched } from "../common/store";
import { ControlPlanes } from "./control-plane";
import { Members } from "./member";
import { MemberRolls } from "./member-roll";
import { CONTROL_PLANE_KIND, OWNER_NAME } from "./names";
import type { Release } from "./release";
import { isMember } from "./selection";
import { runWebhooks } from "./webhooks";

/** Of controller-runtime's queues: an error that stays is tried again after up to a quarter of an hour (trap 42). */
const LONGEST_PAUSE_MS = 1_000_000;

/**
 * One life of the operator: its webhooks, and one controller a kind, each woken by what it watches
 * (maistra/istio-operator@maistra-2.5, the Watch calls in controlplane/, memberroll/ and member/controller.go). Nothing
 * is reconciled before the webhooks answer.
 */
export async function operator(context: StandInContext, release: Release): Promise<void> {
    const { kube, signal } = context;
    await runWebhooks(context, release);
    // Whether there is a CNI to extend is asked once, at the start.
    const networks = await kube.resources(NAD_KIND.apiVersion);
    const cniEnabled = networks.some((resource) => resource.kind === NAD_KIND.kind);
    const controlPlanes = new ControlPlanes(context, release, cniEnabled);
    const rolls = new MemberRolls(context);
    const members = new Members(context, cniEnabled);
    const queue = (name: string, work: (key: string) => Promise<void>) =>
        new WorkQueue(context, name, work, LONGEST_PAUSE_MS);
    const planeQueue = queue("control plane", (key) => controlPlanes.reconcile(key));
    const rollQueue = queue("roll", (key) => rolls.reconcile(key));
    const memberQueue = queue("member", (key) => members.reconcile(key));

    const planeStore = watched(kube, CONTROL_PLANE_KIND, { signal }, (_, smcp) => {
        planeQueue.add(idOf(smcp));
        addAll(rollQueue, rollStore, (roll) => roll.metadata.namespace === smcp.metadata.namespace);
        addAll(memberQueue, memberStore, (member) => refersTo(member, smcp.metadata.namespace));
    });
    const rollStore = watched(kube, ROLL_KIND, { signal }, (_, roll) => rollQueue.add(idOf(roll)));
    const seen = new Map<string, string>();
    const memberStore = watched(kube, MEMBER_KIND, { signal }, (type, member) => {
        // A member's own status is none of its controller's business, but of its roll's.
        const { uid = "", generation, annotations, finalizers, deletionTimestamp, namespace } = member.metadata;
        const mark = JSON.stringify([generation, annotations, finalizers]);
        if (type === "DELETED" || deletionTimestamp || seen.get(uid) !== mark) {
            memberQueue.add(idOf(member));
        }
        seen.set(uid, mark);
        addAll(
            rollQueue,
            rollStore,
            (roll) => refersTo(member, roll.metadata.namespace) || roll.spec?.members?.includes(namespace),
        );
    });
    watched(kube, { apiVersion: "v1", kind: "Namespace" }, { signal }, (type, namespace) => {
        const { name } = namespace.metadata;
        addAll(rollQueue, rollStore, (roll) => isMember(roll, namespace) || roll.status?.members?.includes(name));
        if (type === "MODIFIED") {
            addAll(memberQueue, memberStore, (member) => member.metadata.namespace === name);
        }
    });
    const ownedBy = (type: string, { metadata }: KubeObject) => {
        const { [OWNER]: namespace, [OWNER_NAME]: name } = metadata.labels ?? {};
        if (type !== "ADDED" && namespace && name) {
            planeQueue.add(keyOf(namespace, name));
        } else if (type !== "ADDED" && metadata.namespace === OPERATOR_NAMESPACE) {
            everyPlane();
        }
    };
    const everyPlane = () => addAll(planeQueue, planeStore, () => true);
    for (const kind of ["Deployment", "DaemonSet"]) {
        watched(kube, { apiVersion: "apps/v1", kind }, { labelSelector: OWNER, signal }, ownedBy);
    }
    onSetting(context, () => context.settings().maistra.stuckComponent, everyPlane);
}

function addAll(queue: WorkQueue, store: Store, which: (object: KubeObject) => boolean | undefined): void {
    for (const object of store.objects.values()) {
        if (which(object)) {
            queue.add(idOf(object));
        }
    }
}

function refersTo(member: KubeObject, namespace: string | undefined): boolean {
    return member.spec?.controlPlaneRef?.namespace === namespace;
}

function idOf({ metadata }: KubeObject): string {
    return keyOf(metadata.namespace, metadata.name);
}
