import { join, resolve } from "node:path";
import { loadConfig } from "../../../config/load";
import { readStackFile } from "../../../config/stack-file";
import { environmentOf } from "../../../graph/environment";
import type { Environment } from "../../../graph/model";

export const ROOT = resolve(__dirname, "../../..");
const base = readStackFile(join(ROOT, "Pulumi.staging.yaml"));

export const IMAGE = "registry.example.com/x:1";

/** Staging's mesh with other namespaces, and more keys that are others. */
export function environment(namespaces: Record<string, object>, more: Record<string, unknown> = {}): Environment {
    const changed = Object.entries({ "mesh:namespaces": namespaces, ...more });
    const text = changed.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
    return environmentOf("staging", loadConfig({ ...base, ...Object.fromEntries(text) }));
}

/** One service of a namespace, as little as it needs. */
export function service(more: object = {}): object {
    return { image: IMAGE, ...more };
}

/** Many services in some namespaces: long names, several callers, all kinds of rules. */
export function many(count: number): Environment {
    const homes = ["shop", "backoffice", "a-namespace-with-a-name-as-long-as-kubernetes-lets-a-name-be-ab"];
    const rules = [
        [{ namespaces: ["shop"] }],
        [{ gateway: true, methods: ["GET"], paths: ["/api/*"] }, { services: ["shop/service-0"] }],
        "anyone",
        [{ namespaces: ["monitoring", "shop"], methods: ["GET"] }],
        [],
        [{ principals: ["cluster.local/ns/ci/sa/robot"] }],
    ];
    const namespaces: Record<string, { gateway: string; services: Record<string, object> }> = {};
    for (let i = 0; i < count; i++) {
        const home = (namespaces[homes[i % homes.length]] ??= { gateway: "gateway", services: {} });
        const name = i === 4 ? "a-service-with-a-name-that-says-far-too-much-of-it" : `service-${i}`;
        const host = i === 5 ? `${"part.".repeat(20)}apps.example.com` : `service-${i}.apps.example.com`;
        home.services[name] = service({ host, allow: rules[i % rules.length] });
    }
    return environment(namespaces);
}
