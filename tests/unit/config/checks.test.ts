import assert from "node:assert/strict";
import { loadConfig } from "../../../config/load";
import type { ConfigError } from "../../../config/problems";
import { IMAGE, problemsOf, sample } from "./sample";

/** [what is given, by path; the keys that are named, all of them; part of what is said] */
type Case = [what: string, parts: Record<string, unknown>, keys: string[], said?: RegExp];

const CART = "namespaces.shop.services.cart";
const allow = (rule: object) => ({ [`${CART}.allow`]: [rule] });
const LONG = "n".repeat(60);
const GIT = "https://git.example.com/shop/cart.git";

const cases: Case[] = [
    [
        "two services with one host",
        { "namespaces.bank.services.ledger.host": "cart.apps.example.com" },
        [`${CART}.host`],
        /bank\/ledger/,
    ],
    [
        "two services with one host, one of them as a bare label",
        { appsDomain: "apps.example.com", "namespaces.bank.services.ledger.host": "cart" },
        [`${CART}.host`],
    ],
    [
        "a host outside the domain that is configured",
        { appsDomain: "apps.exmaple.com" },
        [`${CART}.host`],
        / is not under mesh:appsDomain apps\.exmaple\.com; did you mean cart\.apps\.exmaple\.com\?/,
    ],
    [
        "neither image nor build nor existing",
        { [`${CART}.image`]: undefined },
        [CART],
        /neither image nor build nor existing/,
    ],
    ["both image and existing", { [`${CART}.existing`]: "Deployment" }, [CART], /both image and existing/],
    ["both image and build", { [`${CART}.build`]: { git: GIT } }, [CART], /both image and build/],
    [
        "all three",
        { [`${CART}.build`]: { git: GIT }, [`${CART}.existing`]: "Deployment" },
        [CART],
        /both image and build and existing/,
    ],
    [
        "settings that an existing workload would not get",
        { [CART]: { existing: "Deployment", host: "cart.apps.example.com", replicas: 2, properties: { a: "b" } } },
        [`${CART}.properties`, `${CART}.replicas`],
        /only with image or build/,
    ],
    [
        "a member without services",
        { "namespaces.bank.services": {} },
        ["namespaces.bank.services"],
        /at least one service/,
    ],
    [
        "a policy for a service that does not exist",
        allow({ services: ["stok"] }),
        [`${CART}.allow[0].services[0]`],
        /mean stock\?/,
    ],
    [
        "a policy for a service of another namespace",
        allow({ services: ["ledger"] }),
        [`${CART}.allow[0].services[0]`],
        /bank\/ledger/,
    ],
    ["a policy for a service in an unknown namespace", allow({ services: ["a/b"] }), [`${CART}.allow[0].services[0]`]],
    [
        "a caller whose ServiceAccount is not known",
        { ...allow({ services: ["stock"] }), "namespaces.shop.services.stock": { existing: "DeploymentConfig" } },
        [`${CART}.allow[0].services[0]`],
        /by principals/,
    ],
    [
        "a rule that can never hold",
        allow({ namespaces: ["shop"], services: ["bank/ledger"] }),
        [`${CART}.allow[0].services[0]`],
        /all parts of a rule must hold/,
    ],
    ["a rule that says nothing", allow({}), [`${CART}.allow[0]`], /allow: anyone/],
    [
        "callers by identity without mutual TLS",
        { ...allow({ namespaces: ["shop"] }), "controlPlane.mtls": "off" },
        [`${CART}.allow[0].namespaces`],
        /mtls is off/,
    ],
    [
        "a slip in a namespace's name",
        allow({ namespaces: ["istio-sytem"] }),
        [`${CART}.allow[0].namespaces[0]`],
        /istio-system\?/,
    ],
    [
        "the control plane's namespace as a member (trap 21)",
        { "namespaces.istio-system": { services: { a: { image: IMAGE } } } },
        ["namespaces.istio-system"],
        /cannot be a member/,
    ],
    [
        "a member of the platform",
        { "namespaces.openshift-x": { services: { a: { image: IMAGE } } } },
        ["namespaces.openshift-x"],
    ],
    ["a member of Kubernetes", { "namespaces.kube-x": { services: { a: { image: IMAGE } } } }, ["namespaces.kube-x"]],
    [
        "a control plane in a namespace of the platform",
        { "controlPlane.namespace": "openshift-operators" },
        ["controlPlane.namespace"],
    ],
    [
        "a secret that is not there",
        { [`${CART}.env`]: { A: { secret: "db" } } },
        [`${CART}.env.A.secret`],
        /config set --secret --path mesh:secrets\.db/,
    ],
    [
        "a misspelt secret",
        { secrets: { "db-password": "x" }, [`${CART}.env`]: { A: { secret: "db-pasword" } } },
        [`${CART}.env.A.secret`],
        /db-password\?/,
    ],
    [
        "a Gateway with a reserved name",
        { "namespaces.shop.gateway": "mesh" },
        ["namespaces.shop.gateway"],
        /every sidecar/,
    ],
    [
        "a Gateway whose default name is too long",
        { [`namespaces.${LONG}`]: { services: { a: { image: IMAGE } } } },
        [`namespaces.${LONG}.gateway`],
    ],
    ["a container named like the sidecar", { [`${CART}.container`]: "istio-proxy" }, [`${CART}.container`]],
    ["a port that the sidecar takes", { [`${CART}.port`]: 15001 }, [`${CART}.port`]],
    [
        "a service named like an account of OpenShift",
        { "namespaces.shop.services.builder": { image: IMAGE } },
        ["namespaces.shop.services.builder"],
    ],
    [
        "more requested than allowed",
        { [`${CART}.requests`]: { cpu: 1 }, [`${CART}.limits`]: { cpu: "500m" } },
        [`${CART}.requests.cpu`],
        /500m/,
    ],
    [
        "more requested than allowed, for the sidecars",
        { "controlPlane.proxy": { requests: { memory: "1Gi" }, limits: { memory: "1G" } } },
        ["controlPlane.proxy.requests.memory"],
    ],
    [
        "a managed Route to a service without a host",
        { [`${CART}.host`]: undefined },
        ["namespaces.shop.existingRoutes.cart"],
        /service cart has a host/,
    ],
    [
        "a managed Route where no service has a host",
        { "namespaces.bank.existingRoutes": { r: "managed" } },
        ["namespaces.bank.existingRoutes.r"],
    ],
    ["a console twice", { "controlPlane.consoles": ["kiali", "kiali"] }, ["controlPlane.consoles[1]"]],
    [
        "a version that the generation does not know",
        { "controlPlane.version": "v2.6" },
        ["controlPlane.version"],
        /v1\.1/,
    ],
    [
        "names that leave no room for a suffix",
        { uniqueNames: true, "namespaces.shop.existingRoutes": {}, [`${CART}.host`]: LONG },
        [`${CART}.host`],
        /room for the suffix/,
    ],
];

describe("cross-checks name every key that does not fit the others, and no other", () => {
    for (const [what, parts, keys, said] of cases) {
        it(what, () => {
            const problems = problemsOf(sample(parts));
            const named = problems.map(({ key }) => key).sort();
            assert.deepEqual(named, keys.map((key) => `mesh:${key}`).sort());
            if (said !== undefined) {
                const text = problems.map(
                    (problem) => `${problem.text ?? problem.found}: ${problem.allowed}; ${problem.hint}`,
                );
                const whole = problems.map((problem) => `${problem.text}; ${problem.hint}`);
                assert.match([...text, ...whole].join("\n"), said);
            }
        });
    }
});

describe("cross-checks see what is left of a configuration whose values are wrong elsewhere", () => {
    it("both kinds of problems are reported at once", () => {
        const problems = problemsOf(
            sample({
                "controlPlane.name": "Basic",
                timeouts: "{",
                [`${CART}.port`]: "x",
                "namespaces.bank.services": {},
            }),
        );
        assert.deepEqual(
            problems.map(({ key }) => key),
            ["mesh:controlPlane.name", `mesh:${CART}.port`, "mesh:namespaces.bank.services", "mesh:timeouts"],
        );
    });

    const alone: [string, Record<string, unknown>, string][] = [
        ["a broken host is not a missing one", { [`${CART}.host`]: "Cart!" }, `${CART}.host`],
        ["a broken image is not a missing one", { [`${CART}.image`]: "!" }, `${CART}.image`],
        [
            "a broken service is not an unknown one",
            { ...allow({ services: ["stock"] }), "namespaces.shop.services.stock": [] },
            "namespaces.shop.services.stock",
        ],
        [
            "nothing is said of references into services that cannot be read",
            { ...allow({ services: ["bank/x"] }), "namespaces.bank.services": [] },
            "namespaces.bank.services",
        ],
        [
            "nothing is said of names in secrets that cannot be read",
            { secrets: "{", [`${CART}.env`]: { A: { secret: "db" } } },
            "secrets",
        ],
        [
            "a secret with a broken value is there",
            { secrets: { db: 1 }, [`${CART}.env`]: { A: { secret: "db" } } },
            "secrets.db",
        ],
        [
            "nothing is said of the version of an unknown generation",
            { generation: "9", "controlPlane.version": "v9" },
            "generation",
        ],
    ];
    for (const [what, parts, key] of alone) {
        it(what, () =>
            assert.deepEqual(
                problemsOf(sample(parts)).map((problem) => problem.key),
                [`mesh:${key}`],
            ),
        );
    }
});

describe("near misses of a namespace are problems only when they are clearly slips", () => {
    for (const name of ["team-b", "shop2", "shops", "bank-east", "istio-system-2", "istio", "stop"]) {
        it(`${name} may be somebody else's`, () =>
            assert.deepEqual(problemsOf(sample(allow({ namespaces: [name] }))), []));
    }
});

describe("hosts and the cluster's domain", () => {
    const broken = { ...base(), "mesh:timeouts": JSON.stringify({ operator: 0 }) };

    function base(): Record<string, string> {
        const services = { cart: { image: "registry.example.com/cart:1", host: "cart.apps.exmaple.com" } };
        return { "mesh:generation": "1.1", "mesh:namespaces": JSON.stringify({ shop: { services } }) };
    }

    function keysOf(raw: Record<string, string>, clusterDomain?: string): string[] {
        try {
            loadConfig(raw, { clusterDomain });
            return [];
        } catch (error) {
            return (error as ConfigError).problems.map(({ key }) => key);
        }
    }

    it("a stray host is told together with everything else, once the domain is known", () => {
        assert.deepEqual(keysOf(broken, "apps.example.com"), [
            "mesh:namespaces.shop.services.cart.host",
            "mesh:timeouts.operator",
        ]);
        assert.deepEqual(keysOf(broken), ["mesh:timeouts.operator"]);
        assert.deepEqual(keysOf(base(), "apps.exmaple.com"), []);
    });
});
