import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { stringify } from "yaml";
import { Kube, Unreachable } from "../../../kube";

describe("the connection to an API server", () => {
    let server: Server;
    let kube: Kube;
    /** By method, how often somebody asked. */
    let asked: string[];

    beforeEach(async () => {
        asked = [];
        const used = new Set<Socket>();
        // Answers once on each connection, and closes it when it is used again.
        server = createServer((request, response) => {
            asked.push(request.method ?? "");
            if (used.has(request.socket)) {
                return void request.socket.destroy();
            }
            used.add(request.socket);
            response.setHeader("content-type", "application/json").end("{}");
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const kubeconfig = stringify({
            apiVersion: "v1",
            kind: "Config",
            "current-context": "c",
            clusters: [{ name: "c", cluster: { server: address } }],
            users: [{ name: "u", user: { token: "t" } }],
            contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
        });
        kube = Kube.load({ kubeconfig });
    });
    afterEach(() => {
        server.closeAllConnections();
        server.close();
    });

    it("one that was closed while idle is made anew for who only reads", async () => {
        await kube.raw("GET", "/");
        await kube.raw("GET", "/");
        assert.deepEqual(asked, ["GET", "GET", "GET"], "answered, closed, answered");
    });

    it("who writes is told: nobody knows whether it was done", async () => {
        await kube.raw("GET", "/");
        await assert.rejects(kube.raw("POST", "/", {}), Unreachable);
    });
});
