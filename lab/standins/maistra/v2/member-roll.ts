import { isStatus, KindMissing, type Kube, type KubeObject, refOf } from "../../../../kube";
import type { StandInContext } from "../../types";
import { CREATED_BY, DEFAULT_NAME, KIALI, MEMBER_KIND, OPERATOR_NAMESPACE, ROLL_KIND } from "../common/names";
import { splitKey } from "../common/queue";
import { addFinalizer, hasFinalizer, postStatus, removeFinalizer } from "../common/write";
import { kialiName } from "./applied-spec";
import type { ControlPlaneStatus } from "./control-plane-status";
import { type RollStatus, rollStatus, type Want } from "./member-roll-status";
import { CONTROL_PLANE_KIND } from "./names";
import { isMember } from "./selection";

const CONTROLLER = "servicemeshmemberroll-controller";
const EXCLUDED = [`^${OPERATOR_NAMESPACE}$`, "^kube$", "^kube-.*", "^openshift$", "^openshift-.*", "^ibm-.*"];

/**
 * Reconciles ServiceMeshMemberRolls: makes a ServiceMeshMember in each namespace that the roll names or selects, takes
 * those away that it does not any more, and tells what has become of them (maistra/istio-operator@maistra-2.5,
 * memberroll/controller.go; recorded: R1-R11, M6a-M7b).
 */
export class MemberRolls {
    private readonly kube: Kube;

    constructor(private readonly context: StandInContext) {
        this.kube = context.kube;
    }

    async reconcile(key: string): Promise<void> {
        const roll = await this.kube.get({ ...ROLL_KIND, ...splitKey(key) });
        if (!roll) {
            return;
        }
        if (roll.metadata.deletionTimestamp) {
            await this.remove(roll);
        } else if (!hasFinalizer(roll)) {
            await addFinalizer(this.kube, roll);
        } else {
            await this.collect(roll);
        }
    }

    private async collect(roll: KubeObject): Promise<void> {
        const { namespace = "" } = roll.metadata;
        const [mesh, ...more] = await this.kube.list(CONTROL_PLANE_KIND, { namespace });
        if (more.length > 0) {
            this.context.log(`roll ${namespace}: several control planes in the namespace; skipped`);
            return;
        }
        const namespaces = await this.kube.list({ apiVersion: "v1", kind: "Namespace" });
        const alive = new Set(namespaces.filter((n) => !n.metadata.deletionTimestamp).map((n) => n.metadata.name));
        const required = requiredNamespaces(roll, namespaces);
        // One look at the members for all of it: they come and go meanwhile.
        const all = await this.kube.list(MEMBER_KIND);
        const wants: Want[] = [];
        for (const name of mesh ? required : []) {
            const known = all.find(({ metadata }) => metadata.namespace === name);
            const member = known ?? (alive.has(name) ? await this.createMember(name, mesh) : undefined);
            wants.push({ namespace: name, exists: member !== undefined, refersTo: member?.spec.controlPlaneRef });
            all.push(...(member && !known ? [member] : []));
        }
        const members = referringTo(namespace, all);
        for (const { metadata } of members.filter(isOurs)) {
            if (!metadata.deletionTimestamp && (!mesh || !required.includes(metadata.namespace ?? ""))) {
                await this.kube.delete({ ...MEMBER_KIND, namespace: metadata.namespace, name: metadata.name });
            }
        }
        const before: RollStatus = roll.status ?? {};
        const status = rollStatus({ roll, mesh, required, wants, members });
        const kiali = await this.tellConsoles(namespace, mesh?.status, status, before);
        const next = { ...status, annotations: { ...before.annotations, ...kiali, ...status.annotations } };
        if (JSON.stringify(next) !== JSON.stringify(before)) {
            await postStatus(this.kube, refOf(roll), next);
        }
    }

    /** Undefined: the namespace has gone meanwhile, or somebody else was quicker; either brings us back. */
    private async createMember(namespace: string, mesh: KubeObject): Promise<KubeObject | undefined> {
        const controlPlaneRef = { name: mesh.metadata.name, namespace: mesh.metadata.namespace ?? "" };
        const metadata = { name: DEFAULT_NAME, namespace, annotations: { [CREATED_BY]: CONTROLLER } };
        try {
            return await this.kube.create({ ...MEMBER_KIND, metadata, spec: { controlPlaneRef } });
        } catch (error) {
            if (isStatus(error, 404) || isStatus(error, 409)) {
                return undefined;
            }
            throw error;
        }
    }

    /** Kiali may look at all members, Prometheus scrapes the configured ones; returns the annotations that say so. */
    private async tellConsoles(
        namespace: string,
        { appliedSpec: applied }: ControlPlaneStatus = {},
        { members = [], configuredMembers = [] }: RollStatus,
        before: RollStatus,
    ): Promise<Record<string, string>> {
        const told: Record<string, string> = {};
        if (applied?.addons?.kiali?.enabled) {
            told.kialiName = kialiName(applied);
            const wide = applied.mode === "ClusterWide";
            await this.tellKiali(namespace, told.kialiName, wide ? ["**"] : members, wide ? EXCLUDED : []);
        }
        if (applied?.addons?.prometheus?.enabled) {
            told.PrometheusScrapingMemebers = configuredMembers.join(",");
        } else if (before.annotations?.PrometheusScrapingMemebers !== undefined) {
            told.PrometheusScrapingMemebers = before.annotations.PrometheusScrapingMemebers;
        }
        return told;
    }

    private async tellKiali(namespace: string, name: string, accessible: string[], excluded: string[]): Promise<void> {
        const spec = {
            deployment: { accessible_namespaces: accessible },
            api: { namespaces: { exclude: excluded } },
        };
        try {
            await this.kube.mergePatch({ ...KIALI, namespace, name }, { spec });
        } catch (error) {
            // It is made last, and somebody may have taken it away.
            if (!isStatus(error, 404) && !(error instanceof KindMissing)) {
                throw error;
            }
        }
    }

    private async remove(roll: KubeObject): Promise<void> {
        if (!hasFinalizer(roll)) {
            return;
        }
        const { namespace = "" } = roll.metadata;
        for (const { metadata } of referringTo(namespace, await this.kube.list(MEMBER_KIND)).filter(isOurs)) {
            await this.kube.delete({ ...MEMBER_KIND, namespace: metadata.namespace, name: metadata.name });
        }
        const kiali: string | undefined = roll.status?.annotations?.kialiName;
        if (kiali) {
            await this.tellKiali(namespace, kiali, [], []);
        }
        await removeFinalizer(this.kube, roll);
    }
}

/** The members of a mesh, wherever they are. */
function referringTo(mesh: string, members: KubeObject[]): KubeObject[] {
    return members.filter(({ spec }) => spec?.controlPlaneRef?.namespace === mesh);
}

/** Named ones whether they exist or not, selected ones that exist; in order of their names. */
function requiredNamespaces(roll: KubeObject, namespaces: KubeObject[]): string[] {
    const named = ((roll.spec?.members ?? []) as string[]).filter((member) => member !== "*");
    const selected = namespaces.filter((object) => isMember(roll, object)).map(({ metadata }) => metadata.name);
    return [...new Set([...named, ...selected])].filter((name) => name !== OPERATOR_NAMESPACE).sort();
}

function isOurs({ metadata }: KubeObject): boolean {
    return metadata.annotations?.[CREATED_BY] === CONTROLLER;
}
