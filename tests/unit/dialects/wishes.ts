import fc from "fast-check";
import { flat } from "../config/sample";

/** What a user wants, without saying of which generation. */
export interface Wish {
    controlPlane: Record<string, unknown>;
    namespaces: Record<string, { services: Record<string, Record<string, unknown>> }>;
}

const IMAGE = "registry.example.com/shop/cart:1.2";
const NAMESPACES = ["bank", "shop"];
const SERVICES = ["cart", "ledger", "stock"];

const quantities = fc.record({ cpu: fc.constantFrom("50m", "1"), memory: fc.constantFrom("64Mi", "1Gi") });

/** Callers: by every part that a rule may have, those that are told apart by mutual TLS only where there is any. */
function rule(identity: boolean): fc.Arbitrary<Record<string, unknown>> {
    const request = {
        methods: fc.constantFrom(["GET"], ["GET", "POST"]),
        paths: fc.constantFrom(["/api/*"], ["/a", "/b"]),
    };
    const caller = {
        namespaces: fc.constantFrom(["shop"], ["bank", "elsewhere"]),
        principals: fc.constantFrom(["cluster.local/ns/elsewhere/sa/x"], ["*/ns/elsewhere/sa/y"]),
        gateway: fc.constant(true),
    };
    return fc
        .record({ ...request, ...(identity ? caller : {}) }, { requiredKeys: [] })
        .filter((given) => Object.keys(given).length > 0 && !("gateway" in given && "namespaces" in given));
}

function service(mtls: string, latest: boolean) {
    const identity = mtls !== "off";
    return fc.record(
        {
            image: fc.constant(IMAGE),
            exposed: fc.boolean(),
            port: fc.constantFrom(8080, 9000),
            replicas: fc.integer({ min: 1, max: 3 }),
            requests: quantities,
            env: fc.constantFrom({ A: "b" }, { KEY: { generate: 16 } }),
            properties: fc.constant({ "a.b": "c" }),
            probes: fc.constant({ liveness: "/live" }),
            allow: fc.oneof(fc.constant("anyone"), fc.array(rule(identity), { maxLength: 2 })),
            ...(latest
                ? {
                      deny: fc.array(rule(mtls === "strict"), { maxLength: 2 }),
                      tls: fc.constantFrom(
                          { mode: "edge", insecure: "allow" },
                          { mode: "passthrough", credential: "certificate" },
                          { mode: "edge" },
                      ),
                  }
                : {}),
        },
        { requiredKeys: ["image", "exposed"] },
    );
}

/**
 * Wishes that every generation can honour.
 * @param latest whether only 2.6 and 3 have to, which know more
 */
export function wishes(latest = false): fc.Arbitrary<Wish> {
    return fc.constantFrom("off", "permissive", "strict").chain((mtls) =>
        fc
            .record({
                controlPlane: fc.record(
                    {
                        mtls: fc.constant(mtls),
                        namespace: fc.constantFrom("istio-system", "mesh"),
                        tracing: fc.record({ enabled: fc.boolean(), sampling: fc.constantFrom(0, 0.5, 100) }),
                        proxy: fc.record({ requests: quantities }),
                        pilot: fc.record({ autoscale: fc.boolean() }),
                        gateways: fc.constantFrom(
                            { ingress: { autoscale: false, replicas: { min: 2 } } },
                            { ingress: { autoscale: true, replicas: { min: 6 } } },
                            { ingress: { limits: { cpu: "1" } } },
                        ),
                    },
                    { requiredKeys: ["mtls"] },
                ),
                services: fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMESPACES), fc.constantFrom(...SERVICES)), {
                    minLength: 1,
                    maxLength: 3,
                    selector: ([, name]) => name,
                }),
                each: fc.array(service(mtls, latest), { minLength: 3, maxLength: 3 }),
            })
            .map(({ controlPlane, services, each }) => ({ controlPlane, namespaces: place(services, each) })),
    );
}

function place(services: [string, string][], each: Record<string, unknown>[]): Wish["namespaces"] {
    const namespaces: Wish["namespaces"] = {};
    for (const [i, [namespace, name]] of services.entries()) {
        const { exposed, tls, ...rest } = each[i];
        const host = exposed ? { host: `${name}.apps.example.com`, ...(tls === undefined ? {} : { tls }) } : {};
        namespaces[namespace] ??= { services: {} };
        namespaces[namespace].services[name] = { ...rest, ...host };
    }
    return namespaces;
}

/** A wish as the config of a stack of this generation. */
export function asked(wish: Wish, generation: string, more: Record<string, unknown> = {}): Record<string, string> {
    return flat({ ...wish, ...more, generation } as Record<string, unknown>);
}
