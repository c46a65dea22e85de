import { readNow } from "../../cluster/gates/reread";
import { LookError } from "../../cluster/look";
import { called } from "../../cluster/verdict";
import { judgePiece, PIECE_NAMES, pieceJudge, type PieceSnapshot } from "../../cluster/verdicts/pieces";
import type { Piece } from "../../dialects";
import { type Kube, KubeError } from "../../kube";
import { GATEWAY_API, httpRouteSpec } from "../../specs/http-route";
import { type Check, fromVerdict, judged } from "../check";
import { difference } from "../difference";
import { type Environment, type Side, sideFor } from "../environment";
import type { View } from "../reads";
import { exemptListeners } from "./routes";

type Group = Check["group"];

/** Kinds that say who may reach whom, wherever they stand. */
const SECURITY = ["AuthorizationPolicy", "DestinationRule", "NetworkPolicy", "PeerAuthentication"];

/**
 * Every object that a generation's dialect wants of a mesh, beside its services: those that take their time are ready, by
 * the verdict that the stack itself waits for; the others are there as they are wanted. Secrets are not read. Errors:
 * LookError where something may not be read.
 */
export async function checkPieces(kube: Kube, env: Environment, view: View): Promise<Check[]> {
    const wanted = wantedPieces(env, exemptListeners(env, view));
    return Promise.all(wanted.map(({ piece, group, side }) => checkPiece(kube, piece, group, side)));
}

interface Placed {
    piece: Piece;
    group: Group;
}

/** What says of each host to a gateway of the Gateway API that it is there, and where it leads. */
export function hostPieces(env: Environment): (Placed & { side: Side })[] {
    return env.services.flatMap(({ name, namespace, host, port, tls }) => {
        const side = sideFor(env, namespace);
        if (host === undefined || side.entry.parent === undefined) {
            return [];
        }
        const spec = httpRouteSpec({ name, host, port, tls }, namespace, side.entry);
        const ref = { apiVersion: GATEWAY_API, kind: "HTTPRoute", metadata: { name, namespace } };
        return [{ piece: { name, ...ref, body: { spec } }, group: "ingress", side }];
    });
}

/** All that is asked about, each once. @param listeners by namespace: those whose pods have no sidecar */
export function wantedPieces(env: Environment, listeners: Record<string, string[]>): (Placed & { side: Side })[] {
    const wanted = env.sides.flatMap((side, i) =>
        piecesOf(side, listeners, i === 0).map(({ piece, group }) => ({ piece, group, side })),
    );
    const distinct = new Map(
        [...wanted, ...hostPieces(env)].map((w) => [
            `${w.piece.apiVersion} ${called(w.piece.kind, w.piece.metadata)}`,
            w,
        ]),
    );
    return [...distinct.values()].filter(({ piece }) => piece.kind !== "Secret");
}

/** @param first the consoles of a stack are those of the mesh that it has, not yet of the next one */
function piecesOf({ dialect, config, members }: Side, listeners: Record<string, string[]>, first: boolean): Placed[] {
    const placed =
        (group: Group) =>
        (piece: Piece): Placed => ({
            piece,
            group: SECURITY.includes(piece.kind) ? "security" : group,
        });
    return [
        ...dialect.controlPlane(config).map(placed("control plane")),
        ...dialect.gatewayPieces(config).map(placed("ingress")),
        ...(first ? dialect.consolePieces(config).map(placed("control plane")) : []),
        ...members.flatMap((namespace) => {
            const withoutSidecar = (listeners[namespace] ?? []).map((name) => `el-${name}`);
            return dialect.memberPieces(config, { namespace, withoutSidecar }).map(placed("membership"));
        }),
    ];
}

async function checkPiece(kube: Kube, piece: Piece, group: Group, { config, dialect }: Side): Promise<Check> {
    const { kind, metadata } = piece;
    const { name, namespace } = config.controlPlane;
    const isPlane = kind === dialect.controlPlane(config)[0].kind && metadata.name === name;
    const subject = isPlane ? `${namespace}/${name}` : called(kind, metadata);
    const judge = pieceJudge(piece);
    try {
        if (judge === undefined) {
            return await compare(kube, piece, { group, subject, expected: "there, as it was asked for" });
        }
        const several = {
            names: PIECE_NAMES,
            watches: (seen: PieceSnapshot) => [
                {
                    as: "pieces" as const,
                    kind: { apiVersion: piece.apiVersion, kind },
                    namespace: metadata.namespace,
                    name: metadata.name,
                },
                ...(judge.watches?.(piece, seen) ?? []),
            ],
        };
        const verdict = judgePiece(judge, piece, await readNow(kube, several));
        const about = { group, subject, expected: isPlane ? "ready for what it is told now" : "ready" };
        const check = fromVerdict(about, verdict);
        if (verdict.is === "ready" && verdict.value.amiss !== undefined) {
            return judged(about, false, verdict.value.amiss);
        }
        if (piece.apiVersion !== GATEWAY_API || check.result !== "passed") {
            return check;
        }
        // It says what it is ready for.
        const compared = await compare(kube, piece, about);
        return compared.result === "passed" ? check : compared;
    } catch (error) {
        if (error instanceof KubeError && [401, 403].includes(error.status)) {
            throw new LookError(`${error.message}; nothing was touched`);
        }
        throw error;
    }
}

/** What is shared may be somebody else's, who has it otherwise. */
async function compare(
    kube: Kube,
    { apiVersion, kind, metadata, body, shared }: Piece,
    about: Pick<Check, "group" | "subject" | "expected">,
): Promise<Check> {
    const { name, namespace, labels } = metadata;
    const found = await kube.get({ apiVersion, kind, name, namespace });
    if (found === undefined) {
        return judged(about, false, "it is not there");
    }
    const differences = [
        difference(labels, found.metadata.labels, "metadata.labels"),
        ...Object.keys(body).map((key) => difference(body[key], found[key], key)),
    ];
    const wrong = shared ? undefined : differences.find((d) => d !== undefined);
    return judged(about, wrong === undefined, wrong ?? "there");
}
