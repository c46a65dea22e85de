import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Check } from "../../../verify/check";
import type { Expectation, PlannedRequest } from "../../../verify/requests/plan";
import { runRequests, type Ways } from "../../../verify/requests/run";
import { hurried } from "../hurried";
import { devEnvironment, MEMBER, Scenario } from "./scenario";

const service = devEnvironment().services.find((s) => s.name === "sample")!;

describe("verify: asking", () => {
    hurried();

    let server: Server;
    let heard: { host?: string; method?: string; url?: string; type?: string; body: string }[];
    let answer: RequestListener;

    before(async () => {
        server = createServer((request: IncomingMessage, response) => {
            let body = "";
            request.on("data", (chunk) => (body += chunk));
            request.on("end", () => {
                const { host, "content-type": type } = request.headers;
                heard.push({ host, method: request.method, url: request.url, type, body });
                answer(request, response);
            });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    beforeEach(() => (heard = []));
    after(() => {
        server.closeAllConnections();
        server.close();
    });

    const address = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;

    async function ask(
        from: PlannedRequest["from"],
        expectation: Expectation,
        ways: Partial<Ways> = {},
        more: Partial<PlannedRequest> = {},
    ): Promise<Check> {
        const checks: Check[] = [];
        const all: Ways = {
            via: new URL(`http://${address()}`),
            plainClient: { [`${MEMBER}/sample`]: address() },
            patienceMs: 0,
            signal: new AbortController().signal,
            ...ways,
        };
        const planned: PlannedRequest = { service, from, scheme: "http", expectation, because: "of that", ...more };
        await runRequests(new Scenario().kube, [planned], all, (check) => checks.push(check));
        assert.equal(checks.length, 1);
        return checks[0];
    }

    it("step 8: sends what the service says it is to be asked, under its host, to where the router is", async () => {
        answer = (_, r) => r.writeHead(201, { server: "istio-envoy" }).end('{"user_id":39}');
        const check = await ask("gateway", { is: "answer", status: 201 });
        assert.deepEqual(heard, [
            {
                host: "sample.apps.example.com",
                method: "POST",
                url: "/api/sample/apply",
                type: "application/json",
                body: '{"user_name":"Taro","store_id":1111,"store_name":"Shop_A"}',
            },
        ]);
        assert.equal(check.result, "passed");
        assert.equal(check.seen, '201 {"user_id":39}, server: istio-envoy');
        assert.equal(check.subject, "sample: POST http://sample.apps.example.com/api/sample/apply");
    });

    it("a client without sidecar asks by the name inside the cluster", async () => {
        answer = (_, r) => r.writeHead(201).end("{}");
        assert.equal((await ask("plain", { is: "answer", status: 201 })).result, "passed");
        assert.equal(heard[0].host, `sample.${MEMBER}.svc.cluster.local:8080`);
    });

    it("step 9: a connection that is closed without an answer is a reset", async () => {
        answer = (request) => request.socket.resetAndDestroy();
        const check = await ask("plain", { is: "reset" });
        assert.deepEqual([check.result, check.seen], ["passed", "Connection reset by peer"]);
        answer = (request) => request.socket.end();
        assert.equal((await ask("plain", { is: "reset" })).result, "passed");
    });

    it("nobody there is no reset", async () => {
        const check = await ask("plain", { is: "reset" }, { plainClient: { [`${MEMBER}/sample`]: "127.0.0.1:1" } });
        assert.deepEqual([check.result, check.seen], ["failed", "nobody listens at 127.0.0.1:1"]);
    });

    it("asks again for a while: a proxy learns of a change a moment later", async () => {
        answer = (_, r) => (heard.length < 3 ? r.writeHead(201) : r.writeHead(403)).end("RBAC: access denied");
        const check = await ask("gateway", { is: "denied" }, { patienceMs: 5_000 });
        assert.equal(check.result, "passed");
        assert.equal(heard.length, 3);
        assert.ok((check.seconds ?? 0) > 0);
    });

    it("but not for ever, and says what it saw last", async () => {
        answer = (_, r) => r.writeHead(201).end("{}");
        const check = await ask("gateway", { is: "denied" }, { patienceMs: 50 });
        assert.deepEqual([check.result, check.seen], ["failed", "201 {}, server: not said"]);
    });

    it("skips what it has no way to, and what it does not know, and says why", async () => {
        const noWay = await ask("plain", { is: "reset" }, { plainClient: {} });
        assert.match(noWay.seen, /--probe-pod/);
        const unknown = await ask("gateway", { is: "unknown" });
        assert.equal(unknown.seen, "of that");
        const none = await ask("gateway", { is: "denied" }, { none: "no data plane" });
        assert.equal(none.seen, "no data plane");
        assert.deepEqual(
            [noWay, unknown, none].map((c) => c.result),
            ["skipped", "skipped", "skipped"],
        );
        assert.deepEqual(heard, []);
    });

    it("TLS: says which way it asks, and in plain HTTP the router's answer is the right one", async () => {
        answer = (_, r) => r.writeHead(302, { location: "https://sample.apps.example.com/api/sample/apply" }).end();
        const redirected = await ask("gateway", { is: "redirect" });
        assert.deepEqual([redirected.result, redirected.expected], ["passed", "a redirect to https"]);
        answer = (_, r) => r.writeHead(503).end("<html>Application is not available");
        assert.equal((await ask("gateway", { is: "unavailable" })).result, "passed");
        assert.equal((await ask("gateway", { is: "redirect" })).result, "failed");
        answer = (_, r) => r.writeHead(503, { server: "istio-envoy" }).end("no healthy upstream");
        assert.equal((await ask("gateway", { is: "unavailable" })).result, "failed", "that was the gateway");
    });

    it("TLS: the router's TLS port is another; where only the plain one is known there is no way", async () => {
        answer = (_, r) => r.writeHead(201, { server: "istio-envoy" }).end();
        const expectation = { is: "answer" } as const;
        const [viaTls, scheme] = [new URL(`http://${address()}`), "https" as const];
        const there = await ask("gateway", expectation, { viaTls }, { scheme });
        assert.deepEqual([there.result, heard.at(-1)?.host], ["passed", "sample.apps.example.com"]);
        assert.match(there.subject, /https:\/\/sample\.apps\.example\.com/);
        const skipped = await ask("gateway", expectation, {}, { scheme });
        assert.equal(skipped.result, "skipped");
        assert.match(skipped.seen, /--via-tls for TLS/);
    });

    it("ends at once when it is told to", async () => {
        const stop = new AbortController();
        answer = () => stop.abort();
        const check = await ask("gateway", { is: "denied" }, { patienceMs: 60_000, signal: stop.signal });
        assert.deepEqual([check.result, check.seen], ["failed", "interrupted"]);
    });
});
