import { BODY, type Client } from "./answers";
import type { StackFile } from "./stack";

const IMAGES = "registry.example.com/microsvc-sample";
export const FRONT: Client = { host: "front.apps.example.com" };
export const BACK: Client = { host: "back.apps.example.com" };
export const REQUESTS = [
    { client: FRONT, path: "/api/caller/apply" },
    { client: BACK, path: "/api/sample/apply" },
];

/** Two namespaces, whose services call each other and are both reached from outside. */
export function shop(generation: string, more: Record<string, unknown> = {}): StackFile {
    const service = (image: string, host: string, path: string, rest: object) => ({
        image: `${IMAGES}/${image}:1`,
        host,
        replicas: 1,
        probes: { readiness: "/health/ready" },
        check: { method: "POST", path, body: BODY, expect: 201 },
        ...rest,
    });
    return {
        config: {
            "mesh:generation": generation,
            "mesh:controlPlane": { mtls: "strict", consoles: ["kiali"], tracing: { enabled: false }, routes: "stack" },
            "mesh:namespaces": {
                "shop-back": {
                    services: {
                        sample: service("sample", "back.apps.example.com", "/api/sample/apply", {
                            allow: [{ services: ["shop-front/caller"] }, { gateway: true }],
                        }),
                    },
                },
                "shop-front": {
                    services: {
                        caller: service("caller", "front.apps.example.com", "/api/caller/apply", {
                            properties: { "sample_api.base_path": "http://sample.shop-back.svc.cluster.local:8080" },
                        }),
                    },
                },
            },
            ...more,
        },
    };
}
