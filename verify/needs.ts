import { type Need, need } from "../cluster/need";
import { needsOfReads } from "../cluster/reads";
import { pieceJudge } from "../cluster/verdicts/pieces";
import type { Environment } from "./environment";
import { wantedPieces } from "./objects/pieces";
import { readsFor } from "./reads";

const WHY = "verify";
/** In place of EventListeners, whose names the cluster alone knows. */
const ANY = "*";

/** The rights that verify needs, without its probe pod. */
export function needsToVerify(env: Environment, served: string[]): Need[] {
    const listeners = Object.fromEntries(env.exceptions.map(({ namespace }) => [namespace, [ANY]]));
    const pieces = wantedPieces(env, listeners);
    return [
        ...needsOfReads(Object.values(readsFor(env, served)).flat(), WHY),
        ...pieces.flatMap(({ piece: { apiVersion, kind, metadata, body } }) => {
            const { name, namespace } = metadata;
            const { namespace: runsIn } = (body.spec ?? {}) as { namespace?: string };
            const judge = pieceJudge({ apiVersion, kind });
            return [
                need({ apiVersion, kind }, ["get"], WHY, { namespace, ...(name.includes(ANY) ? {} : { name }) }),
                ...(judge?.later?.({ apiVersion, kind, metadata, runsIn }) ?? []).map(({ kind: other, ...where }) =>
                    need(other, ["get", "list"], WHY, where),
                ),
            ];
        }),
    ];
}
