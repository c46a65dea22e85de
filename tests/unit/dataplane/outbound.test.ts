import assert from "node:assert/strict";
import { outbound, routesTo, service, to, virtualService, workload } from "./objects";

const DOMAIN = "sample.shop.svc.cluster.local:8080";
const CLUSTER = "outbound|8080||sample.shop.svc.cluster.local";

describe("translator: the calls of a sidecar's own program", () => {
    it("a service is known by every name that DNS gives it", () => {
        const domains = outbound({}).find(({ name }) => name.startsWith("sample.shop"))!.domains;
        const names = ["sample.shop.svc.cluster.local", "sample.shop.svc", "sample.shop", "sample"];
        assert.deepEqual(domains, [...names.map((name) => `${name}:8080`), ...names]);
    });

    it("from another namespace not by its short name", () => {
        const clerk = workload("office", "clerk");
        assert.equal(routesTo("sample:8080", {}, clerk), undefined);
        assert.ok(routesTo("sample.shop:8080", {}, clerk));
    });

    it("a name without port means port 80, else the only port, else nothing", () => {
        const ports = (...numbers: number[]) => numbers.map((port) => ({ name: `http-${port}`, port }));
        const clusterOf = (...numbers: number[]) =>
            routesTo("many.shop", { services: [service("shop", "many", ports(...numbers))] })?.[0].route.cluster;
        assert.equal(clusterOf(8080, 80), "outbound|80||many.shop.svc.cluster.local");
        assert.equal(clusterOf(9090), "outbound|9090||many.shop.svc.cluster.local");
        assert.equal(clusterOf(8080, 9090), undefined);
    });

    it("two services that claim the same name do not make Envoy refuse everything", () => {
        const services = [service("shop", "a"), service("a.shop", "a")];
        const domains = outbound({ services, namespaces: ["istio-system", "shop", "a.shop"] }).flatMap(
            (host) => host.domains,
        );
        assert.equal(new Set(domains).size, domains.length);
    });

    it("the most specific VirtualService of the mesh holds, those for gateways do not", () => {
        const http = (host: string) => [{ route: [to(host, 1)] }];
        const virtualServices = [
            virtualService("gateway", { gateways: ["g"], http: http("a.example") }),
            virtualService("wide", { hosts: ["*.shop.svc.cluster.local"], http: http("b.example") }),
            virtualService("narrow", { gateways: ["mesh", "g"], http: http("c.example") }),
        ];
        const at = (domain: string) => routesTo(domain, { virtualServices })![0].route.cluster;
        assert.equal(at("sample.shop:8080"), "outbound|1||c.example");
        assert.equal(at("caller.shop:8080"), "outbound|1||b.example");
    });

    it("a match for a gateway is not for the mesh", () => {
        const match = [{ gateways: ["g"], uri: { prefix: "/a" } }];
        const virtualServices = [
            virtualService("v", { gateways: ["mesh", "g"], http: [{ match, route: [to("x.y")] }] }),
        ];
        assert.equal(routesTo(DOMAIN, { virtualServices })![0].route.cluster, CLUSTER);
    });

    it("what a VirtualService exports to", () => {
        const at = (exportTo: string[], from: string) => {
            const virtualServices = [virtualService("v", { exportTo, http: [{ route: [to("x.y", 1)] }] })];
            return routesTo(DOMAIN, { virtualServices }, workload(from, "any"))![0].route.cluster === "outbound|1||x.y";
        };
        assert.deepEqual([at(["."], "shop"), at(["."], "office")], [true, false]);
        assert.deepEqual([at(["office"], "shop"), at(["office"], "office")], [false, true]);
        assert.deepEqual([at(["*"], "shop"), at([], "office")], [true, true]);
    });

    it("a host that is no service, too", () => {
        const virtualServices = [virtualService("v", { hosts: ["api.example"], http: [{ route: [to("sample")] }] })];
        assert.equal(routesTo("api.example", { virtualServices })![0].route.cluster, CLUSTER);
    });
});
