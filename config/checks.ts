/** Checks that need more than one key to be seen. */
import type { Problem } from "./problems";
import type { MeshConfig } from "./schema";

export function checkConfig(_config: MeshConfig, _given: unknown = _config): Problem[] {
    return [];
}
