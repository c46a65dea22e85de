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
