import type { KindRef, KubeObject } from "../../../kube";
import {
    called,
    condition,
    failed,
    MAKE_AGAIN,
    type Snapshot,
    type Verdict,
    waiting,
    type WatchSpec,
    words,
} from "../../verdict";

/** An object that a stack makes, as much as a gate needs of it. */
export interface PieceRef extends KindRef {
    metadata: { name: string; namespace?: string };
    /** Of one that is in no namespace: the namespace in which what it stands for runs. */
    runsIn?: string;
}

/** What is known of a piece that is really done. */
export interface PieceReady {
    /** One line for a person. */
    say?: string;
    /** What is not well, though nothing has to wait for it. */
    amiss?: string;
    /** What is installed, in its operator's words: "1.1.7-1", "v1.27.9". */
    version?: string;
    /** The IstioRevision by which namespaces and pods name this control plane. */
    revision?: string;
}

export const PIECE_NAMES = ["pieces", "revisions", "workloads", "replicaSets", "pods", "namespaces"] as const;
export type PieceName = (typeof PIECE_NAMES)[number];
export type PieceSnapshot = Snapshot<PieceName>;
export type PieceWatch = WatchSpec<PieceName>;

/** How one kind says that it is done. */
export interface PieceJudge {
    /** What it is, for progress lines. */
    title: string;
    /** What to watch beside the object itself; asked again after every change. */
    watches?(piece: PieceRef, seen: PieceSnapshot): PieceWatch[];
    /** What that can come to, before anything is seen: for whoever gives rights. */
    later?(piece: PieceRef): Omit<PieceWatch, "as" | "labelSelector">[];
    /** Pure. The object is there and stays. */
    judge(object: KubeObject, seen: PieceSnapshot): Verdict<PieceReady>;
    /** What to do when it has not come in time. */
    late(piece: PieceRef): string[];
}

export const DEPLOYMENT: KindRef = { apiVersion: "apps/v1", kind: "Deployment" };

/** Whether a piece is really done, by what its kind knows about it. */
export function judgePiece(kind: PieceJudge, piece: PieceRef, seen: PieceSnapshot): Verdict<PieceReady> {
    const { name, namespace } = piece.metadata;
    const object = seen.pieces.find((p) => p.metadata.name === name && p.metadata.namespace === namespace);
    if (!object) {
        return waiting(`${called(piece.kind, piece.metadata)} is not there`, MAKE_AGAIN);
    }
    return object.metadata.deletionTimestamp ? beingDeleted(object) : kind.judge(object, seen);
}

function beingDeleted(object: KubeObject): Verdict<never> {
    const { name, namespace, finalizers = [] } = object.metadata;
    const where = namespace ? ` -n ${namespace}` : "";
    const held = finalizers.length ? [`Held by ${finalizers.join(", ")}, which only a running operator clears.`] : [];
    return failed({
        object: called(object.kind, object.metadata),
        found: "is being deleted",
        expected: "to stay",
        said: words(condition(object, "Reconciled") ?? condition(object, "Ready")),
        by: "the operator",
        todo: ["Run this again when it has gone:", `  oc get ${object.kind.toLowerCase()} ${name}${where} -w`, ...held],
    });
}

/** Why a Deployment is not yet rolled out as it is written now; undefined when it is. */
export function unfinished(deployment: KubeObject | undefined, name: string): string | undefined {
    if (!deployment) {
        return `Deployment ${name} is not there`;
    }
    const { generation = 0 } = deployment.metadata;
    const {
        observedGeneration = 0,
        replicas = 0,
        updatedReplicas = 0,
        unavailableReplicas = 0,
    } = deployment.status ?? {};
    if (observedGeneration < generation) {
        return `Deployment ${name}: its controller has yet to notice generation ${generation}`;
    }
    const wanted: number = deployment.spec?.replicas ?? 1;
    if (updatedReplicas >= wanted && replicas === updatedReplicas && unavailableReplicas === 0) {
        return undefined;
    }
    const refused = condition(deployment, "ReplicaFailure");
    const said = refused?.status === "True" ? `: ${words(refused)}` : "";
    return `Deployment ${name}: ${updatedReplicas - unavailableReplicas} of ${wanted} pods available${said}`;
}

/** "a: words; b: words" of those conditions that have any. */
export function unhappy(object: KubeObject, types: string[]): string {
    const said = types.map((t) => condition(object, t)).filter((c) => c !== undefined && c.status !== "True");
    return [...new Set(said.map(words))].filter(Boolean).join("; ");
}
