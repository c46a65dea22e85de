import { isStatus, type Kube, type KubeObject, type Ref, refOf } from "../../../../kube";
import type { StandInContext } from "../../types";
import { withCondition } from "../common/conditions";
import { EventRecorder } from "../common/events";
import { CREATED_BY, DEFAULT_NAME, FIELD_MANAGER, MEMBER_KIND, ROLL_KIND } from "../common/names";
import { splitKey } from "../common/queue";
import { addFinalizer, hasFinalizer, postStatus, removeFinalizer } from "../common/write";
import { type ControlPlaneStatus, reconciledVersionOf } from "./control-plane-status";
import { MemberNamespaces } from "./member-namespaces";
import { CONTROL_PLANE_KIND } from "./names";

const CONTROLLER = "servicemeshmember-controller";
const MISSING = "the referenced ServiceMeshControlPlane object does not exist";

/**
 * Reconciles ServiceMeshMembers: each takes its own namespace into the mesh, and out of it when it goes; the roll only
 * collects them (maistra/istio-operator@maistra-2.5, member/controller.go; recorded: R1-R11).
 */
export class Members {
    private readonly kube: Kube;
    private readonly events: EventRecorder;

    constructor(
        context: StandInContext,
        private readonly cniEnabled: boolean,
    ) {
        this.kube = context.kube;
        this.events = new EventRecorder(context.kube, CONTROLLER, context.log);
    }

    /** Errors: the namespace could not be configured, or not be released; its status then says why. */
    async reconcile(key: string): Promise<void> {
        const member = await this.kube.get({ ...MEMBER_KIND, ...splitKey(key) });
        if (!member) {
            return;
        }
        if (member.metadata.deletionTimestamp) {
            await this.remove(member);
        } else if (!hasFinalizer(member)) {
            await addFinalizer(this.kube, member);
        } else {
            await this.join(member);
        }
    }

    private async join(member: KubeObject): Promise<void> {
        const { namespace = "" } = member.metadata;
        const { name, namespace: mesh } = member.spec.controlPlaneRef;
        if (namespace === mesh) {
            return;
        }
        const smcp = await this.controlPlane(member);
        if (!smcp) {
            await this.fail(member, "ErrorControlPlaneMissing", MISSING);
            return;
        }
        await this.createRollIfNeeded(member);
        try {
            const reconciler = await MemberNamespaces.of(this.kube, mesh, this.cniEnabled);
            await reconciler.configure(namespace, smcp.spec.version);
        } catch (error) {
            await this.fail(member, "ErrorConfiguringNamespace", wordsOf(error));
            return;
        }
        const status: ControlPlaneStatus = smcp.status ?? {};
        await this.post(member, true, {
            annotations: { controlPlaneRef: `${mesh}/${name}` },
            meshGeneration: status.observedGeneration,
            meshReconciledVersion: reconciledVersionOf(status),
        });
    }

    /** Undefined also when its namespace, or even its kind, is not there. */
    private async controlPlane(member: KubeObject): Promise<KubeObject | undefined> {
        const { name, namespace } = member.spec.controlPlaneRef;
        return this.kube.get({ ...CONTROL_PLANE_KIND, name, namespace });
    }

    /** A roll without members of its own, so that the member shows up in its status (recorded: R10). */
    private async createRollIfNeeded(member: KubeObject): Promise<void> {
        const ref = rollOf(member);
        if (await this.kube.get(ref)) {
            return;
        }
        const annotations = { [CREATED_BY]: CONTROLLER };
        const metadata = { name: ref.name, namespace: ref.namespace, annotations };
        try {
            await this.kube.create({ ...ROLL_KIND, metadata, spec: {} }, { fieldManager: FIELD_MANAGER });
        } catch (error) {
            if (isStatus(error, 409)) {
                return;
            }
            throw error;
        }
        await this.events.record(member, "Normal", "Reconciled", "Successfully created ServiceMeshMemberRoll");
    }

    private async remove(member: KubeObject): Promise<void> {
        if (!hasFinalizer(member)) {
            return;
        }
        const { namespace = "" } = member.metadata;
        try {
            const { namespace: mesh } = member.spec.controlPlaneRef;
            await (await MemberNamespaces.of(this.kube, mesh, this.cniEnabled)).release(namespace);
        } catch (error) {
            // The finalizer goes all the same: the namespace is on its way out (recorded: R3).
            await this.fail(member, "ErrorRemovingNamespace", wordsOf(error));
        }
        await this.removeRollIfNeeded(member);
        await removeFinalizer(this.kube, member);
    }

    /** One that a member made goes with its last member. */
    private async removeRollIfNeeded(member: KubeObject): Promise<void> {
        const roll = await this.kube.get(rollOf(member));
        const made = roll?.metadata.annotations?.[CREATED_BY] === CONTROLLER;
        if (!roll || roll.metadata.deletionTimestamp || !made || roll.spec?.members?.length > 0) {
            return;
        }
        const others = (await this.kube.list(MEMBER_KIND)).filter(
            ({ metadata, spec }) =>
                metadata.uid !== member.metadata.uid && spec.controlPlaneRef?.namespace === roll.metadata.namespace,
        );
        if (others.length === 0) {
            await this.kube.delete(refOf(roll));
        }
    }

    private async fail(member: KubeObject, reason: string, message: string): Promise<void> {
        const { name, namespace } = member.spec.controlPlaneRef;
        await this.events.record(member, "Warning", "FailedReconcile", message);
        const annotations = { ...member.status?.annotations, controlPlaneRef: `${namespace}/${name}` };
        await this.post(member, false, { annotations }, { reason, message });
    }

    private async post(
        member: KubeObject,
        good: boolean,
        more: object,
        said: { reason?: string; message?: string } = {},
    ): Promise<void> {
        const status = good ? ("True" as const) : ("False" as const);
        const conditions = withCondition(
            withCondition(member.status?.conditions, { type: "Reconciled", status, ...said }),
            { type: "Ready", status, ...said },
        );
        const observedGeneration = member.metadata.generation;
        const next = { ...member.status, ...more, conditions, observedGeneration };
        if (JSON.stringify(next) !== JSON.stringify(member.status)) {
            await postStatus(this.kube, refOf(member), next);
        }
    }
}

function rollOf(member: KubeObject): Ref {
    return { ...ROLL_KIND, namespace: member.spec.controlPlaneRef.namespace, name: DEFAULT_NAME };
}

function wordsOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
