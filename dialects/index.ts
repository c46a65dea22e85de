import type { Dialect } from "./dialect";
import { v1_1 } from "./v1_1";
import { v2_6 } from "./v2_6";
import { v3 } from "./v3";

/** Every generation this program speaks, oldest first. A new one is a file here and a row. */
const table = {
    "1.1": v1_1,
    "2.6": v2_6,
    "3": v3,
};

export type GenerationName = keyof typeof table;

export const dialects: Record<string, Dialect> = table;

export type { Defaults, Dialect, Leaving, OperatorKey, OperatorSpec, RouteName } from "./dialect";
export type { Gateway, Home, Member, MemberLabels, Piece, SidecarRequest } from "./piece";
