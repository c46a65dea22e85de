import assert from "node:assert/strict";
import { GENERATION_NAMES, type GenerationName } from "../../../config/generations";
import { problemsOf, sample } from "../config/sample";

const CART = "namespaces.shop.services.cart";
const tls = (mode: string, more: object = {}) => ({ [`${CART}.tls`]: { mode, ...more } });
const certified = (mode: string) => tls(mode, { credential: "cart-tls" });
const tracing = (given: object) => ({ "controlPlane.tracing": given });

/** [what is given, by path; the key that is named; where it is refused, and by what words about what to do instead] */
type Case = [
    what: string,
    parts: Record<string, unknown>,
    key: string,
    refused: Partial<Record<GenerationName, RegExp>>,
    alsoRefusedElsewhere?: true,
];

const MIXER = /who may call a service is its allow and deny/;

const cases: Case[] = [
    [
        "Mixer's policy part",
        { "controlPlane.mixer": { policy: { autoscale: false } } },
        "controlPlane.mixer",
        { "2.6": MIXER, "3": MIXER },
    ],
    [
        "Routes made by the mesh (trap 26)",
        { "controlPlane.routes": "gateways" },
        "controlPlane.routes",
        { "3": /^stack or none/ },
    ],
    [
        "Grafana",
        { "controlPlane.consoles": ["kiali", "grafana"] },
        "controlPlane.consoles[1]",
        { "3": /kiali or jaeger .*OpenShift's own console/ },
    ],
    [
        "Prometheus",
        { "controlPlane.consoles": ["prometheus"] },
        "controlPlane.consoles[0]",
        { "3": /kiali or jaeger .*OpenShift's own monitoring/ },
    ],
    [
        "an egress gateway's size",
        { "controlPlane.gateways": { egress: { autoscale: true } } },
        "controlPlane.gateways.egress.autoscale",
        { "3": /deploy one of your own/ },
    ],
    ["Jaeger", tracing({ backend: "jaeger" }), "controlPlane.tracing.backend", { "3": /^tempo/ }],
    ["Tempo", tracing({ backend: "tempo" }), "controlPlane.tracing.backend", { "1.1": /^jaeger .*2\.6/ }],
    [
        "Elasticsearch",
        tracing({ storage: "elasticsearch" }),
        "controlPlane.tracing.storage",
        { "3": /memory or object/ },
    ],
    [
        "an object storage",
        tracing({ storage: "object", secret: "traces" }),
        "controlPlane.tracing.storage",
        { "1.1": /memory or elasticsearch/, "2.6": /memory or elasticsearch/ },
    ],
    [
        "who is denied",
        { [`${CART}.deny`]: [{ namespaces: ["bank"] }] },
        `${CART}.deny`,
        { "1.1": /^allow: .* no rules that deny/ },
    ],
    [
        "how versions follow each other",
        { "controlPlane.updateStrategy": { type: "InPlace" } },
        "controlPlane.updateStrategy",
        { "1.1": /takes the place of 1\.0/, "2.6": /takes the old one's place/ },
    ],
    ["a roll", { membership: "roll" }, "membership", { "3": /^labels with generation 3/ }],
    ["a member that asks", { membership: "member" }, "membership", { "3": /^labels with generation 3/ }],
    ["a roll by labels", { membership: "selectors" }, "membership", { "1.1": /^roll or member/, "3": /^labels/ }],
    ["labels", { membership: "labels" }, "membership", { "1.1": /^roll or member/, "2.6": /^roll or member or sel/ }],
    [
        "a gateway in a namespace of its own",
        { "controlPlane.gateways": { ingress: { namespace: "way-in" } } },
        "controlPlane.gateways.ingress.namespace",
        { "1.1": /in mesh:controlPlane\.namespace/, "2.6": /in mesh:controlPlane\.namespace/ },
    ],
    [
        "a gateway that stays while nodes are drained",
        { "controlPlane.gateways": { ingress: { replicas: { min: 2 }, minAvailable: 1 } } },
        "controlPlane.gateways.ingress.minAvailable",
        { "1.1": /PodDisruptionBudget yourself/, "2.6": /PodDisruptionBudget yourself/ },
    ],
    [
        "a gateway on different nodes",
        { "controlPlane.gateways": { ingress: { antiAffinity: "required" } } },
        "controlPlane.gateways.ingress.antiAffinity",
        { "1.1": /^none with generation 1\.1; .* generation 3/, "2.6": /^none with generation 2\.6; .* generation 3/ },
    ],
    [
        "a gateway by the Gateway API",
        { "controlPlane.gateways": { ingress: { api: "gateway-api" } } },
        "controlPlane.gateways.ingress.api",
        { "1.1": /^istio with generation 1\.1; .* before generation 3/, "2.6": /^istio with generation 2\.6; / },
    ],
    ["re-encryption", certified("reencrypt"), `${CART}.tls.mode`, { "1.1": /^edge: / }],
    ["passthrough", certified("passthrough"), `${CART}.tls.mode`, { "1.1": /^edge: / }],
    [
        "TLS that ends at the router, with Routes by the mesh",
        { ...tls("edge"), "controlPlane.routes": "gateways" },
        `${CART}.tls.mode`,
        { "1.1": /mesh:controlPlane\.routes: stack/, "2.6": /mesh:controlPlane\.routes: stack/ },
        true,
    ],
    [
        "re-encryption, with Routes by the mesh",
        { ...certified("reencrypt"), "controlPlane.routes": "gateways" },
        `${CART}.tls.mode`,
        { "2.6": /mesh:controlPlane\.routes: stack/ },
        true,
    ],
    ...(
        [
            ["v1.1", { "2.6": /^v2\.6 or v2\.5/, "3": /v1\.27\.9/ }],
            ["v2.6", { "1.1": /^v1\.1 or v1\.0/, "3": /v1\.27\.9/ }],
            ["v1.27.9", { "1.1": /^v1\.1 or v1\.0/, "2.6": /^v2\.6 or v2\.5/ }],
            ["v1.27-latest", { "1.1": /^v1\.1 or v1\.0/, "2.6": /^v2\.6 or v2\.5/ }],
        ] as const
    ).map(([version, refused]): Case => [
        `version ${version}`,
        { "controlPlane.version": version },
        "controlPlane.version",
        refused,
    ]),
    [
        "an operator for traces in Tempo",
        { "operators.tempo": { channel: "stable" } },
        "operators.tempo",
        { "1.1": /does not need .* tempo/, "2.6": /does not need .* backend: tempo/ },
    ],
    [
        "an operator for traces in Jaeger",
        { "operators.jaeger": { channel: "stable" } },
        "operators.jaeger",
        { "3": /does not need .* backend: jaeger/ },
    ],
    [
        "an operator for Elasticsearch, which keeps nothing",
        { "operators.elasticsearch": { approval: "Manual" } },
        "operators.elasticsearch",
        { "2.6": /storage: elasticsearch/, "3": /storage: elasticsearch/ },
    ],
];

describe("what a generation cannot honour is refused by name, with what to use instead", () => {
    for (const generation of GENERATION_NAMES) {
        describe(`generation ${generation}`, () => {
            for (const [what, parts, key, refused, elsewhere] of cases) {
                const words = refused[generation];
                if (words === undefined && elsewhere) {
                    continue;
                }
                it(`${words === undefined ? "takes" : "refuses"} ${what}`, () => {
                    const problems = problemsOf(sample({ controlPlane: {}, ...parts, generation }));
                    const named = problems.filter((problem) => problem.key === `mesh:${key}`);
                    if (words === undefined) {
                        assert.deepEqual(problems, []);
                        return;
                    }
                    assert.equal(named.length, 1, JSON.stringify(problems));
                    assert.match(named[0].allowed, words);
                });
            }
        });
    }

    it("and each is known to at least one generation", () => {
        for (const [what, , , refused, elsewhere] of cases) {
            assert.ok(elsewhere || Object.keys(refused).length < GENERATION_NAMES.length, what);
        }
    });
});
