import { type Need, need } from "../cluster/need";
import { needsOfReads } from "../cluster/reads";
import { pieceJudge } from "../cluster/verdicts/pieces";
import type { Environment } from "./environment";
import { hostPieces, placedPieces } from "./objects/pieces";
import { readsFor } from "./reads";

const WHY = "verify";

/** The rights that verify needs, without its probe pod. */
export function needsToVerify(env: Environment, served: string[]): Need[] {
    const pieces = [
        ...env.sides.flatMap((side, i) => placedPieces(side, {}, i === 0)),
        ...hostPieces(env).map(({ piece }) => piece),
    ].filter(({ kind }) => kind !== "Secret");
    return [
        ...needsOfReads(Object.values(readsFor(env, served)).flat(), WHY),
        ...pieces.flatMap(({ apiVersion, kind, metadata, body }) => {
            const { name, namespace } = metadata;
            const { namespace: runsIn } = (body.spec ?? {}) as { namespace?: string };
            const later = pieceJudge({ apiVersion, kind })?.later?.({ apiVersion, kind, metadata, runsIn }) ?? [];
            return [
                need({ apiVersion, kind }, ["get"], WHY, { name, namespace }),
                ...later.map(({ kind: other, ...where }) => need(other, ["get", "list"], WHY, where)),
            ];
        }),
    ];
}
