import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "../config/load";
import type { Platform } from "../config/platform";
import type { MeshConfig } from "../config/schema";

/**
 * This stack's config, checked. When something is wrong with it, the cluster is asked for its domain, so that hosts
 * elsewhere are told together with everything else. Errors: ConfigError with every problem at once.
 */
export async function readConfig(
    all: Record<string, string>,
    clusterDomain: () => Promise<string | undefined>,
    platform?: Platform,
): Promise<MeshConfig> {
    // Exported by the SDK, but left out of its types.
    const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
    const options = {
        file: `Pulumi.${pulumi.getStack()}.yaml`,
        ...(platform === undefined ? {} : { platform }),
        encrypted: Object.keys(all).filter(isConfigSecret),
    };
    try {
        return loadConfig(all, options);
    } catch (error) {
        // Without an answer there is still the first error.
        const domain = await clusterDomain().catch(() => undefined);
        if (domain === undefined) {
            throw error;
        }
        return loadConfig(all, { ...options, clusterDomain: domain });
    }
}

/** mesh:secrets as secrets: nothing that is made from them shows in clear. */
export function secretsOf(config: MeshConfig): Record<string, pulumi.Output<string>> {
    return Object.fromEntries(Object.entries(config.secrets).map(([name, value]) => [name, pulumi.secret(value)]));
}
