import assert from "node:assert/strict";
import type { MeshView, Workload } from "../../../lab/dataplane/translate";
import { listener, object, sample } from "./objects";

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
        [
            "1.1, a mesh policy of another namespace",
            {
                meshPolicies: [object("ServiceMeshPolicy", "shop", "default", { peers: [{ mtls: {} }] })],
            },
            BOTH,
        ],
        ["1.1, a namespace over the mesh", { ...meshWide([{ mtls: {} }]), ...namespaceWide([]) }, PLAIN],
        [
            "1.1, a service over the namespace",
            {
                policies: [
                    object("Policy", "shop", "default", { peers: [{ mtls: {} }] }),
                    object("Policy", "shop", "s", { targets: [{ name: "sample" }], peers: [] }),
                ],
            },
            PLAIN,
        ],
        [
            "1.1, another service",
            {
                ...meshWide([{ mtls: {} }]),
                ...namespaceWide([], { targets: [{ name: "caller" }] }, "c"),
            },
            STRICT,
        ],
        [
            "1.1, a port of the service",
            {
                ...meshWide([{ mtls: {} }]),
                ...namespaceWide([], { targets: [{ name: "sample", ports: [{ number: 8080 }] }] }, "s"),
            },
            PLAIN,
        ],
        [
            "1.1, a port by name",
            {
                ...meshWide([{ mtls: {} }]),
                ...namespaceWide([], { targets: [{ name: "sample", ports: [{ name: "http" }] }] }, "s"),
            },
            PLAIN,
        ],
        [
            "1.1, another port",
            {
                ...meshWide([{ mtls: {} }]),
                ...namespaceWide([], { targets: [{ name: "sample", ports: [{ number: 80 }] }] }, "s"),
            },
            STRICT,
        ],
        ["the mesh, strict", { peerAuthentications: [peer("istio-system", mode("STRICT"))] }, STRICT],
        ["the mesh, permissive", { peerAuthentications: [peer("istio-system", mode("PERMISSIVE"))] }, BOTH],
        ["the mesh, disabled", { peerAuthentications: [peer("istio-system", mode("DISABLE"))] }, PLAIN],
        [
            "the mesh, a selector there stays there",
            {
                peerAuthentications: [peer("istio-system", { ...forSample, ...mode("STRICT") })],
            },
            BOTH,
        ],
        [
            "a namespace over the mesh",
            {
                peerAuthentications: [peer("istio-system", mode("STRICT")), peer("shop", mode("DISABLE"))],
            },
            PLAIN,
        ],
        ["another namespace", { peerAuthentications: [peer("office", mode("STRICT"))] }, BOTH],
        [
            "a workload over the namespace",
            {
                peerAuthentications: [peer("shop", mode("DISABLE")), peer("shop", { ...forSample, ...mode("STRICT") })],
            },
            STRICT,
        ],
        [
            "unset is left to the namespace",
            {
                peerAuthentications: [peer("shop", mode("STRICT")), peer("shop", { ...forSample, ...mode("UNSET") })],
            },
            STRICT,
        ],
        [
            "a port over the workload",
            {
                peerAuthentications: [
                    peer("shop", { ...forSample, ...mode("STRICT"), portLevelMtls: { "8080": { mode: "DISABLE" } } }),
                ],
            },
            PLAIN,
        ],
        [
            "another port",
            {
                peerAuthentications: [
                    peer("shop", { ...forSample, ...mode("STRICT"), portLevelMtls: { "9090": { mode: "DISABLE" } } }),
                ],
            },
            STRICT,
        ],
        [
            "of two the older one",
            {
                peerAuthentications: [peer("shop", mode("STRICT")), peer("shop", mode("DISABLE"))],
            },
            STRICT,
        ],
    ];
    for (const [title, patch, expected] of rows) {
        it(title, () => assert.deepEqual(taken(patch), expected));
    }

    it("strict asks for a certificate of the mesh's own authority", () => {
        const [{ transport_socket, filter_chain_match }] = listener(
            "inbound|8080",
            meshWide([{ mtls: {} }]),
        ).filter_chains;
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
