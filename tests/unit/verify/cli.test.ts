import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, EXIT, main } from "../../../verify/cli";
import { readOutputs } from "../../../verify/outputs";
import { OUTPUTS } from "./scenario";

describe("verify: the command", () => {
    let folder: string;
    const said: string[] = [];
    const { error, log } = console;
    before(() => (folder = mkdtempSync(join(tmpdir(), "verify-"))));
    after(() => rmSync(folder, { recursive: true }));
    beforeEach(() => {
        said.length = 0;
        console.error = console.log = (...words: unknown[]) => void said.push(words.join(" "));
    });
    afterEach(() => {
        console.error = error;
        console.log = log;
        process.exitCode = undefined;
    });

    const file = (name: string, text: string): string => {
        const path = join(folder, name);
        writeFileSync(path, text);
        return path;
    };
    const kubeconfig = (server: string): string =>
        file(
            "kubeconfig",
            JSON.stringify({
                apiVersion: "v1",
                kind: "Config",
                clusters: [{ name: "c", cluster: { server } }],
                users: [{ name: "u", user: { token: "t" } }],
                contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
                "current-context": "c",
            }),
        );
    const run = async (...args: string[]) => {
        await main(args);
        return { code: process.exitCode, said: said.join("\n") };
    };

    it("a stack that there is not: 2, in one message", async () => {
        const { code, said: words } = await run("--stack", "none", "--kubeconfig", kubeconfig("http://127.0.0.1:1"));
        assert.equal(code, EXIT.notVerified);
        assert.match(words, /Pulumi\.none\.yaml.*no such file/);
    });

    it("outputs that are none: 2", async () => {
        const outputs = file("outputs.json", "[]");
        const { code, said: words } = await run("--kubeconfig", kubeconfig("http://127.0.0.1:1"), "--outputs", outputs);
        assert.equal(code, EXIT.notVerified);
        assert.match(words, /outputs\.json is not a JSON object/);
    });

    it("a cluster that cannot be reached: 2, and nothing like a verdict", async () => {
        const outputs = file("outputs.json", JSON.stringify(OUTPUTS));
        const { code, said: words } = await run("--kubeconfig", kubeconfig("http://127.0.0.1:1"), "--outputs", outputs);
        assert.equal(code, EXIT.notVerified);
        assert.match(words, /127\.0\.0\.1:1 cannot be reached/);
        assert.doesNotMatch(words, /[✓✗]/);
    });

    it("a cluster where nothing of it is: 1", async () => {
        // An API server that serves nothing at all.
        const server = createServer((_, r) =>
            r
                .writeHead(200, { "content-type": "application/json" })
                .end('{"groups":[],"resources":[],"versions":["v1"],"items":[],"metadata":{}}'),
        );
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        try {
            const outputs = file("outputs.json", JSON.stringify(OUTPUTS));
            const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
            const { code, said: words } = await run(
                "--kubeconfig",
                kubeconfig(address),
                "--outputs",
                outputs,
                "--no-requests",
            );
            assert.equal(code, EXIT.someFailed);
            assert.match(words, /✗ operators +servicemeshoperator: expected .*; seen it is not there/);
        } finally {
            server.closeAllConnections();
            server.close();
        }
    });

    it("takes addresses of plain clients one by one, and refuses what is none", () => {
        const flags = command().parse(["--plain-client", "a/b=127.0.0.1:1", "--plain-client", "a/c=x:2"], {
            from: "user",
        });
        assert.deepEqual(flags.opts().plainClient, { "a/b": "127.0.0.1:1", "a/c": "x:2" });
        const quiet = command()
            .exitOverride()
            .configureOutput({ writeErr: () => undefined });
        for (const wrong of [
            ["--plain-client", "b=1"],
            ["--via", "somewhere"],
            ["--patience", "-1"],
            ["--report", "xml"],
        ]) {
            assert.throws(() => quiet.parse(wrong, { from: "user" }), /argument.*invalid/s);
        }
    });

    it("without pulumi on PATH it says how to hand the outputs over", async () => {
        const { PATH } = process.env;
        process.env.PATH = folder;
        try {
            await assert.rejects(readOutputs({ stack: "dev", cwd: folder }), /pulumi is not on PATH.*--outputs FILE/);
        } finally {
            process.env.PATH = PATH;
        }
    });

    it("asks pulumi for the outputs of just that stack", async () => {
        const { PATH } = process.env;
        const pulumi = file("pulumi", '#!/bin/sh\nprintf \'{"asked":"%s"}\' "$*"\n');
        chmodSync(pulumi, 0o755);
        process.env.PATH = `${folder}:${PATH}`;
        try {
            const { asked } = await readOutputs({ stack: "prod", cwd: folder });
            assert.equal(asked, "stack output --json --stack prod --non-interactive");
        } finally {
            process.env.PATH = PATH;
        }
    });
});
