import assert from "node:assert/strict";
import { problemsOf, sample } from "./sample";

/**
 * [what is given, by path; the key that is named; what is said to be found; part of what is allowed; the hint, if one
 * is given]
 */
type Case = [parts: Record<string, unknown>, key: string, found: string | undefined, allowed: RegExp, hint?: RegExp];

const CART = "namespaces.shop.services.cart";

const cases: Record<string, Case[]> = {
    "a required key that is missing": [
        [{ generation: undefined }, "generation", undefined, /1\.1/],
        [{ namespaces: undefined }, "namespaces", undefined, /namespaces that join/],
        [{ "namespaces.shop.services": undefined }, "namespaces.shop.services", undefined, /services/],
    ],
    "an unknown key": [
        [{ timeout: {} }, "timeout", "unknown key", /one of generation/, /did you mean timeouts\?/],
        [{ whatever: "1" }, "whatever", "unknown key", /one of generation, .*timeouts/],
        [{ [`${CART}.alow`]: "anyone" }, `${CART}.alow`, "unknown key", /allow/, /did you mean allow\?/],
        [
            { "controlPlane.pilot": { autoScale: true } },
            "controlPlane.pilot.autoScale",
            "unknown key",
            /autoscale/,
            /mean autoscale/,
        ],
        [{ "operators.jeager": {} }, "operators.jeager", "unknown key", /jaeger/, /did you mean jaeger\?/],
        [{ "controlPlane.proxy.limits": { disk: 1 } }, "controlPlane.proxy.limits.disk", "unknown key", /cpu, memory/],
        [
            { [`${CART}.allow`]: [{ path: ["/"] }] },
            `${CART}.allow[0].path`,
            "unknown key",
            /paths/,
            /did you mean paths\?/,
        ],
    ],
    "a wrong type": [
        [{ controlPlane: [] }, "controlPlane", "an empty list", /an object/],
        [{ controlPlane: "basic" }, "controlPlane", "text that is not JSON", /an object/],
        [{ operators: "{" }, "operators", "text that is not JSON", /an object/],
        [{ timeouts: "" }, "timeouts", "empty text", /an object/],
        [{ [`${CART}.port`]: "http" }, `${CART}.port`, "http", /a port, 1 to 65535/],
        [{ [`${CART}.host`]: 7 }, `${CART}.host`, "7", /a full host/],
        [{ [`${CART}.probes`]: "/health" }, `${CART}.probes`, "/health", /liveness, readiness/],
        [{ "controlPlane.consoles": "kiali" }, "controlPlane.consoles", "kiali", /a list of kiali/],
        [{ [`${CART}.allow`]: [{ methods: "GET" }] }, `${CART}.allow[0].methods`, "GET", /a list of HTTP methods/],
    ],
    "a number out of range": [
        [
            { "controlPlane.tracing": { sampling: 250 } },
            "controlPlane.tracing.sampling",
            "250",
            /a percentage, 0 to 100/,
        ],
        [
            { "controlPlane.tracing": { sampling: "-1" } },
            "controlPlane.tracing.sampling",
            "-1",
            /a percentage, 0 to 100/,
        ],
        [{ [`${CART}.port`]: 0 }, `${CART}.port`, "0", /1 to 65535/],
        [{ [`${CART}.port`]: 80.5 }, `${CART}.port`, "80.5", /1 to 65535/],
        [{ [`${CART}.replicas`]: 0 }, `${CART}.replicas`, "0", /1 to 1000/],
        [{ "timeouts.operator": 0 }, "timeouts.operator", "0", /seconds, 1 to/],
        [{ [`${CART}.env`]: { A: { generate: 4 } } }, `${CART}.env.A.generate`, "4", /8 to 128/],
    ],
    "a word that is none of those allowed": [
        [{ generation: "4" }, "generation", "4", /one of 1\.1/],
        [{ membership: "rol" }, "membership", "rol", /roll, member/, /did you mean roll\?/],
        [{ "controlPlane.mtls": "stricct" }, "controlPlane.mtls", "stricct", /off, permissive, strict/, /mean strict/],
        [{ "operators.kiali": { approval: "manual" } }, "operators.kiali.approval", "manual", /Manual/, /mean Manual/],
        [{ "controlPlane.consoles": ["kiale"] }, "controlPlane.consoles[0]", "kiale", /kiali/, /did you mean kiali\?/],
        [
            { "namespaces.shop.existingRoutes": { r: "cutoff" } },
            "namespaces.shop.existingRoutes.r",
            "cutoff",
            /cut-off/,
            /mean cut-off/,
        ],
        [{ [`${CART}.allow`]: "anyon" }, `${CART}.allow`, "anyon", /anyone, or a list/, /did you mean anyone\?/],
        [
            { [`${CART}.allow`]: [{ methods: ["get"] }] },
            `${CART}.allow[0].methods[0]`,
            "get",
            /GET/,
            /did you mean GET\?/,
        ],
    ],
    "what YAML makes of it": [
        [{ uniqueNames: "yes" }, "uniqueNames", "yes", /true or false/, /write true/],
        [
            { "controlPlane.pilot": { autoscale: "off" } },
            "controlPlane.pilot.autoscale",
            "off",
            /true or false/,
            /write false/,
        ],
        [{ "controlPlane.mtls": false }, "controlPlane.mtls", "false", /off/, /in quotes/],
        [{ "operators.jaeger": null }, "operators.jaeger", "nothing", /an object/, /remove the key/],
        [{ [`${CART}.allow`]: null }, `${CART}.allow`, "nothing", /anyone, or a list/, /remove the key/],
        [{ timeouts: null }, "timeouts", "nothing", /an object/, /remove the key/],
        [{ membership: null }, "membership", "nothing", /roll/, /remove the key/],
        [{ "operators.jaeger": { channel: 4.1 } }, "operators.jaeger.channel", "4.1", /in quotes/],
    ],
    "a quantity that Kubernetes would refuse, or take for something else": [
        [{ [`${CART}.limits`]: { memory: "128mb" } }, `${CART}.limits.memory`, "128mb", /128Mi/, /did you mean 128M\?/],
        [{ [`${CART}.limits`]: { memory: "128m" } }, `${CART}.limits.memory`, "128m", /bytes/, /did you mean 128Mi\?/],
        [{ [`${CART}.limits`]: { memory: "1gi" } }, `${CART}.limits.memory`, "1gi", /bytes/, /did you mean 1Gi\?/],
        [{ [`${CART}.requests`]: { cpu: "100M" } }, `${CART}.requests.cpu`, "100M", /cores/, /did you mean 100m\?/],
        [{ [`${CART}.requests`]: { cpu: "half" } }, `${CART}.requests.cpu`, "half", /cores/],
        [{ "controlPlane.proxy.limits": { cpu: -1 } }, "controlPlane.proxy.limits.cpu", "-1", /cores/],
    ],
    "a name that Kubernetes would refuse": [
        [
            { "namespaces.My_Shop": { services: {} } },
            "namespaces.My_Shop",
            "My_Shop",
            /a namespace/,
            /did you mean my-shop\?/,
        ],
        [
            { [`namespaces.${"n".repeat(64)}`]: { services: {} } },
            `namespaces.${"n".repeat(64)}`,
            "n".repeat(64),
            /at most 63/,
        ],
        [
            { "namespaces.shop.services.1cart": {} },
            "namespaces.shop.services.1cart",
            "1cart",
            /beginning with a letter/,
        ],
        [{ "controlPlane.name": "Basic" }, "controlPlane.name", "Basic", /lower-case/, /did you mean basic\?/],
        [{ "controlPlane.namespace": "istio.system" }, "controlPlane.namespace", "istio.system", /lower-case/],
        [{ "namespaces.shop.gateway": "-shop" }, "namespaces.shop.gateway", "-shop", /a Gateway's name/],
        [
            { "namespaces.shop.existingRoutes": { "a b": "managed" } },
            'namespaces.shop.existingRoutes["a b"]',
            "a b",
            /a Route's name/,
        ],
        [{ [`${CART}.container`]: "Spring" }, `${CART}.container`, "Spring", /a container's name/, /mean spring/],
        [
            { secrets: { DB_PASSWORD: "x" } },
            "secrets.DB_PASSWORD",
            "DB_PASSWORD",
            /a secret's name/,
            /mean db-password/,
        ],
        [{ [`${CART}.env`]: { "1A": "x" } }, `${CART}.env.1A`, "1A", /environment variable/],
        [{ [`${CART}.properties`]: { "a b": "x" } }, `${CART}.properties["a b"]`, "a b", /application\.properties/],
        [
            { "operators.kiali": { startingCSV: "v 1" } },
            "operators.kiali.startingCSV",
            '"v 1"',
            /ClusterServiceVersion/,
        ],
        [{ catalog: { source: "Red Hat" } }, "catalog.source", '"Red Hat"', /CatalogSource/],
    ],
    "a host, path, principal or image that cannot be one": [
        [
            { [`${CART}.host`]: "http://cart.apps.example.com" },
            `${CART}.host`,
            "http://cart.apps.example.com",
            /host/,
            /scheme off/,
        ],
        [{ [`${CART}.host`]: "*.apps.example.com" }, `${CART}.host`, "*.apps.example.com", /host/, /each host/],
        [{ [`${CART}.host`]: "10.0.0.1" }, `${CART}.host`, "10.0.0.1", /host/],
        [{ [`${CART}.host`]: "" }, `${CART}.host`, "empty text", /host/],
        [
            { appsDomain: "*.apps.example.com" },
            "appsDomain",
            "*.apps.example.com",
            /a domain/,
            /did you mean apps\.example\.com\?/,
        ],
        [
            { [`${CART}.allow`]: [{ paths: ["api"] }] },
            `${CART}.allow[0].paths[0]`,
            "api",
            /begins with "\/"/,
            /mean \/api/,
        ],
        [{ [`${CART}.allow`]: [{ paths: ["/a?b=1"] }] }, `${CART}.allow[0].paths[0]`, "/a?b=1", /without query/],
        [{ [`${CART}.allow`]: [{ paths: ["/a/*/b"] }] }, `${CART}.allow[0].paths[0]`, "/a/*/b", /only as its end/],
        [{ [`${CART}.allow`]: [{ paths: [] }] }, `${CART}.allow[0].paths`, "an empty list", /at least one/],
        [
            { [`${CART}.allow`]: [{ principals: ["spiffe://cluster.local/ns/a/sa/b"] }] },
            `${CART}.allow[0].principals[0]`,
            "spiffe://cluster.local/ns/a/sa/b",
            /cluster\.local\/ns\/shop\/sa\/cart/,
            /leave spiffe:\/\/ off/,
        ],
        [{ [`${CART}.allow`]: [{ principals: ["cart"] }] }, `${CART}.allow[0].principals[0]`, "cart", /a principal/],
        [{ [`${CART}.image`]: "https://a/b" }, `${CART}.image`, "https://a/b", /an image/, /scheme off/],
        [{ [`${CART}.image`]: "a/b@sha256:123" }, `${CART}.image`, "a/b@sha256:123", /64 hexadecimal/],
        [
            { [`${CART}.build`]: { git: "https://me:pw@git.example.com/a" } },
            `${CART}.build.git`,
            "https://me:pw@git.example.com/a",
            /a git repository/,
            /ServiceAccount builder/,
        ],
        [{ [`${CART}.build`]: { git: "shop/cart" } }, `${CART}.build.git`, "shop/cart", /a git repository/],
        [
            { [`${CART}.build`]: { git: "https://git.example.com/a", context: "/src" } },
            `${CART}.build.context`,
            "/src",
            /relative/,
            /did you mean src\?/,
        ],
        [
            { [`${CART}.build`]: { git: "https://git.example.com/a", containerfile: "../Dockerfile" } },
            `${CART}.build.containerfile`,
            "../Dockerfile",
            /without "\.\."/,
        ],
        [
            { [`${CART}.build`]: { git: "https://git.example.com/a", ref: "-x" } },
            `${CART}.build.ref`,
            "-x",
            /a branch, tag or commit/,
        ],
        [{ [`${CART}.check`]: { path: "api" } }, `${CART}.check.path`, "api", /begins with "\/"/],
        [{ [`${CART}.check`]: { expect: 99 } }, `${CART}.check.expect`, "99", /200 to 599/],
        [{ [`${CART}.check`]: { method: "TRACE" } }, `${CART}.check.method`, "TRACE", /GET/],
        [{ [`${CART}.probes`]: { liveness: "health" } }, `${CART}.probes.liveness`, "health", /begins with "\/"/],
    ],
};

describe("a wrong value is named with its key, what was found and what is allowed", () => {
    for (const [kind, all] of Object.entries(cases)) {
        describe(kind, () => {
            for (const [parts, key, found, allowed, hint] of all) {
                it(`mesh:${key}`.slice(0, 90), () => {
                    const problems = problemsOf(sample(parts));
                    const problem = problems.find((candidate) => candidate.key === `mesh:${key}`);
                    assert.ok(problem, `no problem with this key among ${JSON.stringify(problems, undefined, 1)}`);
                    assert.equal(problem.found, found);
                    assert.match(problem.allowed, allowed);
                    if (hint === undefined) {
                        assert.equal(problem.hint, undefined);
                    } else {
                        assert.match(problem.hint ?? "", hint);
                    }
                });
            }
        });
    }
});
