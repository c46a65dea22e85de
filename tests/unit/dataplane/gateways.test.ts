import assert from "node:assert/strict";
import { gateway, ingress, to, translated, virtualService } from "./objects";

describe("translator: gateways", () => {
    const http = (host: string) => [{ match: [{ uri: { prefix: "/" } }], route: [to(host, 8080)] }];
    const bound = (name: string, hosts: string[], more: object = {}, namespace = "shop") =>
        virtualService(name, { hosts, gateways: ["g"], http: http(name), ...more }, namespace);
    const hosts = (patch: object): Record<string, string[]> =>
        Object.fromEntries(
            ((translated(patch, ingress).routes["http.80"] as any)?.virtual_hosts ?? []).map((host: any) => [
                host.domains.join(),
                host.routes.map(({ route }: any) => route.cluster.split("||")[1].split(".")[0]),
            ]),
        );

    it("the scenario's: one Gateway, a VirtualService a host, behind a service that maps 80 to 8080", () => {
        const gateways = [gateway("g", ["sample.apps.example.com", "caller.apps.example.com"])];
        const virtualServices = ["sample", "caller"].map((name) => bound(name, [`${name}.apps.example.com`]));
        assert.deepEqual(hosts({ gateways, virtualServices }), {
            "sample.apps.example.com": ["sample"],
            "caller.apps.example.com": ["caller"],
        });
        const { listeners } = translated({ gateways, virtualServices }, ingress);
        assert.deepEqual(
            listeners.map((each: any) => each.address.socket_address),
            [{ address: "127.20.0.3", port_value: 8080 }],
        );
    });

    it("a gateway that no Gateway selects opens no port", () => {
        const gateways = [gateway("g", ["a.example.com"])];
        assert.deepEqual(translated({ gateways }, { ...ingress, labels: { istio: "egressgateway" } }).listeners, []);
    });

    const claims: [title: string, server: string[], virtual: string[], expected: string[]][] = [
        ["the same host", ["a.example.com"], ["a.example.com"], ["a.example.com"]],
        ["a wildcard that takes in a host", ["*.example.com"], ["a.example.com"], ["a.example.com"]],
        ["a host that a wildcard asks for", ["a.example.com"], ["*.example.com"], ["a.example.com"]],
        ["everything", ["*"], ["*.example.com"], ["*.example.com"]],
        ["another host", ["b.example.com"], ["a.example.com"], []],
        ["a wildcard is not for its own domain", ["*.example.com"], ["example.com"], []],
        [
            "for VirtualServices of the Gateway's own namespace",
            ["./a.example.com"],
            ["a.example.com"],
            ["a.example.com"],
        ],
        ["for those of another one", ["office/a.example.com"], ["a.example.com"], []],
        ["for all", ["*/a.example.com"], ["A.example.com"], ["a.example.com"]],
    ];
    for (const [title, server, virtual, expected] of claims) {
        it(`hosts: ${title}`, () => {
            const patch = { gateways: [gateway("g", server)], virtualServices: [bound("sample", virtual)] };
            assert.deepEqual(Object.keys(hosts(patch)), expected);
        });
    }

    it("several Gateways at one port, also of several namespaces", () => {
        const gateways = [gateway("g", ["a.example.com"]), gateway("h", ["b.example.com"], {}, "office")];
        const virtualServices = [
            bound("sample", ["a.example.com", "b.example.com"]),
            bound("caller", ["b.example.com", "a.example.com"], { gateways: ["office/h"] }),
        ];
        assert.deepEqual(hosts({ gateways, virtualServices }), {
            "a.example.com": ["sample"],
            "b.example.com": ["caller"],
        });
    });

    it("two VirtualServices for a host: the older one's routes first, but what takes everything comes last", () => {
        const match = [{ uri: { prefix: "/narrow" } }];
        const virtualServices = [
            bound("sample", ["a.example.com"]),
            bound("caller", ["a.example.com"], { http: [{ match, route: [to("caller")] }] }),
        ];
        const gateways = [gateway("g", ["a.example.com"])];
        assert.deepEqual(hosts({ gateways, virtualServices }), { "a.example.com": ["caller", "sample"] });
    });

    it("a Gateway named with its namespace, a VirtualService of somewhere else", () => {
        const gateways = [gateway("g", ["a.example.com"])];
        const virtualServices = [bound("sample", ["a.example.com"], { gateways: ["shop/g"] }, "office")];
        assert.deepEqual(hosts({ gateways, virtualServices }), { "a.example.com": ["sample"] });
        assert.deepEqual(hosts({ gateways, virtualServices: [bound("sample", ["a.example.com"], {}, "office")] }), {});
    });

    it("two ports that end up at one of the pod's are one listener", () => {
        const gateways = [gateway("g", ["a.example.com"])];
        gateways[0].spec.servers.push({ port: { number: 8080, protocol: "HTTP" }, hosts: ["b.example.com"] });
        const virtualServices = [bound("sample", ["*"])];
        assert.equal(translated({ gateways, virtualServices }, ingress).listeners.length, 1);
        assert.deepEqual(Object.keys(hosts({ gateways, virtualServices })), ["a.example.com", "b.example.com"]);
    });
});
