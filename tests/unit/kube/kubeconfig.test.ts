import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type * as https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { access, type LoadOptions } from "../../../kube/kubeconfig";
import { plainCredentials } from "../../../kube/plain-credentials";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nnot a real one\n-----END CERTIFICATE-----\n";
const base64 = (text: string): string => Buffer.from(text).toString("base64");

function kubeconfig(user: object, cluster: object = {}): string {
    return stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [
            { name: "here", cluster: { server: "https://api.here:6443", ...cluster } },
            { name: "there", cluster: { server: "https://api.there:6443" } },
        ],
        users: [{ name: "me", user }],
        contexts: [
            { name: "mine", context: { cluster: "here", user: "me", namespace: "x" } },
            { name: "other", context: { cluster: "there", user: "me" } },
        ],
        "current-context": "mine",
    });
}

/** What of a request's options decides who asks, and whom is believed. */
async function shown(options: LoadOptions, of: typeof access): Promise<object> {
    const found = of(options);
    const { agent, headers } = (await found.options()) as { agent: https.Agent; headers?: object };
    const { ca, cert, key, rejectUnauthorized } = agent.options;
    const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));
    const tls = { ca: text(ca), cert: text(cert), key: text(key), rejectUnauthorized };
    return { server: found.server, tls, authorization: (headers as Record<string, string> | undefined)?.Authorization };
}

describe("kubeconfig", () => {
    let dir: string;
    beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "kubeconfig-"))));
    afterEach(() => rmSync(dir, { recursive: true }));

    const plain: [string, object, object?][] = [
        ["a token, as oc login writes it", { token: "sha256~abc" }],
        ["a client certificate", { "client-certificate-data": base64(CERTIFICATE), "client-key-data": base64("key") }],
        ["an authority of its own", { token: "t" }, { "certificate-authority-data": base64(CERTIFICATE) }],
        ["no check of the server", { token: "t" }, { "insecure-skip-tls-verify": true }],
        ["nobody in particular", {}],
    ];
    for (const [what, user, cluster] of plain) {
        it(`${what}: read here, and exactly as the library reads it`, async () => {
            const text = kubeconfig(user, cluster);
            const ours = await shown({ kubeconfig: text }, (o) => plainCredentials(o) ?? assert.fail("not read here"));
            // With a key that is not understood here, it is the library's to read.
            const library = text.replace("server: https://api.here:6443", '$&\n      tls-server-name: ""');
            assert.equal(plainCredentials({ kubeconfig: library }), undefined);
            assert.deepEqual(ours, await shown({ kubeconfig: library }, access));
        });
    }

    const theirs: [string, string][] = [
        ["an exec plugin", kubeconfig({ exec: { apiVersion: "client.authentication.k8s.io/v1", command: "true" } })],
        ["OIDC", kubeconfig({ "auth-provider": { name: "oidc", config: {} } })],
        ["a password", kubeconfig({ username: "u", password: "p" })],
        ["a proxy", kubeconfig({ token: "t" }, { "proxy-url": "http://127.0.0.1:1" })],
        ["no YAML", "{"],
    ];
    for (const [what, text] of theirs) {
        it(`${what} is left to the library`, () => assert.equal(plainCredentials({ kubeconfig: text }), undefined));
    }

    it("paths are relative to the file, and a token file is read again each time", async () => {
        writeFileSync(join(dir, "token"), "one\n");
        writeFileSync(join(dir, "ca.crt"), CERTIFICATE);
        writeFileSync(join(dir, "config"), kubeconfig({ tokenFile: "token" }, { "certificate-authority": "ca.crt" }));
        const found = plainCredentials({ kubeconfig: join(dir, "config") });
        assert.deepEqual((await found?.options())?.headers, { Authorization: "Bearer one" });
        writeFileSync(join(dir, "token"), "two\n");
        assert.deepEqual((await found?.options())?.headers, { Authorization: "Bearer two" });
    });

    it("the context that is asked for is taken; one that is not there is an error in words", async () => {
        const text = kubeconfig({ token: "t" });
        assert.equal(access({ kubeconfig: text, context: "other" }).server, "https://api.there:6443");
        assert.throws(() => access({ kubeconfig: text, context: "mien" }), /no context "mien"/);
    });
});
