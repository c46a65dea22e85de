import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "../config/load";
import type { MeshConfig } from "../config/schema";

/** This stack's config, checked. Errors: ConfigError with every problem at once. */
export function readConfig(): MeshConfig {
    const all = pulumi.runtime.allConfig();
    // Exported by the SDK, but left out of its types.
    const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
    return loadConfig(all, {
        file: `Pulumi.${pulumi.getStack()}.yaml`,
        encrypted: Object.keys(all).filter(isConfigSecret),
    });
}

/** mesh:secrets as secrets: nothing that is made from them shows in clear. */
export function secretsOf(config: MeshConfig): Record<string, pulumi.Output<string>> {
    return Object.fromEntries(Object.entries(config.secrets).map(([name, value]) => [name, pulumi.secret(value)]));
}
