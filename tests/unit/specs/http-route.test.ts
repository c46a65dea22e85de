import assert from "node:assert/strict";
import type { Gateway } from "../../../dialects";
import { httpRouteSpec, listeners, type Placed } from "../../../specs/http-route";

const MEMBERS = { "istio-discovery": "default" };
const gateway: Gateway = {
    namespace: "way-in",
    service: "gate-istio",
    selector: {},
    principal: "p",
    ports: { plain: 80, tls: 443 },
    parent: { apiVersion: "gateway.networking.k8s.io/v1", name: "gate" },
};

function placed(name: string, mode?: "edge" | "reencrypt" | "passthrough", namespace = "shop"): Placed {
    const tls = mode === undefined ? undefined : ({ mode, credential: `${name}-tls`, insecure: "none" } as const);
    return { namespace, name, service: { host: `${name}.apps.example.com`, tls } };
}

const plainOnly = (all: object[]) => all.filter((listener: any) => listener.port === 80);
const inTls = (all: object[]): any[] => all.filter((listener: any) => listener.port === 443);

describe("the listeners of the mesh's Gateway", () => {
    it("in plain HTTP there is one, for members alone, whichever hosts there are", () => {
        const [only, ...others] = listeners([placed("cart"), placed("till", "edge")], MEMBERS);
        assert.deepEqual(others, []);
        assert.deepEqual(only, {
            name: "http",
            port: 80,
            protocol: "HTTP",
            allowedRoutes: { namespaces: { from: "Selector", selector: { matchLabels: MEMBERS } } },
        });
        assert.equal(plainOnly(listeners([], MEMBERS)).length, 1, "without it, istiod makes no port for the Route");
    });

    it("each host that clients reach in TLS has its own certificate, told apart by namespace too", () => {
        const all = inTls(listeners([placed("cart", "passthrough"), placed("cart", "passthrough", "bank")], MEMBERS));
        assert.deepEqual(
            all.map(({ name, hostname, tls, protocol }) => [name, hostname, tls, protocol]),
            ["shop", "bank"].map((namespace) => [
                `https-${namespace}-cart`,
                "cart.apps.example.com",
                { mode: "Terminate", certificateRefs: [{ name: "cart-tls" }] },
                "HTTPS",
            ]),
        );
        assert.ok(all.every(({ allowedRoutes }) => allowedRoutes.namespaces.from === "Selector"));
    });

    it("the router says no name when it encrypts again: one listener without hostname takes all of them", () => {
        const all = inTls(listeners([placed("cart", "reencrypt"), placed("till", "reencrypt")], MEMBERS));
        assert.deepEqual(
            all.map(({ name, hostname, tls }) => [name, hostname, tls.certificateRefs]),
            [["https", undefined, [{ name: "cart-tls" }]]],
        );
    });

    it("a service without a host has none", () => {
        assert.deepEqual(
            inTls(listeners([{ namespace: "shop", name: "x", service: { tls: undefined } }], MEMBERS)),
            [],
        );
    });
});

describe("the HTTPRoute of a host", () => {
    const specOf = (mode?: "edge" | "reencrypt" | "passthrough"): any => {
        const { name, service } = placed("cart", mode);
        return httpRouteSpec({ name, host: service.host as string, port: 8080, tls: service.tls }, "shop", gateway);
    };

    it("leads everything of its host to the service, in its own namespace", () => {
        assert.deepEqual(specOf(), {
            parentRefs: [{ name: "gate", namespace: "way-in", sectionName: "http" }],
            hostnames: ["cart.apps.example.com"],
            rules: [
                {
                    matches: [{ path: { type: "PathPrefix", value: "/" } }],
                    backendRefs: [{ name: "cart", port: 8080 }],
                },
            ],
        });
    });

    it("is for a listener that there is, whatever its TLS: in plain text only what came so, or ended at the router", () => {
        const sections = ([undefined, "edge", "reencrypt", "passthrough"] as const).map((mode) => {
            const [{ sectionName }] = specOf(mode).parentRefs;
            const names = listeners([placed("cart", mode)], MEMBERS).map((listener: any) => listener.name);
            assert.ok(names.includes(sectionName), `${mode}: ${sectionName} of ${names}`);
            return sectionName;
        });
        assert.deepEqual(sections, ["http", "http", "https", "https-shop-cart"]);
    });
});
