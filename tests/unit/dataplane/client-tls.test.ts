import assert from "node:assert/strict";
import type { MeshView, Workload } from "../../../lab/dataplane/translate";
import { caller, cluster, ingress, object, service, workload } from "./objects";

type Patch = Partial<MeshView>;

describe("translator: how a client speaks to a service", () => {
    const NAME = "outbound|8080||sample.shop.svc.cluster.local";
    const rule = (namespace: string, host: string, tls?: string, more: object = {}) =>
        object("DestinationRule", namespace, "r", {
            host,
            ...(tls === undefined ? {} : { trafficPolicy: { tls: { mode: tls } } }),
            ...more,
        });
    const usesMtls = (destinationRules: ReturnType<typeof rule>[], self: Workload = caller): boolean =>
        cluster(NAME, { destinationRules }, self).transport_socket !== undefined;

    const rows: [title: string, rules: ReturnType<typeof rule>[], expected: boolean][] = [
        ["nothing said", [], false],
        ["1.1, mTLS on: *.local in the root namespace", [rule("istio-system", "*.local", "ISTIO_MUTUAL")], true],
        ["2.x, mTLS on: *.cluster.local", [rule("istio-system", "*.cluster.local", "ISTIO_MUTUAL")], true],
        ["a short name is of the rule's own namespace", [rule("shop", "sample", "ISTIO_MUTUAL")], true],
        ["another service", [rule("shop", "caller", "ISTIO_MUTUAL")], false],
        [
            "an exception for one service",
            [
                rule("istio-system", "*.local", "ISTIO_MUTUAL"),
                rule("istio-system", "sample.shop.svc.cluster.local", "DISABLE"),
            ],
            false,
        ],
        [
            "the most specific, whatever its age",
            [
                rule("shop", "sample.shop.svc.cluster.local", "ISTIO_MUTUAL"),
                rule("shop", "*.shop.svc.cluster.local", "DISABLE"),
                rule("shop", "*", "DISABLE"),
            ],
            true,
        ],
        [
            "the client's namespace before the root",
            [rule("istio-system", "sample.shop.svc.cluster.local", "DISABLE"), rule("shop", "*.local", "ISTIO_MUTUAL")],
            true,
        ],
        [
            "of two for one host the older one",
            [rule("shop", "sample", "ISTIO_MUTUAL"), rule("shop", "sample", "DISABLE")],
            true,
        ],
        [
            "of two for one host the one that says something",
            [rule("shop", "sample"), rule("shop", "sample", "ISTIO_MUTUAL")],
            true,
        ],
        [
            "a port has settings of its own",
            [
                rule("shop", "sample", "DISABLE", {
                    trafficPolicy: {
                        tls: { mode: "DISABLE" },
                        portLevelSettings: [{ port: { number: 8080 }, tls: { mode: "ISTIO_MUTUAL" } }],
                    },
                }),
            ],
            true,
        ],
        [
            "another port has, or this one has none of TLS: nothing is inherited then",
            [
                rule("shop", "sample", "ISTIO_MUTUAL", {
                    trafficPolicy: {
                        tls: { mode: "ISTIO_MUTUAL" },
                        portLevelSettings: [
                            { port: { number: 9090 }, tls: { mode: "ISTIO_MUTUAL" } },
                            { port: { number: 8080 } },
                        ],
                    },
                }),
            ],
            false,
        ],
        [
            "a rule that says nothing still decides",
            [rule("istio-system", "*.local", "ISTIO_MUTUAL"), rule("shop", "sample")],
            false,
        ],
    ];
    for (const [title, rules, expected] of rows) {
        it(title, () => assert.equal(usesMtls(rules), expected));
    }

    it("the service's namespace before the root, for clients of elsewhere", () => {
        const rules = [rule("shop", "sample", "ISTIO_MUTUAL"), rule("istio-system", "*.local", "DISABLE")];
        assert.equal(usesMtls(rules, workload("office", "clerk")), true);
        assert.equal(usesMtls(rules, ingress), true);
    });

    it("what a rule is exported to", () => {
        const clerk = workload("office", "clerk");
        const at = (exportTo: string[], self: Workload) =>
            usesMtls([rule("shop", "sample", "ISTIO_MUTUAL", { exportTo })], self);
        assert.deepEqual([at(["."], caller), at(["."], clerk)], [true, false]);
        assert.deepEqual([at(["*"], clerk), at(["office"], clerk), at(["other"], clerk)], [true, true, false]);
    });

    it("shows its own certificate, and speaks only to who runs the service", () => {
        const destinationRules = [rule("istio-system", "*.local", "ISTIO_MUTUAL")];
        const { sni, common_tls_context } = cluster(NAME, { destinationRules }).transport_socket.typed_config;
        assert.equal(sni, "outbound_.8080_._.sample.shop.svc.cluster.local");
        assert.deepEqual(common_tls_context.tls_certificates, [
            { certificate_chain: { filename: "/p/cert.pem" }, private_key: { filename: "/p/key.pem" } },
        ]);
        assert.deepEqual(common_tls_context.validation_context.match_typed_subject_alt_names, [
            { san_type: "URI", matcher: { exact: "spiffe://cluster.local/ns/shop/sa/sample" } },
        ]);
    });

    it("by itself, where the mesh does so: mTLS to who answers it, plain text to who does not", () => {
        const pods = [
            workload("shop", "with", { labels: { app: "web" }, address: "127.20.1.1" }),
            workload("shop", "without", { labels: { app: "web" }, address: "127.20.1.2", sidecar: false }),
        ];
        const patch = (more: Patch): Patch => ({
            controlPlane: { name: "test", namespace: "istio-system", autoMtls: true },
            services: [service("shop", "web")],
            workloads: pods,
            ...more,
        });
        const marked = (more: Patch) =>
            cluster(
                "outbound|8080||web.shop.svc.cluster.local",
                patch(more),
            ).load_assignment.endpoints[0].lb_endpoints.map(
                ({ metadata }: any) => metadata?.filter_metadata["envoy.transport_socket_match"].tlsMode,
            );
        assert.deepEqual(marked({}), ["istio", undefined]);
        assert.deepEqual(
            marked({ peerAuthentications: [object("PeerAuthentication", "shop", "p", { mtls: { mode: "DISABLE" } })] }),
            [undefined, undefined],
        );
        const { transport_socket_matches } = cluster("outbound|8080||web.shop.svc.cluster.local", patch({}));
        assert.deepEqual(
            transport_socket_matches.map(({ match }: any) => match),
            [{ tlsMode: "istio" }, {}],
        );
    });
});
