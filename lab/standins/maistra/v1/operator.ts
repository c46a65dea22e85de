import type { KubeObject } from "../../../../kube";
import type { StandInContext } from "../../types";
import { ControlPlanes } from "./control-plane";
import { conditionOf } from "../common/conditions";
import { Members } from "./member";
import { MemberRolls } from "./member-roll";
import { FIELD_MANAGER, MEMBER_KIND, NAD_KIND, OPERATOR_NAMESPACE, OWNER, ROLL_KIND } from "../common/names";
import { CONTROL_PLANE_KIND } from "./names";
import { keyOf, WorkQueue } from "../common/queue";
import { onSetting } from "../common/running";
import { type Store, watched } from "../common/store";
import { runWebhooks } from "./webhooks";

/**
 * One life of the operator: its webhooks, and one controller a kind, each woken by what it watches
 * (maistra/istio-operator, the Watch calls in controlplane/, memberroll/ and member/controller.go).
 */
export async function operator(context: StandInContext): Promise<void> {
    const { kube, signal, settings } = context;
    void runWebhooks(context).catch((error: unknown) => failed(context, error));
    await servingCertificate(context);
    // Whether there is a CNI to extend is asked once, at the start.
    const networks = await kube.resources(NAD_KIND.apiVersion);
    const cniEnabled = networks.some((resource) => resource.kind === NAD_KIND.kind);
    const controlPlanes = new ControlPlanes(context, cniEnabled);
    const rolls = new MemberRolls(context, cniEnabled);
    const members = new Members(context);
    const planeQueue = new WorkQueue(context, "control plane", (key) => controlPlanes.reconcile(key));
    const rollQueue = new WorkQueue(context, "roll", (key) => rolls.reconcile(key));
    const memberQueue = new WorkQueue(context, "member", (key) => members.reconcile(key));

    const planeStore = watched(kube, CONTROL_PLANE_KIND, { signal }, (type, smcp) => {
        planeQueue.add(idOf(smcp));
        // While a mesh is installed or updated its roll waits.
        if (type !== "DELETED" && conditionOf(smcp.status?.conditions, "Reconciled").status === "True") {
            addAll(rollQueue, rollStore, (roll) => roll.metadata.namespace === smcp.metadata.namespace);
        }
    });
    const rollStore = watched(kube, ROLL_KIND, { signal }, (_, roll) => {
        rollQueue.add(idOf(roll));
        addAll(memberQueue, memberStore, (member) => refersTo(member, roll.metadata.namespace));
    });
    const memberStore = watched(kube, MEMBER_KIND, { signal }, (_, member) => memberQueue.add(idOf(member)));
    watched(kube, { apiVersion: "v1", kind: "Namespace" }, { signal }, (type, { metadata }) => {
        if (type !== "MODIFIED") {
            addAll(rollQueue, rollStore, (roll) => roll.spec?.members?.includes(metadata.name));
        }
        if (type === "ADDED") {
            addAll(memberQueue, memberStore, (member) => refersTo(member, metadata.name));
        }
    });
    const everyPlane = () => addAll(planeQueue, planeStore, () => true);
    for (const kind of ["Deployment", "DaemonSet"]) {
        watched(kube, { apiVersion: "apps/v1", kind }, { labelSelector: OWNER, signal }, (type, { metadata }) => {
            const owner = metadata.ownerReferences?.find(({ kind: by }) => by === CONTROL_PLANE_KIND.kind);
            if (type !== "ADDED" && owner) {
                planeQueue.add(keyOf(metadata.namespace, owner.name));
            } else if (type !== "ADDED" && kind === "DaemonSet" && metadata.namespace === OPERATOR_NAMESPACE) {
                everyPlane();
            }
        });
    }
    onSetting(context, () => settings().maistra.stuckComponent, everyPlane);
}

/** What OpenShift's service CA makes for the operator's webhooks. It stays when the operator goes. */
async function servingCertificate({ kube }: StandInContext): Promise<void> {
    const own = (kind: string, name: string, rest: object): KubeObject => ({
        apiVersion: "v1",
        kind,
        metadata: { name, namespace: OPERATOR_NAMESPACE },
        ...rest,
    });
    const force = { fieldManager: FIELD_MANAGER, force: true };
    await kube.apply(own("ConfigMap", "maistra-operator-cabundle", { data: { "service-ca.crt": "" } }), force);
    await kube.apply(own("Secret", "maistra-operator-serving-cert", { data: {} }), force);
}

function failed(context: StandInContext, error: unknown): void {
    if (!context.signal.aborted) {
        context.log(`webhooks: ${error instanceof Error ? error.stack : error}`);
    }
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
