import type { Gate } from "../gate";
import { type Need, need } from "../need";
import { called } from "../verdict";
import {
    judgePiece,
    PIECE_NAMES,
    pieceJudge,
    type PieceJudge,
    type PieceName,
    type PieceReady,
    type PieceRef,
    type PieceSnapshot,
    type PieceWatch,
} from "../verdicts/pieces";
import { reread } from "./reread";
import type { Timed } from "./timed";

export type { PieceReady, PieceRef };

/** What a piece's judge comes to watch; and all of it once more, read anew. */
function needsOfPiece({ title, watches, later = () => [] }: PieceJudge, piece: PieceRef): Need[] {
    const { apiVersion, kind, metadata } = piece;
    const why = `waiting: ${title}`;
    const { name, namespace } = metadata;
    const all = later(piece).map(({ kind: other, ...where }) => need(other, ["get", "list", "watch"], why, where));
    return watches ? [need({ apiVersion, kind }, ["get"], why, { name, namespace }), ...all] : all;
}

/** One object of a mesh is really done. Undefined for kinds that are done when they are written. */
export function pieceGate(piece: PieceRef, want: Timed): Gate<PieceReady, PieceName> | undefined {
    const kind = pieceJudge(piece);
    if (!kind) {
        return undefined;
    }
    const { apiVersion, metadata } = piece;
    const { name, namespace } = metadata;
    const own: PieceWatch = { as: "pieces", kind: { apiVersion, kind: piece.kind }, namespace, name };
    const several = {
        names: PIECE_NAMES,
        watches: (seen: PieceSnapshot): PieceWatch[] => [own, ...(kind.watches?.(piece, seen) ?? [])],
        verdict: (seen: PieceSnapshot) => judgePiece(kind, piece, seen),
    };
    return {
        title: kind.title,
        failure: `${called(kind.title, metadata)} did not become ready`,
        ...several,
        timeoutSeconds: want.timeoutSeconds,
        confirm: kind.watches && ((_ready, held) => reread(several, held)),
        late: kind.late(piece),
        needs: needsOfPiece(kind, piece),
    };
}
