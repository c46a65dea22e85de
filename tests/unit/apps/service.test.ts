import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { readJson } from "../../../apps/shared/http";
import { type Routes, serve, type Service } from "../../../apps/shared/service";
import { readSettings } from "../../../apps/shared/settings";

const settings = readSettings({ SERVER_ADDRESS: "127.0.0.1", SERVER_PORT: "0" });

async function ask(
    service: Service,
    path: string,
    options: { method?: string; body?: string; type?: string; agent?: Agent } = {},
) {
    const { method = "GET", body, type, agent } = options;
    const sent = request({
        host: service.address,
        port: service.port,
        path,
        method,
        agent,
        headers: type ? { "content-type": type } : {},
    });
    sent.end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) {
        text += chunk;
    }
    return { status: response.statusCode, headers: response.headers, text };
}

describe("apps: a service", () => {
    let service: Service;
    let release: () => void;
    const logged: string[] = [];
    const held = new Promise<void>((resolve) => (release = resolve));
    const routes: Routes = {
        "POST /echo": async (r) => ({ status: 200, body: await readJson(r) }),
        "GET /slow": async () => held.then(() => ({ status: 200, body: "done" })),
        "GET /broken": () => Promise.reject(new Error("a defect")),
    };
    beforeEach(async () => {
        logged.length = 0;
        service = await serve(routes, settings, (line) => logged.push(line));
    });
    afterEach(() => service.stop());

    it("is live and ready, and does not log that", async () => {
        assert.equal((await ask(service, "/health/live")).status, 200);
        assert.equal((await ask(service, "/health/ready")).status, 200);
        assert.deepEqual(logged, []);
    });

    const table: [what: string, path: string, options: Parameters<typeof ask>[2], status: number, says: RegExp][] = [
        [
            "JSON",
            "/echo",
            { method: "POST", body: '{"a":1}', type: "application/json; charset=utf-8" },
            200,
            /^\{"a":1\}$/,
        ],
        ["a query changes nothing", "/echo?a=b", { method: "POST", body: "1", type: "application/json" }, 200, /^1$/],
        ["broken JSON", "/echo", { method: "POST", body: "{", type: "application/json" }, 400, /not JSON/],
        ["no body", "/echo", { method: "POST", body: "", type: "application/json" }, 400, /empty/],
        ["another media type", "/echo", { method: "POST", body: "{}", type: "text/plain" }, 415, /text\/plain/],
        ["too much", "/echo", { method: "POST", body: "x".repeat(70_000), type: "application/json" }, 413, /longer/],
        ["another method", "/echo", {}, 405, /takes POST/],
        ["another path", "/other", {}, 404, /no \/other/],
    ];
    for (const [what, path, options, status, says] of table) {
        it(`answers ${status}: ${what}`, async () => {
            const answer = await ask(service, path, options);
            assert.equal(answer.status, status);
            assert.match(answer.text, says);
            assert.match(logged[0], new RegExp(` ${path.split("?")[0]} ${status} \\d+ ms`));
        });
    }

    it("a defect is a 500 that does not tell, and the service goes on", async () => {
        const { error } = console;
        console.error = () => undefined;
        try {
            const answer = await ask(service, "/broken");
            assert.equal(answer.status, 500);
            assert.ok(!answer.text.includes("a defect"));
        } finally {
            console.error = error;
        }
        assert.equal((await ask(service, "/health/live")).status, 200);
    });

    it("told to stop, it takes nothing new, finishes what is under way, and ends idle connections", async () => {
        const keeping = new Agent({ keepAlive: true });
        await ask(service, "/health/live", { agent: keeping });
        const slow = ask(service, "/slow");
        while (!(await connections(service))) {
            await new Promise((resolve) => setTimeout(resolve, 5));
        }
        let ended = false;
        const stopped = service.stop().then(() => (ended = true));
        const refused = connect(service.port, service.address);
        const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
        assert.equal(error.code, "ECONNREFUSED");
        assert.equal(ended, false);
        release();
        assert.equal((await slow).text, '"done"');
        await stopped;
        keeping.destroy();
    });
});

/** Whether a request of its own is seen: the slow one before it is then under way too. */
async function connections(service: Service): Promise<boolean> {
    return (await ask(service, "/health/ready")).status === 200;
}
