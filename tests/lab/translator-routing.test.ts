import assert from "node:assert/strict";
import { to, virtualService } from "../unit/dataplane/objects";
import type { Call } from "./translator/client";
import { CALLER, exposed, HOST, SAMPLE, withSmallMesh } from "./translator/small-mesh";

describe("translator: routing by running Envoys", function () {
    this.timeout(60_000);
    const mesh = withSmallMesh();

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
            await mesh().apply({
                virtualServices: [virtualService("v", { hosts: [HOST], gateways: ["g"], http })],
            });
            const { status, body } = await mesh().atGateway(call);
            assert.equal(status === 201 ? JSON.parse(body).name : String(status), expected);
        });
    }

    it("hosts: wildcards, ports, any case, and hosts that nobody claimed", async () => {
        await mesh().apply(exposed({}, ["*.apps.example.com"]));
        const status = async (host: string) => (await mesh().atGateway({ host })).status;
        assert.equal(await status("x.apps.example.com"), 201);
        assert.equal(await status("x.apps.example.com:8123"), 201);
        assert.equal(await status("X.Apps.Example.com"), 201);
        assert.equal(await status("apps.example.com"), 404);
        assert.equal(await status("wild.example.com"), 404);
    });

    it("weights", async () => {
        const both = [
            { ...to(SAMPLE, 8080), weight: 80 },
            { ...to(CALLER, 8080), weight: 20 },
        ];
        await mesh().apply(exposed({ route: both }));
        const names: string[] = [];
        for (let n = 0; n < 200; n++) {
            names.push(JSON.parse((await mesh().atGateway()).body).name);
        }
        const share = names.filter((name) => name === "caller").length;
        // 40 are expected, and the standard deviation of 200 throws is 6.
        assert.ok(share > 8 && share < 72, `${share} of 200 went to caller`);
    });

    it("timeout", async () => {
        await mesh().apply(exposed({ timeout: "100ms" }));
        const slow = await mesh().atGateway({ headers: { "x-wait": "1000" } });
        assert.deepEqual([slow.status, slow.body], [504, "upstream request timeout"]);
        assert.equal((await mesh().atGateway({ headers: { "x-wait": "10" } })).status, 201);
    });

    it("rewrite of a prefix, of a whole path, of the authority", async () => {
        const match = (uri: object) => [{ uri }];
        await mesh().apply({
            virtualServices: [
                virtualService("v", {
                    hosts: [HOST],
                    gateways: ["g"],
                    http: [
                        { ...route(SAMPLE), match: match({ exact: "/old" }), rewrite: { uri: "/new" } },
                        {
                            ...route(SAMPLE),
                            match: match({ prefix: "/v1/" }),
                            rewrite: { uri: "/", authority: "b.example" },
                        },
                    ],
                }),
            ],
        });
        assert.equal(JSON.parse((await mesh().atGateway({ path: "/old?q=1" })).body).url, "/new?q=1");
        const { url, host } = JSON.parse((await mesh().atGateway({ path: "/v1/a" })).body);
        assert.deepEqual([url, host], ["/a", "b.example"]);
    });

    it("redirect", async () => {
        const redirect = { uri: "/there", authority: "b.example", redirectCode: 302 };
        await mesh().apply(exposed({ route: undefined, redirect }));
        const { status, headers } = await mesh().atGateway();
        assert.deepEqual([status, headers.location], [302, "http://b.example/there"]);
    });

    it("retries: as many as said, on what was said", async () => {
        const flaky = (retries: object) => exposed({ route: [to("flaky.office.svc.cluster.local", 8080)], retries });
        mesh().asked = 0;
        await mesh().apply(flaky({ attempts: 2, retryOn: "503" }));
        assert.deepEqual([(await mesh().atGateway()).status, mesh().asked], [200, 3]);
        mesh().asked = 0;
        await mesh().apply(flaky({ attempts: 0 }));
        assert.deepEqual([(await mesh().atGateway()).status, mesh().asked], [503, 1]);
        mesh().asked = 0;
        await mesh().apply(flaky({ attempts: 5, retryOn: "reset,404" }));
        assert.deepEqual([(await mesh().atGateway()).status, mesh().asked], [503, 1]);
    });

    it("within the mesh: by every name, with a VirtualService of its own, and 404 for hosts of elsewhere", async () => {
        for (const host of [SAMPLE, `${SAMPLE}:8080`, "sample.shop.svc:8080", "sample.shop", "sample:8080"]) {
            assert.equal(JSON.parse((await mesh().fromCaller({ host })).body).name, "sample", host);
        }
        assert.equal((await mesh().fromCaller({ host: "elsewhere.example" })).status, 404);
        await mesh().apply({
            virtualServices: [virtualService("v", { http: [route("legacy.office.svc.cluster.local")] })],
        });
        assert.equal(JSON.parse((await mesh().fromCaller()).body).name, "legacy");
    });
});
