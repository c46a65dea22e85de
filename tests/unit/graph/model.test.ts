import assert from "node:assert/strict";
import { join } from "node:path";
import { namedIn } from "../../../graph/access";
import { loadConfig } from "../../../config/load";
import { readStackFile } from "../../../config/stack-file";
import { environmentOf } from "../../../graph/environment";
import { environment, ROOT, service } from "./sample";

const dev = environmentOf("dev", loadConfig(readStackFile(join(ROOT, "Pulumi.dev.yaml"))));

describe("what the picture of dev says", () => {
    it("operators, control plane and consoles are those of the scenario", () => {
        assert.deepEqual(
            dev.operators.map((o) => [o.package, o.channel]),
            [
                ["elasticsearch-operator", "4.5"],
                ["jaeger-product", ""],
                ["kiali-ossm", ""],
                ["servicemeshoperator", ""],
            ],
        );
        const [mesh] = dev.meshes;
        assert.deepEqual([mesh.name, mesh.version, mesh.mtls], ["basic-install", "v1.1", "strict"]);
        assert.deepEqual(Object.keys(mesh.consoles).sort(), ["grafana", "jaeger", "kiali", "prometheus"]);
        assert.equal(mesh.consoles.kiali, "kiali-istio-system.apps.example.com");
    });

    it("steps 7 and 10: both hosts come in, and sample lets in its own namespace alone", () => {
        const [{ services, exceptions }] = dev.namespaces;
        const told = services.map(({ name, host, entry, policies }) => [name, host, entry, policies]);
        const policy = { name: "to-sample", action: "allow", rules: ["namespace microsvc-sample"] };
        assert.deepEqual(told, [
            ["caller", "caller.apps.example.com", "open", []],
            ["sample", "sample.apps.example.com", "refused", [policy]],
        ]);
        assert.deepEqual(dev.calls, [{ from: "microsvc-sample", to: "microsvc-sample/sample", what: "" }]);
        assert.deepEqual(exceptions[0], { name: "caller", host: "el-caller-microsvc-sample.apps.example.com" });
    });
});

describe("whether requests from outside come in", () => {
    const entry = (rules: object): string | undefined =>
        environment({ shop: { services: { cart: service({ host: "cart.apps.example.com", ...rules }) } } })
            .namespaces[0].services[0].entry;
    const gateway = "cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account";

    for (const [rules, expected] of [
        [{ allow: "anyone" }, "open"],
        [{ allow: [] }, "refused"],
        [{ allow: [{ gateway: true }] }, "open"],
        [{ allow: [{ principals: [gateway] }] }, "open"],
        [{ allow: [{ principals: ["cluster.local/ns/istio-system/*"] }] }, "open"],
        [{ allow: [{ namespaces: ["istio-system"] }] }, "open"],
        [{ allow: [{ namespaces: ["shop"] }] }, "refused"],
        [{ allow: [{ services: ["cart"] }] }, "refused"],
        [{ allow: [{ services: ["cart"] }, { methods: ["GET"] }] }, "some"],
        [{ allow: [{ gateway: true, paths: ["/api/*"] }, { gateway: true }] }, "open"],
        [{ allow: "anyone", deny: [{ paths: ["/admin/*"] }] }, "some"],
        [{ allow: "anyone", deny: [{ gateway: true }] }, "refused"],
        [{ allow: "anyone", deny: [{ namespaces: ["shop"] }] }, "open"],
    ] as const) {
        it(`${JSON.stringify(rules)}: ${expected}`, () => assert.equal(entry(rules), expected));
    }
});

describe("who is drawn as a caller", () => {
    const callers = (allow: object[]): string[] =>
        environment({ shop: { services: { cart: service({ allow }), stock: service() } } }).calls.map((c) => c.from);

    it("namespaces, services by either name, and identities that are one service's", () => {
        assert.deepEqual(callers([{ namespaces: ["shop", "other"] }]), ["shop", "other"]);
        assert.deepEqual(callers([{ services: ["stock", "shop/cart"] }]), ["shop/stock", "shop/cart"]);
        assert.deepEqual(callers([{ principals: ["cluster.local/ns/ci/sa/robot", "*"] }]), ["ci/robot"]);
    });

    it("of a rule with several parts, those of which all hold", () => {
        assert.deepEqual(callers([{ namespaces: ["shop"], services: ["stock"] }]), ["shop/stock"]);
        assert.deepEqual(namedIn({ namespaces: ["other"], services: ["stock"] }, "shop"), []);
        assert.deepEqual(callers([{ methods: ["GET"] }]), [], "anybody is nobody in particular");
    });

    it("namespaces that are none of the stack's are in the picture, outside of its meshes", () => {
        const allow = [{ namespaces: ["monitoring"] }, { principals: ["cluster.local/ns/ci/sa/robot"] }];
        const { namespaces } = environment({ shop: { services: { cart: service({ allow }) } } });
        assert.deepEqual(
            namespaces.map(({ name, mesh }) => [name, mesh]),
            [
                ["shop", 0],
                ["ci", undefined],
                ["monitoring", undefined],
            ],
        );
    });
});

describe("a stack that is moving on", () => {
    it("has two meshes, and each namespace is in one of them", () => {
        const controlPlane = { name: "v3", tracing: { backend: "tempo" }, consoles: ["kiali"] };
        const next = { generation: "3", controlPlane, namespaces: ["shop"] };
        const home = { services: { cart: service() } };
        const { meshes, namespaces } = environment({ shop: home, other: home }, { "mesh:next": next });
        assert.deepEqual(
            meshes.map(({ name, next }) => [name, next]),
            [
                ["basic", false],
                ["v3", true],
            ],
        );
        assert.deepEqual(
            namespaces.map(({ name, mesh }) => [name, mesh]),
            [
                ["other", 0],
                ["shop", 1],
            ],
        );
    });
});
