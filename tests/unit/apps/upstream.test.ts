import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { passOn } from "../../../apps/caller/upstream";
import { tracingHeaders } from "../../../apps/shared/http";

describe("caller: what becomes of sample's answer", () => {
    let server: Server;
    let seen: { headers: IncomingHttpHeaders; body: string } | undefined;

    async function call(listener: RequestListener, timeoutMs = 5_000) {
        seen = undefined;
        server = createServer((request, response) => {
            let body = "";
            request.on("data", (chunk) => (body += chunk));
            request.on("end", () => {
                seen = { headers: request.headers, body };
                listener(request, response);
            });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/sample/apply`);
        const headers = {
            ...tracingHeaders({ "x-request-id": "r1", cookie: "no" }),
            "content-type": "application/json",
        };
        return passOn("sample", { url, headers, body: Buffer.from("{}"), timeoutMs });
    }
    afterEach(() => {
        server.closeAllConnections();
        server.close();
    });

    const passed: [status: number, body: string][] = [
        [201, '{"user_id":39}'],
        [400, '{"errors":[]}'],
        [415, "no"],
    ];
    for (const [status, body] of passed) {
        it(`passes ${status} on as it is`, async () => {
            const answer = await call((_, r) => r.writeHead(status, { "content-type": "application/x" }).end(body));
            assert.deepEqual({ ...answer, body: String(answer.body) }, { status, body, contentType: "application/x" });
        });
    }

    it("step 10: sample refuses (the mesh does, in its place): 502 with its words", async () => {
        const answer = await call((_, r) => r.writeHead(403).end("RBAC: access denied"));
        assert.equal(answer.status, 502);
        assert.match((answer.body as { error: string }).error, /sample refused: 403 RBAC: access denied/);
    });

    it("sample is away: 502 with the reason", async () => {
        const answer = await call((request) => request.socket.destroy());
        assert.equal(answer.status, 502);
        assert.match((answer.body as { error: string }).error, /did not answer: ECONNRESET/);
    });

    const slow: [when: string, listener: RequestListener][] = [
        ["in its first byte", () => undefined],
        ["in its last", (_, r) => r.write("{")],
    ];
    for (const [when, listener] of slow) {
        it(`sample is slow ${when}: 502 when the time is up`, async () => {
            const answer = await call(listener, 50);
            assert.equal(answer.status, 502);
            assert.match((answer.body as { error: string }).error, /nothing within 50 ms/);
        });
    }

    it("hands on the headers of the trace, and no others", async () => {
        await call((_, r) => r.writeHead(201).end("{}"));
        assert.equal(seen?.headers["x-request-id"], "r1");
        assert.equal(seen?.headers.cookie, undefined);
        assert.equal(seen?.body, "{}");
    });

    it("knows the headers of each kind of tracing", () => {
        const given = {
            traceparent: "t",
            tracestate: "s",
            b3: "b",
            "x-b3-traceid": "1",
            "x-b3-sampled": "1",
            host: "h",
        };
        assert.deepEqual(Object.keys(tracingHeaders(given)).sort(), [
            "b3",
            "traceparent",
            "tracestate",
            "x-b3-sampled",
            "x-b3-traceid",
        ]);
    });
});
