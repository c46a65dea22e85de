import { loadConfig } from "../../../config/load";
import type { MeshConfig } from "../../../config/schema";
import type { Piece } from "../../../dialects";
import { sample } from "../config/sample";

/** The sample config as one of generation 3. */
export function config(controlPlane: object = {}, more: Record<string, unknown> = {}): MeshConfig {
    return loadConfig(sample({ generation: "3", controlPlane, ...more }));
}

/** The spec of the first piece of a kind. */
export function specOf(pieces: Piece[], kind: string): any {
    return pieces.find((piece) => piece.kind === kind)?.body.spec;
}

export const named = (pieces: Piece[]): string[] => pieces.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
