import assert from "node:assert/strict";
import { type MeshView, translate, type Workload } from "../../lab/dataplane/translate";
import { gateway, object, service, to, virtualService } from "../unit/dataplane/objects";
import { TestAuthority } from "./translator/certificates";
import { type Call, Client, outcome } from "./translator/client";
import { type Handler, Playground } from "./translator/playground";

/** Answers with what it was asked, so that a test sees what arrived. */
function echo(name: string): Handler {
    return (request, response) => {
        const { method, url, headers } = request;
        const said = Number(headers["x-status"] ?? 201);
        const wait = Number(headers["x-wait"] ?? 0);
        const body = JSON.stringify({ name, method, url, host: headers.host, from: headers["x-forwarded-client-cert"] });
        setTimeout(() => response.writeHead(said, { server: "program" }).end(body), wait);
    };
}

const SAMPLE = "sample.shop.svc.cluster.local";
const CALLER = "caller.shop.svc.cluster.local";
const HOST = "sample.apps.example.com";

describe("translator: routing and mTLS on running Envoys", function () {
    this.timeout(60_000);

    let playground: Playground;
    let ingress: Workload;
    let sample: Workload;
    let caller: Workload;
    /** Without a sidecar. */
    const outside = new Client();
    /** How often the program `flaky` was asked. */
    let asked = 0;

    before(async () => {
        playground = await Playground.open();
        ingress = await playground.pod({
            namespace: "istio-system",
            pod: "gateway",
            labels: { app: "istio-ingressgateway", istio: "ingressgateway" },
            sidecar: false,
            gateway: true,
        });
        sample = await playground.pod({ namespace: "shop", pod: "sample" }, echo("sample"));
        caller = await playground.pod({ namespace: "shop", pod: "caller" }, echo("caller"));
        await playground.pod({ namespace: "office", pod: "legacy", sidecar: false }, echo("legacy"));
        await playground.pod({ namespace: "office", pod: "flaky", sidecar: false }, (request, response) => {
            asked++;
            response.writeHead(asked % 3 === 0 ? 200 : 503).end(request.url);
        });
        await playground.apply({
            services: [
                service("shop", "sample"),
                service("shop", "caller"),
                service("office", "legacy"),
                service("office", "flaky"),
                service("istio-system", "istio-ingressgateway", [{ name: "http2", port: 80, targetPort: 8080 }]),
            ],
            gateways: [gateway("g", ["*.apps.example.com", "wild.example.com"])],
        });
    });

    after(async () => {
        outside.close();
        await playground?.close();
    });

    afterEach(() =>
        playground.apply({
            virtualServices: [],
            destinationRules: [],
            meshPolicies: [],
            authorizationPolicies: [],
            policies: [],
        }),
    );

    const atGateway = (call: Partial<Call> = {}) => outside.call({ address: ingress.address, host: HOST, ...call });
    const fromCaller = (call: Partial<Call> = {}) =>
        outside.call({ address: caller.address, port: 15_001, host: `${SAMPLE}:8080`, ...call });
    const exposed = (http: object, hosts = [HOST]) => ({
        virtualServices: [virtualService("v", { hosts, gateways: ["g"], http: [{ route: [to(SAMPLE, 8080)], ...http }] })],
    });

    const mtls = (peers: object[], client = "ISTIO_MUTUAL"): Partial<MeshView> => ({
        meshPolicies: [object("ServiceMeshPolicy", "istio-system", "default", { peers })],
        destinationRules: [
            object("DestinationRule", "istio-system", "default", {
                host: "*.local",
                trafficPolicy: { tls: { mode: client } },
            }),
        ],
    });

    describe("the scenario", () => {
        it("step 8: 201 through the gateway, with the mesh's headers", async () => {
            await playground.apply(exposed({ match: [{ uri: { prefix: "/" } }] }));
            const { status, headers, body } = await atGateway({ method: "POST", path: "/api/sample/apply" });
            assert.equal(status, 201);
            assert.equal(headers.server, "istio-envoy");
            assert.match(String(headers["x-envoy-upstream-service-time"]), /^\d+$/);
            assert.deepEqual(JSON.parse(body), { name: "sample", method: "POST", url: "/api/sample/apply", host: HOST });
        });

        it("step 9: with mTLS through the gateway as before, reset for who has no sidecar", async () => {
            await playground.apply(exposed({}));
            assert.equal(await outcome(outside.call({ address: sample.address })), "201");
            await playground.apply(mtls([{ mtls: {} }]));
            const { status, body } = await atGateway();
            assert.equal(status, 201);
            assert.match(JSON.parse(body).from, /URI=spiffe:\/\/cluster.local\/ns\/istio-system\/sa\/gateway/);
            const fresh = new Client();
            assert.equal(await outcome(fresh.call({ address: sample.address })), "ECONNRESET");
            fresh.close();
        });

        it("step 10: denied at the gateway, let through from its own namespace", async () => {
            await playground.apply({
                ...exposed({}),
                ...mtls([{ mtls: {} }]),
                authorizationPolicies: [
                    object("AuthorizationPolicy", "shop", "to-sample", {
                        selector: { matchLabels: { app: "sample" } },
                        rules: [{ from: [{ source: { namespaces: ["shop"] } }], to: [] }],
                    }),
                ],
            });
            const { status, body, headers } = await atGateway();
            assert.deepEqual([status, body, headers.server], [403, "RBAC: access denied", "istio-envoy"]);
            assert.equal((await fromCaller()).status, 201);
        });
    });

    describe("mTLS", () => {
        it("permissive takes both; a certificate of another authority is refused in every mode", async () => {
            const other = await TestAuthority.create();
            const stranger = await other.issue("spiffe://cluster.local/ns/shop/sa/caller");
            const clients = [new Client(), new Client(await playground.identity("shop", "caller")), new Client(stranger)];
            const outcomes = async () => {
                const all: string[] = [];
                for (const client of clients) {
                    all.push(await outcome(client.call({ address: sample.address })));
                }
                clients.forEach((client) => client.close());
                return all.map((each) => (/^\d+$/.test(each) ? each : "refused"));
            };
            await playground.apply(mtls([{ mtls: { mode: "PERMISSIVE" } }]));
            assert.deepEqual(await outcomes(), ["201", "201", "refused"]);
            await playground.apply(mtls([{ mtls: {} }]));
            assert.deepEqual(await outcomes(), ["refused", "201", "refused"]);
            await playground.apply(mtls([]));
            assert.deepEqual(await outcomes(), ["201", "refused", "refused"]);
        });

        it("a client that sends plain text to who wants mTLS, and the other way round: 503", async () => {
            await playground.apply(mtls([{ mtls: {} }], "DISABLE"));
            assert.equal((await fromCaller()).status, 503);
            await playground.apply(mtls([]));
            assert.equal((await fromCaller()).status, 503);
        });

        it("a service without sidecar needs its own rule, then it is reached in plain text", async () => {
            await playground.apply(mtls([{ mtls: {} }]));
            assert.equal((await fromCaller({ host: "legacy.office:8080" })).status, 503);
            const { destinationRules = [] } = mtls([]);
            const exception = object("DestinationRule", "office", "legacy", {
                host: "legacy",
                trafficPolicy: { tls: { mode: "DISABLE" } },
            });
            await playground.apply({ destinationRules: [...destinationRules, exception] });
            assert.equal((await fromCaller({ host: "legacy.office:8080" })).status, 201);
        });

        it("where the mesh does so by itself: with a sidecar mTLS, without one plain text", async () => {
            await playground.apply({ controlPlane: { namespace: "istio-system", autoMtls: true }, ...mtls([{ mtls: {} }]) });
            await playground.apply({ destinationRules: [] });
            assert.equal((await fromCaller()).status, 201);
            assert.equal((await fromCaller({ host: "legacy.office:8080" })).status, 201);
            await playground.apply({ controlPlane: { namespace: "istio-system" } });
        });

        it("only who has the service's identity is believed to be the service", async () => {
            await playground.apply(mtls([{ mtls: {} }]));
            assert.equal((await fromCaller()).status, 201);
            // The same pod, but said to run as somebody else than its certificate says.
            const workloads = playground.now.workloads.map((each) =>
                each.pod === "sample" ? { ...each, serviceAccount: "impostor" } : each,
            );
            const { workloads: before } = playground.now;
            await playground.apply({ workloads });
            assert.equal((await fromCaller()).status, 503);
            await playground.apply({ workloads: before });
        });
    });

    describe("routing", () => {
        const rules: [title: string, http: object[], call: Partial<Call>, expected: string][] = [];
        const route = (host: string, more: object = {}) => ({ route: [to(host, 8080)], ...more });
        const table = (title: string, http: object[], ...asked: [call: Partial<Call>, expected: string][]) =>
            asked.forEach(([call, expected]) => rules.push([title, http, call, expected]));

        table(
            "exact path",
            [route(CALLER, { match: [{ uri: { exact: "/a" } }] }), route(SAMPLE)],
            [{ path: "/a" }, "caller"],
            [{ path: "/a?q=1" }, "caller"],
            [{ path: "/a/b" }, "sample"],
        );
        table(
            "prefix",
            [route(CALLER, { match: [{ uri: { prefix: "/a" } }] }), route(SAMPLE)],
            [{ path: "/ab" }, "caller"],
            [{ path: "/x/../a" }, "caller"],
            [{ path: "/b" }, "sample"],
        );
        table(
            "regex, of the whole path",
            [route(CALLER, { match: [{ uri: { regex: "/(?i)api/[0-9]+" } }] }), route(SAMPLE)],
            [{ path: "/API/12" }, "caller"],
            [{ path: "/api/12/x" }, "sample"],
        );
        table(
            "any case",
            [route(CALLER, { match: [{ uri: { prefix: "/Api" }, ignoreUriCase: true }] }), route(SAMPLE)],
            [{ path: "/aPI/x" }, "caller"],
        );
        table(
            "method",
            [route(CALLER, { match: [{ method: { exact: "PUT" } }] }), route(SAMPLE)],
            [{ method: "PUT" }, "caller"],
            [{ method: "GET" }, "sample"],
        );
        table(
            "headers, all of them",
            [route(CALLER, { match: [{ headers: { "X-A": { prefix: "1" }, "x-b": {} } }] }), route(SAMPLE)],
            [{ headers: { "x-a": "12", "x-b": "" } }, "caller"],
            [{ headers: { "x-a": "12" } }, "sample"],
            [{ headers: { "x-a": "2", "x-b": "" } }, "sample"],
        );
        table(
            "one match or another",
            [route(CALLER, { match: [{ uri: { exact: "/a" } }, { method: { exact: "PUT" } }] }), route(SAMPLE)],
            [{ path: "/a" }, "caller"],
            [{ method: "PUT" }, "caller"],
            [{}, "sample"],
        );
        table("no rule fits", [route(CALLER, { match: [{ uri: { exact: "/a" } }] })], [{ path: "/b" }, "404"]);
        table("nobody there", [route("gone.shop.svc.cluster.local")], [{}, "503"]);

        for (const [title, http, call, expected] of rules) {
            const { method = "GET", path = "/", headers = {} } = call;
            it(`${title}: ${method} ${path} ${JSON.stringify(headers)} → ${expected}`, async () => {
                await playground.apply({
                    virtualServices: [virtualService("v", { hosts: [HOST], gateways: ["g"], http })],
                });
                const { status, body } = await atGateway(call);
                assert.equal(status === 201 ? JSON.parse(body).name : String(status), expected);
            });
        }

        it("hosts: wildcards, ports, any case, and hosts that nobody claimed", async () => {
            await playground.apply(exposed({}, ["*.apps.example.com"]));
            const status = async (host: string) => (await atGateway({ host })).status;
            assert.equal(await status("x.apps.example.com"), 201);
            assert.equal(await status("x.apps.example.com:8123"), 201);
            assert.equal(await status("X.Apps.Example.com"), 201);
            assert.equal(await status("apps.example.com"), 404);
            assert.equal(await status("wild.example.com"), 404);
        });

        it("weights", async () => {
            const both = [{ ...to(SAMPLE, 8080), weight: 80 }, { ...to(CALLER, 8080), weight: 20 }];
            await playground.apply(exposed({ route: both }));
            const names: string[] = [];
            for (let n = 0; n < 200; n++) {
                names.push(JSON.parse((await atGateway()).body).name);
            }
            const share = names.filter((name) => name === "caller").length;
            // 40 are expected, and the standard deviation of 200 throws is 6.
            assert.ok(share > 8 && share < 72, `${share} of 200 went to caller`);
        });

        it("timeout", async () => {
            await playground.apply(exposed({ timeout: "100ms" }));
            const slow = await atGateway({ headers: { "x-wait": "1000" } });
            assert.deepEqual([slow.status, slow.body], [504, "upstream request timeout"]);
            assert.equal((await atGateway({ headers: { "x-wait": "10" } })).status, 201);
        });

        it("rewrite of a prefix, of a whole path, of the authority", async () => {
            const match = (uri: object) => [{ uri }];
            await playground.apply({
                virtualServices: [
                    virtualService("v", {
                        hosts: [HOST],
                        gateways: ["g"],
                        http: [
                            { ...route(SAMPLE), match: match({ exact: "/old" }), rewrite: { uri: "/new" } },
                            { ...route(SAMPLE), match: match({ prefix: "/v1/" }), rewrite: { uri: "/", authority: "b.example" } },
                        ],
                    }),
                ],
            });
            assert.equal(JSON.parse((await atGateway({ path: "/old?q=1" })).body).url, "/new?q=1");
            const { url, host } = JSON.parse((await atGateway({ path: "/v1/a" })).body);
            assert.deepEqual([url, host], ["/a", "b.example"]);
        });

        it("redirect", async () => {
            const redirect = { uri: "/there", authority: "b.example", redirectCode: 302 };
            await playground.apply(exposed({ route: undefined, redirect }));
            const { status, headers } = await atGateway();
            assert.deepEqual([status, headers.location], [302, "http://b.example/there"]);
        });

        it("retries: as many as said, on what was said", async () => {
            const flaky = (retries: object) => exposed({ route: [to("flaky.office.svc.cluster.local", 8080)], retries });
            asked = 0;
            await playground.apply(flaky({ attempts: 2, retryOn: "503" }));
            assert.deepEqual([(await atGateway()).status, asked], [200, 3]);
            asked = 0;
            await playground.apply(flaky({ attempts: 0 }));
            assert.deepEqual([(await atGateway()).status, asked], [503, 1]);
            asked = 0;
            await playground.apply(flaky({ attempts: 5, retryOn: "reset,404" }));
            assert.deepEqual([(await atGateway()).status, asked], [503, 1]);
        });

        it("within the mesh: by every name, with a VirtualService of its own, and 404 for hosts of elsewhere", async () => {
            for (const host of [SAMPLE, `${SAMPLE}:8080`, "sample.shop.svc:8080", "sample.shop", "sample:8080"]) {
                assert.equal(JSON.parse((await fromCaller({ host })).body).name, "sample", host);
            }
            assert.equal((await fromCaller({ host: "elsewhere.example" })).status, 404);
            await playground.apply({ virtualServices: [virtualService("v", { http: [route("legacy.office.svc.cluster.local")] })] });
            assert.equal(JSON.parse((await fromCaller()).body).name, "legacy");
        });
    });

    it("Envoy's own validation finds nothing to say about any of it", async () => {
        await playground.apply({
            ...mtls([{ mtls: {} }]),
            ...exposed({ timeout: "1s", retries: { attempts: 1, retryOn: "5xx,404" }, rewrite: { authority: "a" } }),
            authorizationPolicies: [object("AuthorizationPolicy", "shop", "p", { action: "CUSTOM" })],
        });
        for (const workload of [ingress, sample]) {
            const translation = translate(playground.now, workload, playground.files(workload));
            assert.equal(await playground.validate(translation, workload.pod), "");
        }
        const broken = translate(playground.now, sample, { ...playground.files(sample), cert: "/nowhere.pem" });
        assert.match(await playground.validate(broken, "broken"), /nowhere\.pem/);
    });
});
