import assert from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import { Authority, type KeyPair } from "../../../lab/control-plane/certificates";
import { gateway, ingress, object, said, service, to, translated, virtualService } from "./objects";

const SERVICES = [
    service("shop", "sample"),
    service("istio-system", "istio-ingressgateway", [
        { name: "http2", port: 80, targetPort: 8080 },
        { name: "https", port: 443, targetPort: 8443 },
    ]),
];

describe("translator: gateways that speak TLS", () => {
    let pair: KeyPair;

    before(async () => {
        pair = await (await Authority.create("test")).issue("a.example.com", ["a.example.com"]);
    });

    const secret = (name: string, data: Record<string, string>, namespace = "istio-system"): KubeObject => ({
        ...object("Secret", namespace, name),
        data: Object.fromEntries(
            Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
        ),
    });
    const good = (name = "cert", namespace?: string): KubeObject =>
        secret(name, { "tls.crt": pair.cert, "tls.key": pair.key }, namespace);
    const secure = (name: string, hosts: string[], tls: object = {}): KubeObject => {
        const port = { number: 443, name: "https", protocol: "HTTPS" };
        return gateway(name, hosts, { port, tls: { mode: "SIMPLE", credentialName: "cert", ...tls } });
    };
    const bound = (name: string, hosts: string[], gateways: string[]): KubeObject =>
        virtualService(name, { hosts, gateways, http: [{ route: [to("sample", 8080)] }] });
    const translation = (patch: object) => translated({ services: SERVICES, secrets: [good()], ...patch }, ingress);
    const chains = (patch: object): any[] =>
        (translation(patch).listeners as any[]).find(({ name }) => name === "gateway|8443")?.filter_chains ?? [];

    it("a server is a filter chain that shows the Secret's certificate to who asks for its hosts", () => {
        const patch = { gateways: [secure("g", ["a.example.com"])], virtualServices: [bound("v", ["*"], ["g"])] };
        const [chain, ...others] = chains(patch);
        assert.equal(others.length, 0);
        assert.deepEqual(chain.filter_chain_match, { transport_protocol: "tls", server_names: ["a.example.com"] });
        const { tls_certificates, alpn_protocols } = chain.transport_socket.typed_config.common_tls_context;
        assert.deepEqual(tls_certificates, [
            { certificate_chain: { inline_string: pair.cert }, private_key: { inline_string: pair.key } },
        ]);
        assert.deepEqual(alpn_protocols, ["h2", "http/1.1"]);
        const routes: any = translation(patch).routes[chain.name];
        assert.deepEqual(
            routes.virtual_hosts.map((host: any) => host.domains),
            [["a.example.com"]],
        );
    });

    it("only a server for everything takes in who asks for nothing: a router's reencrypt", () => {
        const [narrow] = chains({ gateways: [secure("g", ["*.example.com"])] });
        assert.deepEqual(narrow.filter_chain_match.server_names, ["*.example.com"]);
        const [wide] = chains({ gateways: [secure("g", ["*"])] });
        assert.deepEqual(wide.filter_chain_match, { transport_protocol: "tls" });
    });

    it("of two servers for a host the older one has it", () => {
        const gateways = [secure("old", ["a.example.com"]), secure("new", ["a.example.com", "b.example.com"])];
        assert.deepEqual(
            chains({ gateways }).map((chain) => [chain.name, chain.filter_chain_match.server_names]),
            [
                ["https.443.shop.old.0", ["a.example.com"]],
                ["https.443.shop.new.0", ["b.example.com"]],
            ],
        );
    });

    it("beside it plain text, which may only be told to come back with TLS", () => {
        const gateways = [gateway("g", ["a.example.com"], { tls: { httpsRedirect: true } })];
        const { routes, refused } = translation({ gateways, virtualServices: [bound("v", ["*"], ["g"])] });
        const [host, ...others] = (routes["http.80"] as any).virtual_hosts;
        assert.deepEqual([host.domains, host.require_tls, others, refused], [["a.example.com"], "ALL", [], []]);
        const [bare] = (translation({ gateways }).routes["http.80"] as any).virtual_hosts;
        assert.deepEqual([bare.domains, bare.require_tls, bare.routes], [["a.example.com"], "ALL", []]);
    });

    it("a new certificate changes nothing but the chain", async () => {
        const other = await (await Authority.create("other")).issue("a", ["a.example.com"]);
        const gateways = [secure("g", ["a.example.com"])];
        const before = translation({ gateways });
        const after = translation({
            gateways,
            secrets: [secret("cert", { "tls.crt": other.cert, "tls.key": other.key })],
        });
        assert.notDeepEqual(after.listeners, before.listeners);
        assert.deepEqual(
            (after.listeners as any[]).map(({ name, address }) => ({ name, address })),
            (before.listeners as any[]).map(({ name, address }) => ({ name, address })),
        );
    });

    describe("a server without a certificate that Envoy would take stays closed, and it is said", () => {
        const cases: [title: string, secrets: () => KubeObject[], why: RegExp][] = [
            ["there is none", () => [], /no Secret istio-system\/cert/],
            ["it is elsewhere than the gateway", () => [good("cert", "shop")], /no Secret istio-system\/cert/],
            [
                "it is no certificate",
                () => [secret("cert", { "tls.crt": "x", "tls.key": "y" })],
                /holds no certificate/,
            ],
            ["its key is missing", () => [secret("cert", { "tls.crt": pair.cert })], /holds no certificate/],
        ];
        for (const [title, secrets, why] of cases) {
            it(title, () => {
                const patch = { gateways: [secure("g", ["a.example.com"])], secrets: secrets() };
                assert.deepEqual(chains(patch), []);
                const lines = said(translation(patch).refused);
                assert.equal(lines.length, 1);
                assert.match(lines[0], why);
                assert.match(lines[0], /spec\.servers\[0\]\.tls\.credentialName/);
            });
        }

        it("its key is another one's", async () => {
            const { key } = await (await Authority.create("other")).issue("a", ["a.example.com"]);
            const secrets = [secret("cert", { "tls.crt": pair.cert, "tls.key": key })];
            const [line] = said(translation({ gateways: [secure("g", ["a.example.com"])], secrets }).refused);
            assert.match(line, /not that of its certificate/);
        });
    });

    const wrong: [title: string, tls: object, field: string][] = [
        ["mTLS with the outside", { mode: "MUTUAL" }, "spec.servers[0].tls.mode"],
        ["passing through", { mode: "PASSTHROUGH" }, "spec.servers[0].tls.mode"],
        ["no credential", { credentialName: undefined }, "spec.servers[0].tls.credentialName"],
        ["a file in the pod", { serverCertificate: "/etc/x" }, "spec.servers[0].tls.serverCertificate"],
    ];
    for (const [title, tls, field] of wrong) {
        it(`refused: ${title}`, () => {
            const { refused } = translation({ gateways: [secure("g", ["a.example.com"], tls)] });
            assert.deepEqual(
                refused.map((each) => each.field),
                [field],
            );
        });
    }
});
