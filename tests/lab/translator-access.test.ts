import assert from "node:assert/strict";
import fc from "fast-check";
import type { Workload } from "../../lab/dataplane/translate";
import { object, service } from "../unit/dataplane/objects";
import { Client } from "./translator/client";
import { isAllowed, type PolicySpec, type Request } from "./translator/oracle";
import { Playground } from "./translator/playground";

/** Who asks: a namespace and a service account, or a client without a certificate. */
const CLIENTS = ["", "shop/caller", "shop/sample", "office/caller", "office-2/clerk", "istio-system/gateway"];
const PORTS = [8080, 9090];

const patterns = (...values: string[]) => fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });

/** At least one of the fields. */
function some<T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> {
    return fc.record(fields, { requiredKeys: [] }).filter((value) => Object.keys(value).length > 0) as fc.Arbitrary<
        Partial<T>
    >;
}

const namespaces = patterns("shop", "office", "office*", "*p", "*", "nobody");
const principals = patterns(
    "cluster.local/ns/shop/sa/caller",
    "cluster.local/ns/office*",
    "*/sa/caller",
    "*",
    "caller",
    "cluster.local/ns/shop/sa/call",
);
const methods = patterns("GET", "POST", "P*", "*T", "*", "get");
const paths = patterns("/api/x", "/api/*", "*/x", "*", "/", "/api");
const hosts = patterns("sample.shop", "SAMPLE.Shop", "sample*", "*.shop", "*", "sample.shop:8080");
const ports = patterns("8080", "9090");

const source = some({ namespaces, notNamespaces: namespaces, principals, notPrincipals: principals });
const operation = some({
    hosts,
    notHosts: hosts,
    ports,
    notPorts: ports,
    methods,
    notMethods: methods,
    paths,
    notPaths: paths,
});

const rule = fc.record(
    {
        from: fc.array(fc.record({ source }), { maxLength: 2 }),
        to: fc.array(fc.record({ operation }), { maxLength: 2 }),
        // Not modelled: such a policy must close what it selects.
        when: fc.constantFrom(...Array(12).fill([]), [{ key: "source.ip", values: ["1.2.3.4"] }]),
    },
    { requiredKeys: [] },
);

const policy: fc.Arbitrary<PolicySpec> = fc.record(
    {
        namespace: fc.constantFrom("shop", "shop", "shop", "istio-system", "office"),
        selector: fc.constantFrom({ matchLabels: { app: "sample" } }, { matchLabels: { app: "other" } }, {}),
        action: fc.constantFrom("ALLOW", "ALLOW", "DENY", "AUDIT"),
        rules: fc.array(rule, { maxLength: 2 }),
    },
    { requiredKeys: ["namespace"] },
);

const request: fc.Arbitrary<Request> = fc.record({
    client: fc.constantFrom(...CLIENTS),
    method: fc.constantFrom("GET", "POST", "PUT", "DELETE"),
    path: fc.constantFrom(
        "/",
        "/api/x",
        "/api/x?a=/",
        "/api/y",
        "/api",
        "/other/x",
        "/api/../other/x",
        "/other/../api/x",
    ),
    host: fc.constantFrom("sample.shop", "sample.shop:8080", "Sample.Shop", "elsewhere"),
    port: fc.constantFrom(...PORTS),
});

describe("translator: policies, asked of a running Envoy", function () {
    this.timeout(120_000);

    let playground: Playground;
    let sample: Workload;
    const clients = new Map<string, Client>();

    before(async () => {
        playground = await Playground.open();
        sample = await playground.pod({ namespace: "shop", pod: "sample", ports: PORTS }, (asked, response) =>
            response.writeHead(200, { "x-path": asked.url }).end("ok"),
        );
        for (const name of CLIENTS) {
            const [namespace, account] = name.split("/");
            clients.set(name, new Client(name === "" ? undefined : await playground.identity(namespace, account)));
        }
        const ports = PORTS.map((port) => ({ name: `http-${port}`, port, targetPort: port }));
        await playground.apply({ services: [service("shop", "sample", ports)] });
    });

    after(async () => {
        clients.forEach((client) => client.close());
        await playground?.close();
    });

    it("a request is let through exactly when a plain reading of the policies says so", async () => {
        const seen = { allowed: 0, denied: 0 };
        await fc.assert(
            fc.asyncProperty(
                fc.array(policy, { maxLength: 3 }),
                fc.array(request, { minLength: 8, maxLength: 8 }),
                async (policies, requests) => {
                    await playground.apply({
                        authorizationPolicies: policies.map(({ namespace, ...spec }, index) =>
                            object("AuthorizationPolicy", namespace, `p${index}`, spec),
                        ),
                    });
                    for (const each of requests) {
                        const { status, body } = await clients
                            .get(each.client)!
                            .call({ ...each, address: sample.address });
                        const allowed = isAllowed(policies, each, { namespace: "shop", labels: sample.labels });
                        const expected = allowed ? [200, "ok"] : [403, "RBAC: access denied"];
                        assert.deepEqual([status, body], expected, JSON.stringify(each));
                        seen[allowed ? "allowed" : "denied"]++;
                    }
                },
            ),
            { numRuns: 250 },
        );
        // Else it would prove little.
        assert.ok(seen.allowed > 200 && seen.denied > 200, JSON.stringify(seen));
    });

    it("policy and program see the same path, however it was written", async () => {
        const rules = [{ to: [{ operation: { paths: ["/api/*"] } }] }];
        await playground.apply({
            authorizationPolicies: [object("AuthorizationPolicy", "shop", "p", { action: "DENY", rules })],
        });
        const ask = async (path: string) => {
            const { status, headers } = await clients.get("")!.call({ address: sample.address, path });
            return status === 200 ? headers["x-path"] : status;
        };
        assert.equal(await ask("/other/../api/x"), 403);
        assert.equal(await ask("/./api/x?y"), 403);
        assert.equal(await ask("/%61pi/x"), 403);
        assert.equal(await ask("/api/../other/x"), "/other/x");
        assert.equal(await ask("/other?/api/x"), "/other?/api/x");
    });

    it("holds for the longest name that a namespace can have, and for long lists of them", async () => {
        const longest = "a".repeat(63);
        const namespaces = [...Array.from({ length: 100 }, (_, n) => `${"b".repeat(60)}${n}`), longest];
        await playground.apply({
            authorizationPolicies: [
                object("AuthorizationPolicy", "shop", "p", { rules: [{ from: [{ source: { namespaces } }] }] }),
            ],
        });
        const client = new Client(await playground.identity(longest, "any"));
        assert.equal((await client.call({ address: sample.address })).status, 200);
        assert.equal((await clients.get("shop/caller")!.call({ address: sample.address })).status, 403);
        client.close();
    });
});
