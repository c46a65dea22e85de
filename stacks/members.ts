import * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes";
import { Membership, type Ready, TakenIn } from "../components";
import type { MeshConfig } from "../config/schema";
import type { Dialect, Member } from "../dialects";
import { namespaceName } from "./names";
import type { Plan } from "./plan";
import type { MadeSide } from "./sides";

type Moving = Pick<Plan, "now" | "next" | "moved">;

/** Whether a namespace's pods are those of this side's mesh. While a stack has two, each member is in one of them. */
export function belongs(plan: Moving, dialect: Dialect, key: string): boolean {
    return plan.next === undefined || (plan.next.dialect === dialect) === plan.moved.has(key);
}

/**
 * The labels that one side's mesh wants on a member: by which it is known, which both meshes of a stack that moves on
 * must be told, so that services reach each other on either side; and those that give its pods their sidecars. Pure.
 */
export function labelsOf(plan: Moving, dialect: Dialect, config: MeshConfig, key: string): Record<string, string> {
    const labels = dialect.memberLabels(config);
    if (labels === undefined) {
        return {};
    }
    const { known, injected, leaving } = labels;
    return belongs(plan, dialect, key) ? { ...known, ...injected, ...(plan.moved.has(key) ? leaving : {}) } : known;
}

export interface MembersInputs {
    plan: Plan;
    suffix: pulumi.Output<string | undefined>;
    own: Record<string, k8s.core.v1.Namespace>;
    after: Ready;
}

/** How some of a mesh's namespaces are its members. */
export interface Members {
    membership: Pick<Membership, "configured" | "ready">;
    /** The names that the config gives them. */
    keys: ReadonlySet<string>;
}

/** The members of one mesh of the stack: those that this stack brings in, and those that its platform has taken in. */
export function memberships(made: MadeSide, inputs: MembersInputs): Members[] {
    const { namespaces, platform } = made.side.config;
    const takenIn = new Set(Object.keys(namespaces).filter((key) => platform && key in platform.namespaces));
    const joining = new Set(Object.keys(namespaces).filter((key) => !takenIn.has(key)));
    return [
        ...(joining.size > 0 || takenIn.size === 0
            ? [{ membership: bringIn(made, joining, inputs), keys: joining }]
            : []),
        ...(takenIn.size > 0 ? [{ membership: takenBy(made, takenIn, inputs), keys: takenIn }] : []),
    ];
}

/** Namespaces that the platform's stack takes in. */
function takenBy(made: MadeSide, keys: ReadonlySet<string>, { plan, suffix, after }: MembersInputs): TakenIn {
    const { inCluster, context, side } = made;
    const byLabels = side.dialect.apis.membership === undefined;
    const namespaces = [...keys].map((key) => [
        key,
        {
            name: suffix.apply((s) => namespaceName(key, plan.owned, s)),
            ...(byLabels ? { labels: inCluster.apply((c) => labelsOf(plan, side.dialect, c, key)) } : {}),
        },
    ]);
    return new TakenIn(
        "members",
        { controlPlane: controlPlaneOf(made), namespaces: Object.fromEntries(namespaces) },
        context,
        { dependsOn: after },
    );
}

/** Namespaces of other stacks that asked for this mesh. Its namespace has no suffix then: another stack knows its name. */
function joinedByThemselves({ facts }: Plan, { controlPlane, namespaces }: MeshConfig): string[] {
    return facts.members
        .filter((m) => m.byItself && m.controlPlaneNamespace === controlPlane.namespace && !(m.namespace in namespaces))
        .map((m) => m.namespace);
}

function controlPlaneOf({ inCluster }: MadeSide): pulumi.Output<{ name: string; namespace: string }> {
    return inCluster.apply((c) => ({ name: c.controlPlane.name, namespace: c.controlPlane.namespace }));
}

function bringIn(made: MadeSide, keys: ReadonlySet<string>, { plan, suffix, own, after }: MembersInputs): Membership {
    const { inCluster, context, side } = made;
    const { dialect, config } = side;
    const member = (key: string, namespace: string): Member => ({
        namespace,
        // Tekton's Service for a listener is called el-<listener> (tektoncd/triggers, pkg/reconciler/eventlistener).
        withoutSidecar: plan.exceptions.filter((e) => e.namespace === key).map((e) => `el-${e.name}`),
    });
    const namespaces = [...keys].map((key) => {
        const name = suffix.apply((s) => namespaceName(key, plan.owned, s));
        const live = inCluster.apply((c) => labelsOf(plan, dialect, c, key));
        const labels = Object.keys(labelsOf(plan, dialect, config, key)).map(
            (label) => [label, live.apply((all) => all[label])] as const,
        );
        // A roll keeps all until the old mesh goes: it is what still tells one mesh of the other's services.
        const joins = config.membership !== "labels" || belongs(plan, dialect, key);
        return [
            key,
            {
                name,
                own: own[key],
                joins,
                labels: Object.fromEntries(labels),
                pieces: joins ? dialect.memberPieces(config, member(key, key)) : [],
                piecesInCluster: pulumi
                    .all([inCluster, name])
                    .apply(([c, n]) => (joins ? dialect.memberPieces(c, member(key, n)) : [])),
            },
        ] as const;
    });
    return new Membership(
        config.membership === "labels" ? "labels" : "members",
        {
            by: config.membership,
            controlPlane: controlPlaneOf(made),
            networkType: plan.facts.networkType,
            others: dialect.rollNamesAll ? joinedByThemselves(plan, config) : [],
            namespaces: Object.fromEntries(namespaces),
        },
        context,
        { dependsOn: after },
    );
}
