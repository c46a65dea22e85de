import assert from "node:assert/strict";
import { translate } from "../../lab/dataplane/translate";
import { object } from "../unit/dataplane/objects";
import { TestAuthority } from "./translator/certificates";
import { Client, outcome } from "./translator/client";
import { exposed, HOST, mtls, withSmallMesh } from "./translator/small-mesh";

describe("translator: the scenario and mTLS on running Envoys", function () {
    this.timeout(60_000);
    const mesh = withSmallMesh();

    describe("the scenario", () => {
        it("step 8: 201 through the gateway, with the mesh's headers", async () => {
            await mesh().apply(exposed({ match: [{ uri: { prefix: "/" } }] }));
            const { status, headers, body } = await mesh().atGateway({ method: "POST", path: "/api/sample/apply" });
            assert.equal(status, 201);
            assert.equal(headers.server, "istio-envoy");
            assert.match(String(headers["x-envoy-upstream-service-time"]), /^\d+$/);
            assert.deepEqual(JSON.parse(body), {
                name: "sample",
                method: "POST",
                url: "/api/sample/apply",
                host: HOST,
            });
        });

        it("step 9: with mTLS through the gateway as before, reset for who has no sidecar", async () => {
            await mesh().apply(exposed({}));
            assert.equal(await outcome(mesh().fromOutside()), "201");
            await mesh().apply(mtls([{ mtls: {} }]));
            const { status, body } = await mesh().atGateway();
            assert.equal(status, 201);
            assert.match(JSON.parse(body).from, /URI=spiffe:\/\/cluster.local\/ns\/istio-system\/sa\/gateway/);
            const fresh = new Client();
            assert.equal(await outcome(fresh.call({ address: mesh().sample.address })), "ECONNRESET");
            fresh.close();
        });

        it("step 10: denied at the gateway, let through from its own namespace", async () => {
            await mesh().apply({
                ...exposed({}),
                ...mtls([{ mtls: {} }]),
                authorizationPolicies: [
                    object("AuthorizationPolicy", "shop", "to-sample", {
                        selector: { matchLabels: { app: "sample" } },
                        rules: [{ from: [{ source: { namespaces: ["shop"] } }], to: [] }],
                    }),
                ],
            });
            const { status, body, headers } = await mesh().atGateway();
            assert.deepEqual([status, body, headers.server], [403, "RBAC: access denied", "istio-envoy"]);
            assert.equal((await mesh().fromCaller()).status, 201);
        });
    });

    describe("mTLS", () => {
        it("permissive takes both; a certificate of another authority is refused in every mode", async () => {
            const other = await TestAuthority.create();
            const stranger = await other.issue("spiffe://cluster.local/ns/shop/sa/caller");
            const clients = [
                new Client(),
                new Client(await mesh().playground.identity("shop", "caller")),
                new Client(stranger),
            ];
            const outcomes = async () => {
                const all: string[] = [];
                for (const client of clients) {
                    all.push(await outcome(client.call({ address: mesh().sample.address })));
                }
                clients.forEach((client) => client.close());
                return all.map((each) => (/^\d+$/.test(each) ? each : "refused"));
            };
            await mesh().apply(mtls([{ mtls: { mode: "PERMISSIVE" } }]));
            assert.deepEqual(await outcomes(), ["201", "201", "refused"]);
            await mesh().apply(mtls([{ mtls: {} }]));
            assert.deepEqual(await outcomes(), ["refused", "201", "refused"]);
            await mesh().apply(mtls([]));
            assert.deepEqual(await outcomes(), ["201", "refused", "refused"]);
        });

        it("a client that sends plain text to who wants mTLS, and the other way round: 503", async () => {
            await mesh().apply(mtls([{ mtls: {} }], "DISABLE"));
            assert.equal((await mesh().fromCaller()).status, 503);
            await mesh().apply(mtls([]));
            assert.equal((await mesh().fromCaller()).status, 503);
        });

        it("a service without sidecar needs its own rule, then it is reached in plain text", async () => {
            await mesh().apply(mtls([{ mtls: {} }]));
            assert.equal((await mesh().fromCaller({ host: "legacy.office:8080" })).status, 503);
            const { destinationRules = [] } = mtls([]);
            const exception = object("DestinationRule", "office", "legacy", {
                host: "legacy",
                trafficPolicy: { tls: { mode: "DISABLE" } },
            });
            await mesh().apply({ destinationRules: [...destinationRules, exception] });
            assert.equal((await mesh().fromCaller({ host: "legacy.office:8080" })).status, 201);
        });

        it("where the mesh does so by itself: with a sidecar mTLS, without one plain text", async () => {
            await mesh().apply({
                controlPlane: { name: "test", namespace: "istio-system", autoMtls: true },
                ...mtls([{ mtls: {} }]),
            });
            await mesh().apply({ destinationRules: [] });
            assert.equal((await mesh().fromCaller()).status, 201);
            assert.equal((await mesh().fromCaller({ host: "legacy.office:8080" })).status, 201);
        });

        it("only who has the service's identity is believed to be the service", async () => {
            await mesh().apply(mtls([{ mtls: {} }]));
            assert.equal((await mesh().fromCaller()).status, 201);
            // The same pod, but said to run as somebody else than its certificate says.
            const workloads = mesh().playground.now.workloads.map((each) =>
                each.pod === "sample" ? { ...each, serviceAccount: "impostor" } : each,
            );
            await mesh().apply({ workloads });
            assert.equal((await mesh().fromCaller()).status, 503);
        });
    });

    it("Envoy's own validation finds nothing to say about any of it", async () => {
        await mesh().apply({
            ...mtls([{ mtls: {} }]),
            ...exposed({ timeout: "1s", retries: { attempts: 1, retryOn: "5xx,404" }, rewrite: { authority: "a" } }),
            authorizationPolicies: [object("AuthorizationPolicy", "shop", "p", { action: "CUSTOM" })],
        });
        const { playground, ingress, sample } = mesh();
        for (const workload of [ingress, sample]) {
            const translation = translate(playground.now, workload, playground.files(workload));
            assert.equal(await playground.validate(translation, workload.pod), "");
        }
        const broken = translate(playground.now, sample, { ...playground.files(sample), cert: "/nowhere.pem" });
        assert.match(await playground.validate(broken, "broken"), /nowhere\.pem/);
    });
});
