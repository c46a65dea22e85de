import { deepEqual, equal } from "node:assert/strict";
import { routeOf, wantedHosts } from "../../../lab/standins/maistra/v1/ior";

function gateway(name: string, servers: object[], namespace = "microsvc-sample") {
    return {
        apiVersion: "networking.istio.io/v1alpha3",
        kind: "Gateway",
        metadata: { name, namespace },
        spec: { selector: { istio: "ingressgateway" }, servers },
    };
}

describe("Maistra stand-in: the Routes of Gateways (step 7, trap 25)", () => {
    const one = gateway("sample-gateway", [{ hosts: ["sample.apps.example.com"] }]);

    it("plain HTTP goes to http2, named at random, found by label", () => {
        deepEqual(routeOf(one, one.spec.servers[0], "sample.apps.example.com"), {
            apiVersion: "route.openshift.io/v1",
            kind: "Route",
            metadata: {
                name: "",
                generateName: "microsvc-sample-sample-gateway-",
                labels: {
                    "maistra.io/generated-by": "ior",
                    "maistra.io/gateway-name": "sample-gateway",
                    "maistra.io/gateway-namespace": "microsvc-sample",
                },
                annotations: { "maistra.io/original-host": "sample.apps.example.com" },
            },
            spec: { host: "sample.apps.example.com", port: { targetPort: "http2" }, wildcardPolicy: "None" },
        });
    });

    it("TLS of any kind is passed through to https", () => {
        const { spec } = routeOf(one, { tls: { httpsRedirect: true } }, "a.example.com");
        deepEqual(spec.tls, { termination: "passthrough", insecureEdgeTerminationPolicy: "Redirect" });
        deepEqual(spec.port, { targetPort: "https" });
        equal(routeOf(one, { tls: {} }, "a.example.com").spec.tls.insecureEdgeTerminationPolicy, undefined);
    });

    it("wildcards: a subdomain policy; a bare star leaves the host to the cluster", () => {
        const { spec } = routeOf(one, {}, "*.apps.example.com");
        equal(spec.host, "wildcard.apps.example.com");
        equal(spec.wildcardPolicy, "Subdomain");
        equal("host" in routeOf(one, {}, "*").spec, false);
    });

    it("one Route a host, the first Gateway's", () => {
        const two = gateway("other", [{ hosts: ["sample.apps.example.com", "b.apps.example.com"] }, { hosts: ["c"] }]);
        const wanted = wantedHosts([one, two]);
        deepEqual([...wanted.keys()], ["sample.apps.example.com", "b.apps.example.com", "c"]);
        equal(wanted.get("sample.apps.example.com")?.gateway.metadata.name, "sample-gateway");
        equal(wantedHosts([gateway("empty", [])]).size, 0);
    });
});
