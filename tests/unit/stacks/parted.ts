import { loadConfig } from "../../../config/load";
import { renderConfig, type Rendering } from "../../../render/render";
import { platformStack } from "../../../stacks/platform-reference";

export type Raw = Record<string, string>;

const OF_WORKLOADS = ["mesh:generation", "mesh:namespaces", "mesh:secrets", "mesh:timeouts"];
export const PLATFORM = "organization/mesh/platform";

type Namespaces = Record<string, { existingRoutes?: object; services: object; gateway?: string }>;

/** A stack's config as two: the platform takes its namespaces in, their services are the other stack's. */
export function parted(raw: Raw): { platform: Raw; workloads: Raw } {
    const namespaces: Namespaces = JSON.parse(raw["mesh:namespaces"]);
    const each = (change: (n: Namespaces[string]) => object): string =>
        JSON.stringify(Object.fromEntries(Object.entries(namespaces).map(([key, n]) => [key, change(n)])));
    return {
        platform: {
            ...raw,
            "mesh:part": "platform",
            "mesh:namespaces": each(({ existingRoutes = {} }) => ({ existingRoutes, services: {} })),
        },
        workloads: {
            ...Object.fromEntries(Object.entries(raw).filter(([key]) => OF_WORKLOADS.includes(key))),
            "mesh:part": "workloads",
            "mesh:platform": PLATFORM,
            "mesh:namespaces": each(({ existingRoutes: _theirs, ...rest }) => rest),
        },
    };
}

/** The rendering of a workloads stack in the mesh that a rendering is of. */
export async function renderWorkloads(raw: Raw, platform: Rendering): Promise<Rendering> {
    const from = platformStack(PLATFORM, platform.outputs);
    return renderConfig("shop", loadConfig(raw, { platform: from.platform }), undefined, from);
}
