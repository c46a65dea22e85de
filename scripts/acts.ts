import { loadConfig } from "../config/load";
import type { MeshConfig } from "../config/schema";
import { readStackFile } from "../config/stack-file";
import { layOver } from "../lab/engine/project";

/** One step on the way to an environment, so that a newcomer sees what it changes. */
export interface Act {
    title: string;
    /** Laid over the stack's configuration. */
    overrides: Record<string, string>;
}

/** The environment as it is configured. */
export const WHOLE: Act = { title: "as it is configured", overrides: {} };

/**
 * The order in which the scenario takes its last steps: first without mTLS and without policies, then with mTLS, then
 * with policies too. Steps that the environment does not have are left out. Pure.
 */
export function actsOf(config: MeshConfig): Act[] {
    const open: Record<string, string> = {};
    for (const [namespace, { services }] of Object.entries(config.namespaces)) {
        for (const [service, { allow, deny }] of Object.entries(services)) {
            if (allow !== "anyone") {
                open[`mesh:namespaces.${namespace}.services.${service}.allow`] = "anyone";
            }
            if (deny.length > 0) {
                open[`mesh:namespaces.${namespace}.services.${service}.deny`] = "[]";
            }
        }
    }
    const { mtls } = config.controlPlane;
    const guarded = Object.keys(open).length > 0;
    return [
        ...(mtls === "off"
            ? []
            : [
                  {
                      title: "without mTLS, and anyone may call",
                      overrides: { "mesh:controlPlane.mtls": "off", ...open },
                  },
              ]),
        ...(guarded ? [{ title: `with mTLS ${mtls}, and anyone may call`, overrides: open }] : []),
        { title: guarded ? "with who may call whom: as it is configured" : WHOLE.title, overrides: {} },
    ];
}

/** The configuration of an act. Errors: ConfigError. */
export function configOf(file: string, overrides: Act["overrides"] = {}): MeshConfig {
    const nested: Record<string, unknown> = Object.fromEntries(
        Object.entries(readStackFile(file)).map(([key, text]) => [key, structured(text)]),
    );
    layOver(nested, overrides);
    const raw = Object.entries(nested).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    return loadConfig(Object.fromEntries(raw), { file });
}

/** Text stays text, also where it looks like a number. */
function structured(text: string): unknown {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === "object" ? value : text;
    } catch {
        return text;
    }
}
