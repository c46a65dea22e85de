import type { Dialect } from "./dialect";
import { v1_1 } from "./v1_1";

/** Every generation this program speaks, oldest first. A new one is a file here and a row. */
export const dialects: Record<string, Dialect> = {
    "1.1": v1_1,
};

export type { Defaults, Dialect, Leaving, OperatorKey, OperatorSpec, RouteName } from "./dialect";
export type { Gateway, Home, Member, MemberLabels, Piece, SidecarRequest } from "./piece";
