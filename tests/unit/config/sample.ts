import { loadConfig } from "../../../config/load";
import { ConfigError, type Problem } from "../../../config/problems";
import type { MeshConfig } from "../../../config/schema";

export const IMAGE = `registry.example.com/shop/cart@sha256:${"0".repeat(64)}`;

/**
 * A small configuration that is right; `parts` replaces keys, by path, e.g. { "namespaces.shop.services.cart.port": 1
 * }.
 */
export function sample(parts: Record<string, unknown> = {}): Record<string, string> {
    const data: Record<string, unknown> = {
        generation: "1.1",
        controlPlane: { name: "basic", namespace: "istio-system" },
        namespaces: {
            shop: {
                existingRoutes: { cart: "managed" },
                services: { cart: { image: IMAGE, host: "cart.apps.example.com" }, stock: { image: IMAGE } },
            },
            bank: { services: { ledger: { image: IMAGE } } },
        },
    };
    for (const [path, value] of Object.entries(parts)) {
        put(data, path.split("."), value);
    }
    return flat(data);
}

/** As Pulumi hands it over. */
export function flat(data: Record<string, unknown>): Record<string, string> {
    const entries = Object.entries(data).filter(([, value]) => value !== undefined);
    return Object.fromEntries(
        entries.map(([key, value]) => [`mesh:${key}`, typeof value === "string" ? value : JSON.stringify(value)]),
    );
}

function put(data: Record<string, unknown>, [first, ...rest]: string[], value: unknown): void {
    if (first === undefined) {
        return;
    }
    if (rest.length === 0) {
        data[first] = value;
        return;
    }
    data[first] ??= {};
    put(data[first] as Record<string, unknown>, rest, value);
}

/** The sample, with some keys replaced, which is still right. */
export function configOf(parts: Record<string, unknown> = {}): MeshConfig {
    return loadConfig(sample(parts));
}

/** What is wrong with a configuration; nothing if it loads. */
export function problemsOf(raw: Record<string, string>): readonly Problem[] {
    try {
        loadConfig(raw);
        return [];
    } catch (error) {
        if (error instanceof ConfigError) {
            return error.problems;
        }
        throw error;
    }
}
