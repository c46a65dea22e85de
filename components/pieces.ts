import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { pieceGate, type PieceReady } from "../cluster/gates";
import type { Piece } from "../dialects";
import { marked } from "../specs/meta";
import { type Context, everyOne, held, present, type Ready } from "./context";
import { custom, guarded } from "./custom";
import { HelmAdoption } from "./helm-adoption";
import { SharedUse } from "./shared-use";

export interface PiecesArgs {
    /** As the config says it: decides which resources there are, and what they are called. */
    pieces: Piece[];
    /** The same in the same order, with names as they are in the cluster. */
    inCluster: pulumi.Output<Piece[]>;
    /** Namespaces that are ours, by their names in the config. */
    own: Record<string, k8s.core.v1.Namespace>;
    /** What every piece stands on beside its own namespace. */
    on?: pulumi.Resource[];
    /** The piece that Pulumi refuses to delete, if any. */
    protect?: string;
    /** Seconds that each may take. */
    timeoutSeconds: number;
}

/** What became of a piece. */
export interface MadePiece {
    /** Absent for one that somebody else has made. */
    resource?: pulumi.CustomResource;
    value: pulumi.Output<PieceReady>;
    ready: Ready;
}

type Options = pulumi.CustomResourceOptions & { parent: pulumi.Resource };

/** Makes what a dialect wants, each piece after those that it stands on, and waits for those that take their time. */
export function makePieces(args: PiecesArgs, context: Context, opts: Options): Record<string, MadePiece> {
    const made: Record<string, MadePiece> = {};
    for (const [i, piece] of args.pieces.entries()) {
        const before = (piece.after ?? []).map((name) => made[name].ready);
        const namespace = args.own[piece.metadata.namespace ?? ""];
        const wanted = args.inCluster.apply((all) => all[i]);
        made[piece.name] = makePiece(piece, wanted, present(...(args.on ?? []), namespace), args, context, {
            ...opts,
            dependsOn: everyOne(opts.dependsOn as Ready | undefined, ...before),
            // With a namespace that is not deleted nothing goes: a refused removal would otherwise have forgotten them.
            ...(piece.goesWithNamespace && namespace && !context.protect ? { deletedWith: namespace } : {}),
            ...(piece.name === args.protect ? { protect: true } : {}),
        });
    }
    return made;
}

function makePiece(
    piece: Piece,
    wanted: pulumi.Output<Piece>,
    ground: Ready,
    { timeoutSeconds }: PiecesArgs,
    context: Context,
    opts: Options,
): MadePiece {
    const { apiVersion, kind } = piece;
    // One a cluster, and somebody else's: it is used as it is.
    const theirs = piece.shared === true && context.foreign.has(`${kind}/${piece.metadata.name}`);
    const adoption =
        theirs || piece.adopts === undefined
            ? undefined
            : new HelmAdoption(piece.name, piece.adopts, { parent: opts.parent });
    const after = everyOne(opts.dependsOn as Ready, ground, present(adoption));
    const resource = theirs ? undefined : declare(piece, wanted, context, { ...opts, dependsOn: after });
    if (resource && piece.usedBy) {
        const what = `${kind} ${piece.metadata.name}`;
        const { parent } = opts;
        // Goes first, while it can still refuse.
        new SharedUse(piece.name, { what, users: piece.usedBy, stack: context.mark }, { parent, dependsOn: resource });
    }
    const gate = wanted.apply(({ metadata, body }) => {
        const { namespace: runsIn } = (body.spec ?? {}) as { namespace?: string };
        return pieceGate({ apiVersion, kind, metadata, runsIn }, { timeoutSeconds });
    });
    if (pieceGate(piece, { timeoutSeconds }) === undefined) {
        const ready = resource ? present(resource) : (opts.dependsOn as Ready);
        return { resource, ready, value: pulumi.output({}) };
    }
    const before = pulumi.output(opts.dependsOn as Ready);
    const shownOn = resource ?? opts.parent;
    const { value, ready } = held<PieceReady, string>(
        context,
        shownOn,
        resource ? [resource] : [],
        before.apply(() => gate) as never,
        {},
    );
    return { resource, value, ready };
}

/** Kinds of Kubernetes itself have classes in the provider, which know them in previews as well. */
const BUILT_IN: Record<string, BuiltIn> = {
    Deployment: k8s.apps.v1.Deployment,
    Service: k8s.core.v1.Service,
    ServiceAccount: k8s.core.v1.ServiceAccount,
    ConfigMap: k8s.core.v1.ConfigMap,
    Secret: k8s.core.v1.Secret,
    Role: k8s.rbac.v1.Role,
    RoleBinding: k8s.rbac.v1.RoleBinding,
    ClusterRole: k8s.rbac.v1.ClusterRole,
    ClusterRoleBinding: k8s.rbac.v1.ClusterRoleBinding,
    NetworkPolicy: k8s.networking.v1.NetworkPolicy,
    HorizontalPodAutoscaler: k8s.autoscaling.v2.HorizontalPodAutoscaler,
    PodDisruptionBudget: k8s.policy.v1.PodDisruptionBudget,
};

type BuiltIn = new (name: string, args: any, opts: pulumi.CustomResourceOptions) => pulumi.CustomResource;

/** Our own gates wait for these, and say what they wait for. */
const UNGATED: Record<string, Record<string, string>> = {
    Deployment: { "pulumi.com/skipAwait": "true" },
    Service: { "pulumi.com/skipAwait": "true" },
};

function declare(piece: Piece, wanted: pulumi.Output<Piece>, context: Context, opts: Options): pulumi.CustomResource {
    const metadata = wanted.apply(({ metadata: m }) =>
        marked(context.mark, m.name, m.namespace, {
            ...(m.labels ? { labels: m.labels } : {}),
            annotations: { ...UNGATED[piece.kind], ...m.annotations },
        }),
    );
    const { apiVersion, kind, name } = piece;
    const builtIn = BUILT_IN[kind];
    if (builtIn !== undefined) {
        const body = fields(piece, wanted);
        const secrets = piece.random ? { stringData: randomValues(piece, opts) } : {};
        return new builtIn(name, { metadata, ...body, ...secrets } as never, opts);
    }
    const body = { apiVersion, kind, metadata, ...fields(piece, wanted) };
    return piece.guarded ? guarded(name, body as never, context, opts) : custom(name, body as never, opts);
}

/** Each field by itself, so that a preview shows which of them is not known yet. */
function fields(piece: Piece, wanted: pulumi.Output<Piece>): Record<string, pulumi.Output<unknown>> {
    return Object.fromEntries(Object.keys(piece.body).map((key) => [key, wanted.apply((p) => p.body[key])]));
}

function randomValues(piece: Piece, { parent }: Options): Record<string, pulumi.Output<string>> {
    return Object.fromEntries(
        Object.entries(piece.random ?? {}).map(([key, length]) => [
            key,
            new random.RandomPassword(`${piece.name}/${key}`, { length, special: false }, { parent }).result,
        ]),
    );
}
