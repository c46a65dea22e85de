import type { Dialect } from "./dialect";
import { v1_1 } from "./v1_1";

/** Every generation this program speaks, oldest first. A new one is a file here and a row. */
export const dialects: Record<string, Dialect> = {
    "1.1": v1_1,
};

export type { Dialect, Leaving, OperatorKey, OperatorSpec, SidecarRequest } from "./dialect";
