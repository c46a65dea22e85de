import { isStatus, KubeError, type Kube, type KubeObject, refOf } from "../../../../kube";
import type { StandInContext } from "../../types";
import { withCondition } from "../common/conditions";
import { EventRecorder } from "../common/events";
import { CREATED_BY, DEFAULT_NAME, FIELD_MANAGER, MEMBER_KIND, ROLL_KIND } from "../common/names";
import { splitKey } from "../common/queue";
import { addFinalizer, hasFinalizer, postStatus, removeFinalizer } from "../common/write";

const CONTROLLER = "servicemeshmember-controller";

/**
 * Reconciles ServiceMeshMembers: each writes its namespace into its control plane's roll, and out of it when it goes
 * (maistra/istio-operator, member/controller.go; recorded: N2c, N2d, N6a, N6b).
 */
export class Members {
    private readonly kube: Kube;
    private readonly events: EventRecorder;

    constructor(context: StandInContext) {
        this.kube = context.kube;
        this.events = new EventRecorder(context.kube, CONTROLLER, context.log);
    }

    /** Errors: the roll refused the namespace; the queue tries again. */
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
        const roll = await this.kube.get(rollOf(member));
        const members: string[] = roll?.spec?.members ?? [];
        if (!roll) {
            if (!(await this.createRoll(member))) {
                return;
            }
        } else if (!members.includes(namespace)) {
            if (!(await this.extendRoll(member, roll, members))) {
                return;
            }
        }
        const { name, namespace: mesh } = member.spec.controlPlaneRef;
        const configured = roll?.status?.configuredMembers?.includes(namespace) ?? false;
        await this.post(member, true, configured, { annotations: { controlPlaneRef: `${mesh}/${name}` } });
    }

    private async createRoll(member: KubeObject): Promise<boolean> {
        const { namespace: mesh } = member.spec.controlPlaneRef;
        try {
            const annotations = { [CREATED_BY]: CONTROLLER };
            const metadata = { name: DEFAULT_NAME, namespace: mesh, annotations };
            const roll = { ...ROLL_KIND, metadata, spec: { members: [member.metadata.namespace] } };
            await this.kube.create(roll, { fieldManager: FIELD_MANAGER });
        } catch (error) {
            if (isStatus(error, 409)) {
                return false;
            }
            if (isStatus(error, 404)) {
                const why = "Could not create ServiceMeshMemberRoll, because the referenced namespace doesn't exist";
                await this.fail(member, "CreateMemberRollFailed", why);
                return false;
            }
            const what = `Could not create ServiceMeshMemberRoll ${mesh}`;
            await this.refused(member, "CreateMemberRollFailed", what, error);
        }
        const done = "Successfully created ServiceMeshMemberRoll and added namespace to it";
        await this.events.record(member, "Normal", "Reconciled", done);
        return true;
    }

    private async extendRoll(member: KubeObject, roll: KubeObject, members: string[]): Promise<boolean> {
        const { namespace: mesh } = member.spec.controlPlaneRef;
        try {
            const spec = { members: [...members, member.metadata.namespace] };
            await this.kube.replace({ ...roll, spec }, { fieldManager: FIELD_MANAGER });
        } catch (error) {
            if (isStatus(error, 409) || isStatus(error, 404)) {
                // The roll's own change brings us back.
                return false;
            }
            const what = `Could not update ServiceMeshMemberRoll ${mesh}`;
            await this.refused(member, "UpdateMemberRollFailed", what, error);
        }
        const done = "Successfully added namespace to ServiceMeshMemberRoll";
        await this.events.record(member, "Normal", "Reconciled", done);
        return true;
    }

    private async refused(member: KubeObject, reason: string, what: string, error: unknown): Promise<never> {
        if (error instanceof KubeError) {
            await this.fail(member, reason, `${what}/${DEFAULT_NAME}: ${error.message}`);
        }
        throw error;
    }

    private async remove(member: KubeObject): Promise<void> {
        if (!hasFinalizer(member)) {
            return;
        }
        const { namespace = "" } = member.metadata;
        const roll = await this.kube.get(rollOf(member));
        if (roll && !roll.metadata.deletionTimestamp) {
            const members: string[] = (roll.spec?.members ?? []).filter((other: string) => other !== namespace);
            if (members.length === 0 && roll.metadata.annotations?.[CREATED_BY] === CONTROLLER) {
                await this.kube.delete(refOf(roll));
            } else {
                await this.kube.replace({ ...roll, spec: { ...roll.spec, members } }, { fieldManager: FIELD_MANAGER });
            }
        }
        await removeFinalizer(this.kube, member);
    }

    private async fail(member: KubeObject, reason: string, message: string): Promise<void> {
        await this.events.record(member, "Warning", "FailedReconcile", message);
        await this.post(member, false, false, {}, { reason, message });
    }

    private async post(
        member: KubeObject,
        reconciled: boolean,
        ready: boolean,
        more: object,
        said: { reason?: string; message?: string } = {},
    ): Promise<void> {
        const state = (yes: boolean) => (yes ? ("True" as const) : ("False" as const));
        const conditions = withCondition(
            withCondition(member.status?.conditions, { type: "Reconciled", status: state(reconciled), ...said }),
            { type: "Ready", status: state(ready), ...said },
        );
        const observedGeneration = member.metadata.generation;
        await postStatus(this.kube, refOf(member), { ...member.status, ...more, conditions, observedGeneration });
    }
}

function rollOf(member: KubeObject) {
    return { ...ROLL_KIND, namespace: member.spec.controlPlaneRef.namespace as string, name: DEFAULT_NAME };
}
