import assert from "node:assert/strict";
import { request } from "node:https";
import type { KubeObject } from "../../kube";
import { Authority } from "../../lab/control-plane/certificates";
import type { MeshView, Workload } from "../../lab/dataplane/translate";
import { gateway, object, service, to, virtualService } from "../unit/dataplane/objects";
import { Client, outcome } from "./translator/client";
import { type Handler, Playground } from "./translator/playground";

const HOST = "sample.apps.example.com";
const program: Handler = (request_, response) => {
    response.writeHead(201).end(String(request_.headers["x-forwarded-client-cert"] ?? ""));
};

/** What both control planes find, of which the second one knows a gateway in another namespace. */
const OLD = { name: "old", namespace: "istio-system" };
const NEW = { name: "new", namespace: "istio-system", autoMtls: true };

describe("translator: two gateways of two control planes, with TLS, on running Envoys", function () {
    this.timeout(60_000);
    let playground: Playground;
    let old: Workload;
    let next: Workload;
    let authority: Authority;

    before(async () => {
        authority = await Authority.create("outside");
        playground = await Playground.open();
        const sees: Partial<MeshView> = { controlPlane: NEW, namespaces: ["istio-system", "ingress", "shop"] };
        const asGateway = { labels: { istio: "ingressgateway" }, sidecar: false, gateway: true };
        old = await playground.pod({ namespace: "istio-system", pod: "old", ...asGateway });
        next = await playground.pod({ namespace: "ingress", pod: "next", ...asGateway }, undefined, sees);
        await playground.pod({ namespace: "shop", pod: "sample" }, program);
        const ports = [
            { name: "http2", port: 80, targetPort: 8080 },
            { name: "https", port: 443, targetPort: 8443 },
        ];
        const before = (namespace: string): KubeObject =>
            object("Service", namespace, "gateway", { selector: { istio: "ingressgateway" }, ports });
        await playground.apply({
            controlPlane: OLD,
            services: [service("shop", "sample"), before("istio-system"), before("ingress")],
            secrets: [await secret()],
            peerAuthentications: [object("PeerAuthentication", "istio-system", "any", { mtls: { mode: "STRICT" } })],
            destinationRules: [rule("ISTIO_MUTUAL")],
            gateways: [secure("g", [HOST])],
            virtualServices: [
                virtualService("v", { hosts: [HOST], gateways: ["g"], http: [{ route: [to("sample", 8080)] }] }),
            ],
        });
    });

    after(() => playground?.close());

    async function secret(name = "cert"): Promise<KubeObject> {
        const { cert, key } = await authority.issue(HOST, [HOST]);
        const data = { "tls.crt": base64(cert), "tls.key": base64(key) };
        return { ...object("Secret", "ingress", name), data };
    }

    const over = (tls: { servername?: string }, path = "/"): Promise<string> =>
        new Promise((resolve) => {
            const { address } = next;
            const options = {
                host: address,
                port: 8443,
                path,
                agent: false,
                ca: authority.cert,
                headers: { host: HOST },
            };
            const unnamed = { servername: "", checkServerIdentity: () => undefined };
            request({ ...options, ...(tls.servername === undefined ? unnamed : tls) })
                .once("response", (response) => resolve(String(response.resume().statusCode)))
                .once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
                .end();
        });
    const plain = async (self: Workload): Promise<string> => {
        const client = new Client();
        const answer = await outcome(client.call({ address: self.address, host: HOST }));
        client.close();
        return answer;
    };

    it("both serve the same host at once, one by its rule, the other by automatic mTLS", async () => {
        assert.deepEqual([await plain(old), await plain(next)], ["201", "201"]);
        await playground.apply({ destinationRules: [] });
        // The older one knows no automatic mTLS: plain text is reset by the sidecar.
        assert.deepEqual([await plain(old), await plain(next)], ["503", "201"]);
        await playground.apply({ destinationRules: [rule("ISTIO_MUTUAL")] });
        assert.deepEqual([await plain(old), await plain(next)], ["201", "201"]);
    });

    it("what one does not know is not there for it", async () => {
        const { gateways } = playground.now;
        await playground.apply({
            gateways: [{ ...gateways[0], metadata: { ...gateways[0].metadata, namespace: "ingress" } }],
        });
        assert.equal(await plain(old), "ECONNREFUSED");
        await playground.apply({ gateways });
        assert.equal(await plain(old), "201");
    });

    it("TLS by name; a client that names another host, or none as a router does, is reset", async () => {
        assert.equal(await over({ servername: HOST }), "201");
        assert.equal(await over({ servername: "other.apps.example.com" }), "ECONNRESET");
        assert.equal(await over({}), "ECONNRESET");
    });

    it("a server for everything takes who names nothing", async () => {
        const { gateways } = playground.now;
        await playground.apply({ gateways: [secure("g", ["*"])] });
        assert.equal(await over({}), "201");
        await playground.apply({ gateways });
        assert.equal(await over({}), "ECONNRESET");
    });

    it("a new certificate, and one that is gone", async () => {
        const { secrets } = playground.now;
        authority = await Authority.create("another outside");
        await playground.apply({ secrets: [await secret()] });
        assert.equal(await over({ servername: HOST }), "201");
        await playground.apply({ secrets: [] });
        assert.equal(await over({ servername: HOST }), "ECONNREFUSED");
        await playground.apply({ secrets });
        assert.match(await over({ servername: HOST }), /CERT|SIGNATURE|VERIFY/i);
    });

    it("plain text is sent away when the Gateway says so", async () => {
        const { gateways } = playground.now;
        await playground.apply({ gateways: [secure("g", [HOST], { tls: { httpsRedirect: true } })] });
        assert.equal(await plain(next), "301");
        await playground.apply({ gateways });
        assert.equal(await plain(next), "201");
    });
});

/** In plain text at one port, with TLS at another. */
function secure(name: string, hosts: string[], plain: object = {}): KubeObject {
    const made = gateway(name, hosts, plain);
    made.spec.servers.push({
        port: { number: 443, name: "https", protocol: "HTTPS" },
        hosts,
        tls: { mode: "SIMPLE", credentialName: "cert" },
    });
    return made;
}

function rule(mode: string): KubeObject {
    return object("DestinationRule", "istio-system", "default", {
        host: "*.cluster.local",
        trafficPolicy: { tls: { mode } },
    });
}

function base64(text: string): string {
    return Buffer.from(text).toString("base64");
}
