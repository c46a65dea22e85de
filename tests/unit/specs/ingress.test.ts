import assert from "node:assert/strict";
import { gatewaySpec, virtualServiceSpec } from "../../../specs/ingress";

describe("specs: the way in (step 7)", () => {
    const sample = { name: "sample", host: "sample.apps.example.com", port: 8080 };
    const caller = { name: "caller", host: "caller.apps.example.com", port: 8080 };

    it("one server for all hosts, on the mesh's own gateway", () => {
        assert.deepEqual(gatewaySpec([sample, caller], { istio: "ingressgateway" }), {
            selector: { istio: "ingressgateway" },
            servers: [
                {
                    port: { number: 80, name: "http", protocol: "HTTP" },
                    hosts: ["sample.apps.example.com", "caller.apps.example.com"],
                },
            ],
        });
    });

    const SELECTOR = { istio: "ingressgateway" };
    const http = (hosts: string[]) => ({ port: { number: 80, name: "http", protocol: "HTTP" }, hosts });
    const https = (name: string, host: string, tls: object) => ({
        port: { number: 443, name, protocol: "HTTPS" },
        hosts: [host],
        tls: { mode: "SIMPLE", ...tls },
    });
    const passthrough = { mode: "passthrough", credential: "caller-tls", insecure: "redirect" } as const;
    const reencrypt = { mode: "reencrypt", credential: "all-tls", insecure: "redirect" } as const;

    it("TLS that ends at the router is no concern of the gateway's", () => {
        const edge = { ...sample, tls: { mode: "edge", insecure: "redirect" } as const };
        assert.deepEqual(gatewaySpec([edge], SELECTOR), { selector: SELECTOR, servers: [http([sample.host])] });
    });

    it("a server of its own for each host whose clients reach the gateway in TLS", () => {
        assert.deepEqual(gatewaySpec([sample, { ...caller, tls: passthrough }], SELECTOR), {
            selector: SELECTOR,
            servers: [http([sample.host]), https("https-caller", caller.host, { credentialName: "caller-tls" })],
        });
    });

    it("one server for all that the router reaches in TLS, for it says no name", () => {
        const all = [sample, caller].map((service) => ({ ...service, tls: reencrypt }));
        assert.deepEqual(gatewaySpec(all, SELECTOR), {
            selector: SELECTOR,
            servers: [https("https", "*", { credentialName: "all-tls" })],
        });
    });

    it("tells the mesh that makes the Routes what becomes of plain HTTP", () => {
        const servers = (insecure: "redirect" | "none") =>
            (gatewaySpec([{ ...caller, tls: { ...passthrough, insecure } }], SELECTOR, true) as any).servers;
        assert.equal(servers("redirect")[0].tls.httpsRedirect, true);
        assert.equal(servers("none")[0].tls.httpsRedirect, undefined);
    });

    it("one rule for a host: everything below / to the service by its full name", () => {
        assert.deepEqual(virtualServiceSpec(sample, "microsvc-sample", "sample-gateway"), {
            hosts: ["sample.apps.example.com"],
            gateways: ["sample-gateway"],
            http: [
                {
                    match: [{ uri: { prefix: "/" } }],
                    route: [
                        {
                            destination: {
                                host: "sample.microsvc-sample.svc.cluster.local",
                                port: { number: 8080 },
                            },
                        },
                    ],
                },
            ],
        });
    });
});
