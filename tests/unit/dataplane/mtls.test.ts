import assert from "node:assert/strict";
import type { MeshView, Workload } from "../../../lab/dataplane/translate";
import { caller, cluster, ingress, listener, object, sample, service, workload } from "./objects";

type Patch = Partial<MeshView>;

/** The ways in which a port can be reached. */
function taken(patch: Patch, self: Workload = sample, port = 8080): string[] {
    return listener(`inbound|${port}`, patch, self).filter_chains.map(({ name }: any) => name);
}

const STRICT = ["mtls"];
const BOTH = ["mtls", "plain"];
const PLAIN = ["plain"];

const meshWide = (peers: unknown[]): Patch => ({
    meshPolicies: [object("ServiceMeshPolicy", "istio-system", "default", { peers })],
});
const namespaceWide = (peers: unknown[], more: object = {}, name = "default"): Patch => ({
    policies: [object("Policy", "shop", name, { peers, ...more })],
});
const peer = (namespace: string, spec: object) => object("PeerAuthentication", namespace, "p", spec);
const mode = (written: string) => ({ mtls: { mode: written } });
const forSample = { selector: { matchLabels: { app: "sample" } } };

describe("translator: what a workload takes from its peers", () => {
    const rows: [title: string, patch: Patch, expected: string[]][] = [
        ["nothing said", {}, BOTH],
        ["1.1, mTLS on", meshWide([{ mtls: {} }]), STRICT],
        ["1.1, mTLS on, as YAML often has it", meshWide([{ mtls: null }]), STRICT],
        ["1.1, mTLS off", meshWide([{ mtls: { mode: "PERMISSIVE" } }]), BOTH],
        ["1.1, strict by name", meshWide([{ mtls: { mode: "STRICT" } }]), STRICT],
        ["1.1, no peers", meshWide([]), PLAIN],
        ["1.1, a mesh policy of another namespace", {
            meshPolicies: [object("ServiceMeshPolicy", "shop", "default", { peers: [{ mtls: {} }] })],
        }, BOTH],
        ["1.1, a namespace over the mesh", { ...meshWide([{ mtls: {} }]), ...namespaceWide([]) }, PLAIN],
        ["1.1, a service over the namespace", {
            policies: [
                object("Policy", "shop", "default", { peers: [{ mtls: {} }] }),
                object("Policy", "shop", "s", { targets: [{ name: "sample" }], peers: [] }),
            ],
        }, PLAIN],
        ["1.1, another service", {
            ...meshWide([{ mtls: {} }]),
            ...namespaceWide([], { targets: [{ name: "caller" }] }, "c"),
        }, STRICT],
        ["1.1, a port of the service", {
            ...meshWide([{ mtls: {} }]),
            ...namespaceWide([], { targets: [{ name: "sample", ports: [{ number: 8080 }] }] }, "s"),
        }, PLAIN],
        ["1.1, a port by name", {
            ...meshWide([{ mtls: {} }]),
            ...namespaceWide([], { targets: [{ name: "sample", ports: [{ name: "http" }] }] }, "s"),
        }, PLAIN],
        ["1.1, another port", {
            ...meshWide([{ mtls: {} }]),
            ...namespaceWide([], { targets: [{ name: "sample", ports: [{ number: 80 }] }] }, "s"),
        }, STRICT],
        ["the mesh, strict", { peerAuthentications: [peer("istio-system", mode("STRICT"))] }, STRICT],
        ["the mesh, permissive", { peerAuthentications: [peer("istio-system", mode("PERMISSIVE"))] }, BOTH],
        ["the mesh, disabled", { peerAuthentications: [peer("istio-system", mode("DISABLE"))] }, PLAIN],
        ["the mesh, a selector there stays there", {
            peerAuthentications: [peer("istio-system", { ...forSample, ...mode("STRICT") })],
        }, BOTH],
        ["a namespace over the mesh", {
            peerAuthentications: [peer("istio-system", mode("STRICT")), peer("shop", mode("DISABLE"))],
        }, PLAIN],
        ["another namespace", { peerAuthentications: [peer("office", mode("STRICT"))] }, BOTH],
        ["a workload over the namespace", {
            peerAuthentications: [peer("shop", mode("DISABLE")), peer("shop", { ...forSample, ...mode("STRICT") })],
        }, STRICT],
        ["unset is left to the namespace", {
            peerAuthentications: [peer("shop", mode("STRICT")), peer("shop", { ...forSample, ...mode("UNSET") })],
        }, STRICT],
        ["a port over the workload", {
            peerAuthentications: [
                peer("shop", { ...forSample, ...mode("STRICT"), portLevelMtls: { "8080": { mode: "DISABLE" } } }),
            ],
        }, PLAIN],
        ["another port", {
            peerAuthentications: [
                peer("shop", { ...forSample, ...mode("STRICT"), portLevelMtls: { "9090": { mode: "DISABLE" } } }),
            ],
        }, STRICT],
        ["of two the older one", {
            peerAuthentications: [peer("shop", mode("STRICT")), peer("shop", mode("DISABLE"))],
        }, STRICT],
    ];
    for (const [title, patch, expected] of rows) {
        it(title, () => assert.deepEqual(taken(patch), expected));
    }

    it("strict asks for a certificate of the mesh's own authority", () => {
        const [{ transport_socket, filter_chain_match }] = listener("inbound|8080", meshWide([{ mtls: {} }])).filter_chains;
        assert.deepEqual(filter_chain_match, { transport_protocol: "tls" });
        assert.equal(transport_socket.typed_config.require_client_certificate, true);
        assert.deepEqual(transport_socket.typed_config.common_tls_context.validation_context, {
            trusted_ca: { filename: "/p/ca.pem" },
        });
    });

    it("between the modes only filter chains differ: Envoy can then keep the port open", () => {
        const rest = (patch: Patch) => ({ ...listener("inbound|8080", patch), filter_chains: undefined });
        assert.deepEqual(rest(meshWide([{ mtls: {} }])), rest(meshWide([])));
        assert.deepEqual(rest(meshWide([{ mtls: {} }])), rest({}));
    });
});

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
        ["an exception for one service", [
            rule("istio-system", "*.local", "ISTIO_MUTUAL"),
            rule("istio-system", "sample.shop.svc.cluster.local", "DISABLE"),
        ], false],
        ["the most specific, whatever its age", [
            rule("shop", "sample.shop.svc.cluster.local", "ISTIO_MUTUAL"),
            rule("shop", "*.shop.svc.cluster.local", "DISABLE"),
            rule("shop", "*", "DISABLE"),
        ], true],
        ["the client's namespace before the root", [
            rule("istio-system", "sample.shop.svc.cluster.local", "DISABLE"),
            rule("shop", "*.local", "ISTIO_MUTUAL"),
        ], true],
        ["of two for one host the older one", [rule("shop", "sample", "ISTIO_MUTUAL"), rule("shop", "sample", "DISABLE")], true],
        ["of two for one host the one that says something", [rule("shop", "sample"), rule("shop", "sample", "ISTIO_MUTUAL")], true],
        ["a rule that says nothing still decides", [
            rule("istio-system", "*.local", "ISTIO_MUTUAL"),
            rule("shop", "sample"),
        ], false],
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
            controlPlane: { namespace: "istio-system", autoMtls: true },
            services: [service("shop", "web")],
            workloads: pods,
            ...more,
        });
        const marked = (more: Patch) =>
            cluster("outbound|8080||web.shop.svc.cluster.local", patch(more)).load_assignment.endpoints[0].lb_endpoints.map(
                ({ metadata }: any) => metadata?.filter_metadata["envoy.transport_socket_match"].tlsMode,
            );
        assert.deepEqual(marked({}), ["istio", undefined]);
        assert.deepEqual(marked({ peerAuthentications: [peer("shop", mode("DISABLE"))] }), [undefined, undefined]);
        const { transport_socket_matches } = cluster("outbound|8080||web.shop.svc.cluster.local", patch({}));
        assert.deepEqual(
            transport_socket_matches.map(({ match }: any) => match),
            [{ tlsMode: "istio" }, {}],
        );
    });
});
