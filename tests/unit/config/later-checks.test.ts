import assert from "node:assert/strict";
import { describeProblem } from "../../../config/problems";
import { IMAGE, problemsOf, sample } from "./sample";

/** [what is given, by path; the keys that are named, all of them; part of what is said] */
type Case = [what: string, parts: Record<string, unknown>, keys: string[], said?: RegExp];

const CART = "namespaces.shop.services.cart";
const STOCK = "namespaces.shop.services.stock";
const LEDGER = "namespaces.bank.services.ledger";
const GATEWAY = "controlPlane.gateways.ingress.namespace";
const MEMBER = { services: { a: { image: IMAGE } } };
const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

const tls = (given: object) => ({ [`${CART}.tls`]: given });
const deny = (rule: object, mtls = "strict") => ({ [`${CART}.deny`]: [rule], "controlPlane.mtls": mtls });
const ingress = (given: object) => ({ "controlPlane.gateways": { ingress: given } });
const reencrypted = (credential: string, host?: string) => ({
    image: IMAGE,
    ...(host === undefined ? {} : { host }),
    tls: { mode: "reencrypt", credential },
});

const cases: Case[] = [
    ["edge", tls({ mode: "edge" }), []],
    ["edge, in plain HTTP too", tls({ mode: "edge", insecure: "allow" }), []],
    ["passthrough", tls({ mode: "passthrough", credential: "cart-tls" }), []],
    ["re-encryption", tls({ mode: "reencrypt", credential: "cart-tls", destinationCA: PEM }), []],
    ["TLS without a mode", tls({}), [`${CART}.tls.mode`]],
    ["TLS without a host", { [`${STOCK}.tls`]: { mode: "edge" } }, [`${STOCK}.tls`], /only with a host/],
    ["passthrough without a certificate", tls({ mode: "passthrough" }), [`${CART}.tls.credential`], /gateway's cert/],
    ["re-encryption without a certificate", tls({ mode: "reencrypt" }), [`${CART}.tls.credential`]],
    [
        "edge with a certificate",
        tls({ mode: "edge", credential: "cart-tls" }),
        [`${CART}.tls.credential`],
        /router's own certificate/,
    ],
    [
        "an authority that nobody asks",
        tls({ mode: "edge", destinationCA: PEM }),
        [`${CART}.tls.destinationCA`],
        /only with reencrypt/,
    ],
    [
        "an authority that is none",
        tls({ mode: "reencrypt", credential: "x", destinationCA: "x" }),
        [`${CART}.tls.destinationCA`],
    ],
    [
        "passthrough, in plain HTTP too",
        tls({ mode: "passthrough", credential: "cart-tls", insecure: "allow" }),
        [`${CART}.tls.insecure`],
        /redirect or none/,
    ],
    [
        "edge without Routes",
        { ...tls({ mode: "edge" }), "controlPlane.routes": "none" },
        [`${CART}.tls.mode`],
        /mesh:controlPlane\.routes: stack/,
    ],
    [
        "passthrough without Routes, for Routes of one's own",
        { ...tls({ mode: "passthrough", credential: "cart-tls" }), "controlPlane.routes": "none" },
        [],
    ],
    [
        "two certificates where one is shown",
        { ...tls({ mode: "reencrypt", credential: "a" }), [STOCK]: reencrypted("b", "stock.apps.example.com") },
        [`${STOCK}.tls.credential`],
        /a, as for cart/,
    ],
    [
        "re-encryption in two namespaces",
        { ...tls({ mode: "reencrypt", credential: "a" }), [LEDGER]: reencrypted("a", "ledger.apps.example.com") },
        [`${CART}.tls.mode`],
        /only one namespace can have reencrypt, and bank has/,
    ],
    ["denied by identity", deny({ services: ["stock"] }), []],
    ["denied at the gateway", deny({ gateway: true, paths: ["/internal/*"] }), []],
    [
        "a gateway in a namespace that it is not in",
        deny({ gateway: true, namespaces: ["shop"] }),
        [`${CART}.deny[0].gateway`],
        /in a rule of its own/,
    ],
    ["denied by nothing", deny({}), [`${CART}.deny[0]`], /for everybody write allow: \[\]/],
    ["denied by something that is not so", deny({ gateway: false }), [`${CART}.deny[0]`]],
    [
        "denied by a service that does not exist",
        deny({ services: ["stok"] }),
        [`${CART}.deny[0].services[0]`],
        /mean stock/,
    ],
    [
        "denied by identity where some have none",
        deny({ namespaces: ["bank"] }, "permissive"),
        [`${CART}.deny[0].namespaces`],
        /callers in plain text have no identity/,
    ],
    ["denied by path where some have no identity", deny({ paths: ["/internal/*"] }, "permissive"), []],
    [
        "denied by identity where nobody has one",
        deny({ gateway: true }, "off"),
        [`${CART}.deny[0].gateway`],
        /mtls is off/,
    ],
    [
        "an object storage without a Secret",
        { "controlPlane.tracing": { backend: "tempo", storage: "object" } },
        ["controlPlane.tracing.secret"],
    ],
    [
        "a Secret for no object storage",
        { "controlPlane.tracing": { secret: "traces" } },
        ["controlPlane.tracing.secret"],
        /only with storage: object/,
    ],
    [
        "what kind it is of, and how much, likewise",
        { "controlPlane.tracing": { secretType: "azure", size: "20Gi" } },
        ["controlPlane.tracing.secretType", "controlPlane.tracing.size"],
    ],
    [
        "a console for traces that nobody takes",
        { "controlPlane.tracing": { enabled: false }, "controlPlane.consoles": ["jaeger"] },
        ["controlPlane.consoles[0]"],
        /tracing is enabled/,
    ],
    ["no traces, and the consoles that are left", { "controlPlane.tracing": { enabled: false } }, []],
    [
        "fewer pods at most than at least",
        ingress({ replicas: { min: 3, max: 2 } }),
        ["controlPlane.gateways.ingress.replicas.max"],
        /at least/,
    ],
    [
        "a limit to what does not grow",
        ingress({ autoscale: false, replicas: { max: 2 } }),
        ["controlPlane.gateways.ingress.replicas.max"],
        /autoscale is not false/,
    ],
    [
        "more requested than allowed, for the gateway",
        ingress({ requests: { cpu: "2" }, limits: { cpu: "1" } }),
        ["controlPlane.gateways.ingress.requests.cpu"],
    ],
];

describe("cross-checks of what later generations know", () => {
    for (const [what, parts, keys, said] of cases) {
        it(what, () => {
            const problems = problemsOf(sample({ generation: "2.6", ...parts }));
            assert.deepEqual(
                problems.map(({ key }) => key).sort(),
                keys.map((key) => `mesh:${key}`).sort(),
                JSON.stringify(problems),
            );
            if (said !== undefined) {
                assert.match(problems.map((p) => `${describeProblem(p)} ${p.allowed}`).join("\n"), said);
            }
        });
    }

    it("a gateway of which more stay than there are could never be drained", () => {
        const problems = problemsOf(sample({ generation: "3", ...ingress({ minAvailable: 1 }) }));
        assert.deepEqual(
            problems.map(({ key }) => key),
            ["mesh:controlPlane.gateways.ingress.minAvailable"],
        );
    });

    it("nor a service of which more stay than there are; one that is others' is others' to keep", () => {
        const keys = (service: object) =>
            problemsOf(sample({ "namespaces.bank.services.ledger": service })).map(({ key }) => key);
        const at = "mesh:namespaces.bank.services.ledger";
        const own = { image: "registry.example.com/ledger:1", antiAffinity: "preferred" };
        assert.deepEqual(keys({ ...own, minAvailable: 1 }), [`${at}.minAvailable`]);
        assert.deepEqual(keys({ ...own, minAvailable: 1, replicas: 2 }), []);
        assert.deepEqual(keys({ existing: "Deployment", minAvailable: 1, antiAffinity: "required" }), [
            `${at}.minAvailable`,
            `${at}.antiAffinity`,
        ]);
    });

    const homes: [what: string, parts: Record<string, unknown>, key: string][] = [
        ["the control plane's", { [GATEWAY]: "istio-system" }, GATEWAY],
        ["the CNI plugin's", { [GATEWAY]: "istio-cni" }, GATEWAY],
        ["the platform's", { [GATEWAY]: "openshift-ingress" }, GATEWAY],
        ["a member", { [GATEWAY]: "shop" }, "namespaces.shop"],
        [
            "a member, by default",
            { "controlPlane.namespace": "mesh", "namespaces.mesh-ingress": MEMBER },
            "namespaces.mesh-ingress",
        ],
        ["the CNI plugin's, as a control plane's", { "controlPlane.namespace": "istio-cni" }, "controlPlane.namespace"],
        ["the CNI plugin's, as a member", { "namespaces.istio-cni": MEMBER }, "namespaces.istio-cni"],
    ];
    for (const [what, parts, key] of homes) {
        it(`each namespace is for one thing: ${what}`, () => {
            const keys = problemsOf(sample({ generation: "3", ...parts })).map((problem) => problem.key);
            assert.deepEqual(keys, [`mesh:${key}`]);
        });
    }

    it("a control plane whose Kiali would have a name that its operator refuses", () => {
        const long = { generation: "3", "controlPlane.name": "x".repeat(35) };
        const [problem, ...others] = problemsOf(sample(long));
        assert.deepEqual(others, []);
        assert.match(problem.allowed, /at most 34 characters/);
        assert.deepEqual(problemsOf(sample({ ...long, "controlPlane.consoles": [] })), []);
        const suffixed = { ...long, "controlPlane.name": "x".repeat(27), uniqueNames: true };
        assert.match(problemsOf(sample(suffixed))[0].allowed, /at most 26 characters/);
    });

    it("a namespace after which the gateway's would have too long a name", () => {
        const parts = { generation: "3", "controlPlane.namespace": "n".repeat(56) };
        const keys = (more: object) => problemsOf(sample({ ...parts, ...more })).map(({ key }) => key);
        assert.deepEqual(keys({}), ["mesh:controlPlane.namespace"]);
        assert.deepEqual(keys({ [GATEWAY]: "way-in" }), []);
    });

    it("a version of the right kind, with the generation that it is of", () => {
        const versions = { "1.1": "v1.0", "2.6": "v2.5", "3": "v1.27-latest" };
        for (const [generation, version] of Object.entries(versions)) {
            assert.deepEqual(problemsOf(sample({ generation, "controlPlane.version": version })), []);
        }
    });
});
