import assert from "node:assert/strict";
import { caller, object, service, translated, workload } from "./objects";

describe("translator: services and their pods", () => {
    const endpointsOf = (name: string, patch: object): string[] =>
        (translated(patch, caller).clusters.find((each: any) => each.name === name) as any).load_assignment.endpoints
            .flatMap((each: any) => each.lb_endpoints)
            .map(
                ({ endpoint }: any) =>
                    `${endpoint.address.socket_address.address}:${endpoint.address.socket_address.port_value}`,
            );

    it("the pods that the selector means, at the target port", () => {
        const pods = [
            workload("shop", "one", { labels: { app: "web", v: "1" }, address: "127.20.1.1" }),
            workload("shop", "two", { labels: { app: "web" }, address: "127.20.1.2" }),
            workload("office", "three", { labels: { app: "web" }, address: "127.20.1.3" }),
        ];
        const services = [service("shop", "web", [{ name: "http", port: 80, targetPort: 8080 }])];
        assert.deepEqual(endpointsOf("outbound|80||web.shop.svc.cluster.local", { services, workloads: pods }), [
            "127.20.1.1:8080",
            "127.20.1.2:8080",
        ]);
    });

    it("a pod that NetworkPolicies close to the proxy leads nowhere, not to another one", () => {
        const closing = object("NetworkPolicy", "shop", "istio-mesh", {
            podSelector: { matchLabels: { app: "sample" } },
            ingress: [{ from: [{ namespaceSelector: { matchLabels: { "istio-discovery": "v3" } } }] }],
        });
        const network = (labels: Record<string, string>) => ({
            network: { policies: [closing], namespaceLabels: { shop: labels } },
        });
        const name = "outbound|8080||sample.shop.svc.cluster.local";
        assert.deepEqual(endpointsOf(name, network({})), [`${caller.appAddress}:1`]);
        assert.deepEqual(endpointsOf(name, network({ "istio-discovery": "v3" })), ["127.20.0.1:8080"]);
    });

    it("a target port by name, where the pod has it", () => {
        const pods = [
            workload("shop", "one", { labels: { app: "web" }, address: "127.20.1.1", portNames: { web: 9090 } }),
            workload("shop", "two", { labels: { app: "web" }, address: "127.20.1.2" }),
        ];
        const services = [service("shop", "web", [{ name: "http", port: 80, targetPort: "web" }])];
        assert.deepEqual(endpointsOf("outbound|80||web.shop.svc.cluster.local", { services, workloads: pods }), [
            "127.20.1.1:9090",
        ]);
    });

    it("no selector, no pods; no pods, no endpoints", () => {
        const services = [object("Service", "shop", "web", { ports: [{ port: 80 }] }), service("shop", "gone")];
        assert.deepEqual(endpointsOf("outbound|80||web.shop.svc.cluster.local", { services }), []);
        assert.deepEqual(endpointsOf("outbound|8080||gone.shop.svc.cluster.local", { services }), []);
    });

    it("a sidecar opens its containers' ports and those that services send to, but none that is not HTTP", () => {
        const self = workload("shop", "web", { ports: [8080, 9000] });
        const ports = [
            { name: "http", port: 80, targetPort: 8081 },
            { name: "tcp-x", port: 9000 },
        ];
        const { listeners } = translated({ services: [service("shop", "web", ports)] }, self);
        assert.deepEqual(
            listeners.map(({ name }: any) => name),
            ["inbound|8080", "inbound|8081", "outbound"],
        );
    });

    it("a pod without proxy gets no configuration", () => {
        const { listeners, clusters, routes, filters } = translated({}, workload("shop", "bare", { sidecar: false }));
        assert.deepEqual([listeners, clusters, routes, filters], [[], [], {}, {}]);
    });
});
