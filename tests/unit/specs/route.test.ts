import assert from "node:assert/strict";
import fc from "fast-check";
import { loadConfig } from "../../../config/load";
import { v3 } from "../../../dialects/v3";
import { routeName, routeSpec } from "../../../specs/route";
import { sample } from "../config/sample";

const gateway = v3.gateway(loadConfig(sample({ generation: "3", controlPlane: {} })));
const cart = { name: "cart", host: "cart.apps.example.com", port: 8080 };

describe("specs: a Route of this stack's own", () => {
    const base = {
        host: cart.host,
        to: { kind: "Service", name: "istio-ingressgateway", weight: 100 },
        wildcardPolicy: "None",
    };
    const cases: [string, Parameters<typeof routeSpec>[0]["tls"], object][] = [
        ["in plain HTTP", undefined, { ...base, port: { targetPort: "http2" } }],
        [
            "with TLS that ends at the router",
            { mode: "edge", insecure: "redirect" },
            {
                ...base,
                port: { targetPort: "http2" },
                tls: { termination: "edge", insecureEdgeTerminationPolicy: "Redirect" },
            },
        ],
        [
            "with TLS that the router takes up again",
            { mode: "reencrypt", credential: "x", destinationCA: "PEM", insecure: "allow" },
            {
                ...base,
                port: { targetPort: "https" },
                tls: {
                    termination: "reencrypt",
                    insecureEdgeTerminationPolicy: "Allow",
                    destinationCACertificate: "PEM",
                },
            },
        ],
        [
            "with TLS that ends at the gateway",
            { mode: "passthrough", credential: "x", insecure: "none" },
            {
                ...base,
                port: { targetPort: "https" },
                tls: { termination: "passthrough", insecureEdgeTerminationPolicy: "None" },
            },
        ],
    ];
    for (const [what, tls, expected] of cases) {
        it(what, () => assert.deepEqual(routeSpec({ ...cart, tls }, gateway), expected));
    }

    it("is called by namespace and service: those of all members are in one namespace", () => {
        assert.equal(routeName("shop", "cart"), "shop-cart");
    });

    it("has a name that is a label's value, and one of its own where it has to be cut", () => {
        const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
        fc.assert(
            fc.property(name, name, (namespace, service) => {
                assert.match(routeName(namespace, service), /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
            }),
        );
        const long = "n".repeat(60);
        assert.notEqual(routeName(long, "carts"), routeName(long, "cartons"));
    });
});
