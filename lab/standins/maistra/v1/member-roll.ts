import { isStatus, type Kube, type KubeObject, refOf } from "../../../../kube";
import type { StandInContext } from "../../types";
import { type Condition, conditionOf, withCondition } from "../common/conditions";
import { MemberNamespaces } from "./member-namespaces";
import { KIALI, MAISTRA_API, MEMBER_OF, ROLL_KIND } from "../common/names";
import { CONTROL_PLANE_KIND } from "./names";
import { splitKey } from "../common/queue";
import { addFinalizer, hasFinalizer, postStatus, removeFinalizer, update } from "../common/write";

export interface RollStatus {
    annotations?: Record<string, string>;
    conditions?: Condition[];
    configuredMembers?: string[];
    meshGeneration?: number;
    meshReconciledVersion?: string;
    observedGeneration?: number;
}

/** What there is to do about a roll whose mesh is installed. */
export type RollWork = "mesh changed" | "roll changed" | "namespace appeared" | "namespace went" | "nothing";

/** Pure; in the order in which the operator asks (maistra/istio-operator, memberroll/controller.go). */
export function rollWork(
    roll: { generation: number; members: string[]; namespace: string; status: RollStatus },
    meshVersion: string | undefined,
    namespaces: ReadonlySet<string>,
): RollWork {
    const configured = new Set(roll.status.configuredMembers);
    if (meshVersion !== roll.status.meshReconciledVersion) {
        return "mesh changed";
    }
    if (roll.generation !== roll.status.observedGeneration) {
        return "roll changed";
    }
    if (roll.members.some((m) => m !== roll.namespace && namespaces.has(m) && !configured.has(m))) {
        return "namespace appeared";
    }
    return [...configured].some((member) => !namespaces.has(member)) ? "namespace went" : "nothing";
}

/** What the roll says of its members. */
export function rollReadiness(members: string[], configured: string[]): Condition {
    const all = new Set(members);
    const done = new Set(configured);
    return all.size === done.size && [...all].every((member) => done.has(member))
        ? {
              type: "Ready",
              status: "True",
              reason: "Configured",
              message: "All namespaces have been configured successfully",
          }
        : {
              type: "Ready",
              status: "False",
              reason: "ErrNamespaceMissing",
              message: "A namespace listed in .spec.members does not exist",
          };
}

/** Reconciles ServiceMeshMemberRolls (recorded: N2a-N2c, N6a, N7a). */
export class MemberRolls {
    private readonly kube: Kube;

    constructor(
        private readonly context: StandInContext,
        private readonly cniEnabled: boolean,
    ) {
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
            await this.configure(roll);
        }
    }

    private async configure(roll: KubeObject): Promise<void> {
        const { namespace = "", generation = 0 } = roll.metadata;
        const meshes = await this.kube.list(CONTROL_PLANE_KIND, { namespace });
        if (meshes.length !== 1) {
            this.context.log(`roll ${namespace}: not one control plane in the namespace but ${meshes.length}; skipped`);
            return;
        }
        const [mesh] = meshes;
        if (!roll.metadata.ownerReferences?.some((owner) => owner.uid === mesh.metadata.uid)) {
            await this.adopt(roll, mesh);
            return;
        }
        if (!mesh.status?.observedGeneration || conditionOf(mesh.status.conditions, "Reconciled").status !== "True") {
            // The mesh's next change brings us back.
            this.context.log(`roll ${namespace}: skipped, because the mesh is not in a known good state`);
            return;
        }
        const members: string[] = roll.spec?.members ?? [];
        const status: RollStatus = roll.status ?? {};
        const present = new Set((await this.namespaces()).map((object) => object.metadata.name));
        const work = rollWork({ generation, members, namespace, status }, mesh.status.reconciledVersion, present);
        if (work === "nothing") {
            return;
        }
        const next: RollStatus = { ...status };
        if (work === "namespace went") {
            next.configuredMembers = members.filter((member) => member !== namespace && present.has(member));
        } else {
            next.configuredMembers = await this.reconcileNamespaces(namespace, members, work === "roll changed");
        }
        if (work === "mesh changed" || work === "roll changed") {
            next.meshGeneration = mesh.status.observedGeneration;
            next.meshReconciledVersion = mesh.status.reconciledVersion;
        }
        next.conditions = withCondition(status.conditions, rollReadiness(members, next.configuredMembers));
        const count = `${next.configuredMembers.length}/${new Set(members).size}`;
        next.annotations = { ...status.annotations, configuredMemberCount: count };
        next.observedGeneration = generation;
        if (work === "mesh changed" && status.meshReconciledVersion) {
            await this.flip(roll, status);
        }
        await postStatus(this.kube, refOf(roll), next);
        await this.tellKiali(namespace, next.configuredMembers);
    }

    /** The namespaces that are configured now, in order of their names. */
    private async reconcileNamespaces(mesh: string, members: string[], removeOthers: boolean): Promise<string[]> {
        const reconciler = await MemberNamespaces.of(this.kube, mesh, this.cniEnabled);
        const wanted = members.filter((member) => member !== mesh);
        if (removeOthers) {
            for (const former of await this.labelled(mesh)) {
                if (!wanted.includes(former)) {
                    await reconciler.release(former);
                }
            }
        }
        const configured: string[] = [];
        for (const member of new Set(wanted)) {
            if (await reconciler.configure(member)) {
                configured.push(member);
            }
        }
        return configured.sort();
    }

    /** The roll goes with its control plane. */
    private async adopt(roll: KubeObject, mesh: KubeObject): Promise<void> {
        const { name, uid = "" } = mesh.metadata;
        await update(this.kube, refOf(roll), (fresh) => {
            fresh.metadata.ownerReferences = [{ apiVersion: MAISTRA_API, kind: CONTROL_PLANE_KIND.kind, name, uid }];
        });
    }

    private async remove(roll: KubeObject): Promise<void> {
        if (!hasFinalizer(roll)) {
            return;
        }
        const { namespace = "" } = roll.metadata;
        const reconciler = await MemberNamespaces.of(this.kube, namespace, this.cniEnabled);
        for (const member of await this.labelled(namespace)) {
            await reconciler.release(member);
        }
        await this.tellKiali(namespace, []);
        await removeFinalizer(this.kube, roll);
    }

    /** A later operator's habit, on request: not Ready for a moment after every update (recorded: maistra25 R7). */
    private async flip(roll: KubeObject, status: RollStatus): Promise<void> {
        if (this.context.settings().maistra.rollFlipsAfterUpdate) {
            const unready = rollReadiness(["?"], []);
            await postStatus(this.kube, refOf(roll), {
                ...status,
                conditions: withCondition(status.conditions, unready),
            });
            await this.context.delay(60);
        }
    }

    private async tellKiali(namespace: string, members: string[]): Promise<void> {
        const accessible = members.length > 0 ? members : [namespace];
        try {
            await this.kube.mergePatch(
                { ...KIALI, namespace, name: "kiali" },
                { spec: { deployment: { accessible_namespaces: accessible } } },
            );
        } catch (error) {
            // No such kind or no such object: Kiali is not enabled.
            if (!isStatus(error, 404)) {
                throw error;
            }
        }
    }

    private async labelled(mesh: string): Promise<string[]> {
        const labelSelector = `${MEMBER_OF}=${mesh}`;
        const found = await this.kube.list({ apiVersion: "v1", kind: "Namespace" }, { labelSelector });
        return found.map((object) => object.metadata.name).filter((name) => name !== mesh);
    }

    private namespaces(): Promise<KubeObject[]> {
        return this.kube.list({ apiVersion: "v1", kind: "Namespace" });
    }
}
