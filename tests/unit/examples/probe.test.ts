import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { containerOf, type Probe } from "../../../examples/smoke-tests/probe";
import { skip } from "../../skip";

describe("a smoke test's container", () => {
    let server: Server;
    let asked: { method?: string; url?: string; type?: string; body: string }[];
    before(async function () {
        if (!(process.env.PATH ?? "").split(delimiter).some((dir) => existsSync(join(dir, "curl")))) {
            skip(this, "curl is not on PATH");
        }
        server = createServer(async (request, response) => {
            const { method, url, headers } = request;
            asked.push({ method, url, type: headers["content-type"], body: await bodyOf(request) });
            response.statusCode = url === "/made" ? 201 : 403;
            response.end();
        }).listen(0, "127.0.0.1");
        await once(server, "listening");
    });
    beforeEach(() => (asked = []));
    after(() => server?.close());

    /** Runs the container's own command, with its own environment. */
    async function run(probe: Probe, port = (server.address() as AddressInfo).port): Promise<[number, string]> {
        const url = pulumi.output(`http://127.0.0.1:${port}`);
        const container = containerOf(probe, url, "registry.example.com/curl:1") as any;
        const env: Record<string, string | undefined> = { PATH: process.env.PATH };
        for (const { name, value } of container.env) {
            env[name] = typeof value === "string" ? value : await value.promise();
        }
        const [command, ...args] = container.command as string[];
        const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "ignore"] });
        let log = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => (log += text));
        const [code] = (await once(child, "close")) as [number];
        return [code, log];
    }

    it("succeeds when the answer is the expected one, and asks as it was told to", async () => {
        const [code, log] = await run({ method: "POST", path: "/made", body: '{"a": "b c"}', expect: 201 });
        assert.deepEqual(
            [code, asked],
            [0, [{ method: "POST", url: "/made", type: "application/json", body: '{"a": "b c"}' }]],
        );
        assert.match(log, /^POST http:\/\/127\.0\.0\.1:\d+\/made: 201, expected 201\n$/);
    });

    it("fails on another answer, and its log says which", async () => {
        const [code, log] = await run({ expect: 200 });
        assert.deepEqual([code, asked], [1, [{ method: "GET", url: "/", type: undefined, body: "" }]]);
        assert.match(log, /: 403, expected 200/);
    });

    it("fails when nobody answers", async () => {
        const [code] = await run({ expect: 200 }, 1);
        assert.equal(code, 1);
    });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
    const parts: Buffer[] = [];
    for await (const part of request) {
        parts.push(part as Buffer);
    }
    return Buffer.concat(parts).toString("utf8");
}
