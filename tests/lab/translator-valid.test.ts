import assert from "node:assert/strict";
import fc from "fast-check";
import type { KubeObject } from "../../kube";
import { Authority } from "../../lab/control-plane/certificates";
import { translate } from "../../lab/dataplane/translate";
import { object, service } from "../unit/dataplane/objects";
import { Playground } from "./translator/playground";

/** Mostly something that may be meant; the rest is what has upset proxies before. */
function often<T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> {
    return fc.oneof({ weight: 7, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

const text = often(
    fc.constantFrom("/", "/a", "a.example", "a*", "*", "/a?b#c", "%zz", "//", "..", "é", "8080", "a".repeat(300)),
    fc.oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.constantFrom("", "\r\nx: y", "\u0000", "{*}", "a*b")),
);

const regex = often(
    fc.constantFrom("/a/[0-9]+", ".*", "(?i)/a|b", "\\d{3}", "é"),
    fc.constantFrom(
        "a{1001}",
        "(?<n>a)",
        "(?P<n>a)",
        "(?<=a)b",
        "(?=a)",
        "\\pN",
        "\\p{Greek}",
        "[[:word:]]",
        "\\C",
        "x**",
        "a{2}{3}",
        "(a{500}){500}",
        "(?i)x",
        "\\1",
        "[z-a]",
        "\\Qa\\E",
        "\\z",
    ),
);

const match = fc.record({ exact: text, prefix: text, regex }, { requiredKeys: [] }).chain((all) => {
    const keys = Object.keys(all) as (keyof typeof all)[];
    return fc.constantFrom({}, ...keys.map((key) => ({ [key]: all[key] })));
});

const host = often(
    fc.constantFrom("sample", "sample.shop.svc.cluster.local", "*", "*.example.com", "a.example.com", "A.Example.com"),
    fc.oneof(fc.stringMatching(/^(\*\.)?[a-z0-9-]{1,5}(\.[a-z0-9-]{0,3}){0,2}$/), text),
);

const duration = often(
    fc.constantFrom("0s", "1ms", "1h30m", "1.5s", "0.1ms"),
    fc.constantFrom("-1s", "1d", "9999h", "soon"),
);
const port = fc.record({ number: often(fc.constantFrom(1, 80, 8080, 65_535), fc.constantFrom(0, 65_536, -1)) });
const number = often(fc.constantFrom(0, 1, 100, 1_000), fc.constantFrom(-1, 1_000_000, 4_294_967_296, 1.5));

const http = fc.record(
    {
        match: fc.array(
            fc.record(
                {
                    uri: match,
                    method: match,
                    authority: match,
                    headers: fc.dictionary(fc.oneof(fc.constantFrom("x-a", ":path", "Host"), text), match, {
                        maxKeys: 2,
                    }),
                    ignoreUriCase: fc.boolean(),
                    gateways: fc.subarray(["mesh", "g", "shop/g"]),
                },
                { requiredKeys: [] },
            ),
            { maxLength: 2 },
        ),
        route: fc.array(
            fc.record(
                { destination: fc.record({ host, port }, { requiredKeys: ["host"] }), weight: number },
                { requiredKeys: ["destination"] },
            ),
            { maxLength: 3 },
        ),
        timeout: duration,
        retries: fc.record(
            {
                attempts: number,
                perTryTimeout: duration,
                retryOn: often(fc.constantFrom("5xx", "503, 404", "reset,unavailable"), fc.constantFrom("rain", "")),
            },
            { requiredKeys: [] },
        ),
        rewrite: fc.record({ uri: text, authority: text }, { requiredKeys: [] }),
        redirect: fc.record(
            { uri: text, authority: text, redirectCode: often(fc.constantFrom(301, 302), fc.constant(200)) },
            { requiredKeys: [] },
        ),
    },
    { requiredKeys: [] },
);

/** Fields that are less often there let more of the objects be read at all. */
const virtualService = fc.record(
    {
        hosts: fc.array(host, { minLength: 1, maxLength: 3 }),
        gateways: fc.subarray(["mesh", "g", "shop/g"]),
        http: fc.array(
            http.chain((all) =>
                fc.subarray(Object.keys(all), { maxLength: Math.min(2, Object.keys(all).length) }).map((keys) => ({
                    route: [{ destination: { host: "sample" } }],
                    ...Object.fromEntries(keys.map((key) => [key, all[key as keyof typeof all]])),
                })),
            ),
            { minLength: 1, maxLength: 2 },
        ),
    },
    { requiredKeys: ["hosts", "http"] },
);

const gatewaySpec = fc.record({
    selector: fc.constant({ istio: "ingressgateway" }),
    servers: fc.array(
        fc.oneof(
            fc.record({
                port: fc.record({
                    number: fc.constantFrom(80, 8080, 8081),
                    protocol: often(fc.constantFrom("HTTP", "http"), fc.constant("TCP")),
                }),
                hosts: fc.array(host, { minLength: 1, maxLength: 3 }),
                tls: fc.record({ httpsRedirect: fc.boolean() }),
            }),
            fc.record({
                port: fc.record({ number: fc.constantFrom(8443, 8080), protocol: fc.constant("HTTPS") }),
                hosts: fc.array(host, { minLength: 1, maxLength: 3 }),
                tls: fc.record({
                    mode: often(fc.constant("SIMPLE"), fc.constant("MUTUAL")),
                    credentialName: often(fc.constant("cert"), fc.constantFrom("none", "half", "odd")),
                }),
            }),
        ),
        { minLength: 1, maxLength: 2 },
    ),
});

const policy = fc.record(
    {
        action: often(fc.constantFrom("ALLOW", "DENY"), fc.constantFrom("AUDIT", "CUSTOM")),
        rules: fc.array(
            fc.record({
                from: fc.array(
                    fc.record({
                        source: fc.dictionary(fc.constantFrom("namespaces", "notPrincipals"), fc.array(text)),
                    }),
                ),
                to: fc.array(
                    fc.record({
                        operation: fc.dictionary(
                            fc.constantFrom("paths", "notHosts", "methods", "ports"),
                            fc.array(text),
                        ),
                    }),
                ),
            }),
            { maxLength: 2 },
        ),
    },
    { requiredKeys: [] },
);

const serviceSpec = fc.record({
    // The API server itself sees to it that ports differ.
    ports: fc.uniqueArray(
        fc.record({
            name: fc.constantFrom("http", "grpc-a", "tcp"),
            port: fc.constantFrom(80, 8080),
            targetPort: fc.constantFrom(8080, "http"),
        }),
        { maxLength: 2, selector: ({ port }) => port },
    ),
    clusterIP: fc.constantFrom("172.30.0.1", "None", "fd00::1"),
});

/** A good certificate, one without its key, and one with another one's. */
async function secrets(): Promise<KubeObject[]> {
    const authority = await Authority.create("outside");
    const [one, other] = await Promise.all(["one", "other"].map((name) => authority.issue(name, [name])));
    const secret = (name: string, cert: string, key: string): KubeObject => ({
        ...object("Secret", "istio-system", name),
        data: { "tls.crt": btoa(cert), "tls.key": btoa(key) },
    });
    return [secret("cert", one.cert, one.key), secret("half", one.cert, ""), secret("odd", one.cert, other.key)];
}

describe("translator: whatever users write", function () {
    this.timeout(120_000);

    let playground: Playground;

    before(async () => {
        playground = await Playground.open();
        await playground.pod({
            namespace: "istio-system",
            pod: "gateway",
            labels: { app: "istio-ingressgateway", istio: "ingressgateway" },
            sidecar: false,
            gateway: true,
        });
        await playground.pod({ namespace: "shop", pod: "sample" });
        await playground.apply({ secrets: await secrets() });
    });

    after(() => playground?.close());

    it("Envoy takes in all that the translator makes of it, and objects are read as often as refused", async () => {
        const seen = { read: 0, refused: 0 };
        await fc.assert(
            fc.asyncProperty(
                fc.array(virtualService, { maxLength: 3 }),
                fc.array(gatewaySpec, { maxLength: 2 }),
                fc.array(policy, { maxLength: 2 }),
                fc.array(serviceSpec, { maxLength: 2 }),
                async (virtualServices, gateways, policies, services) => {
                    const all = {
                        virtualServices: virtualServices.map((spec, i) =>
                            object("VirtualService", "shop", `v${i}`, spec),
                        ),
                        gateways: gateways.map((spec, i) => object("Gateway", "shop", i === 0 ? "g" : `g${i}`, spec)),
                        authorizationPolicies: policies.map((spec, i) =>
                            object("AuthorizationPolicy", "shop", `p${i}`, spec),
                        ),
                        services: [
                            service("shop", "sample"),
                            ...services.map((spec, i) => object("Service", i === 0 ? "shop" : "office", "s", spec)),
                        ],
                    };
                    await playground.apply(all);
                    const [one] = playground.now.workloads;
                    const refused = new Set(
                        translate(playground.now, one, playground.files(one)).refused.map(
                            ({ object: { kind, name } }) => `${kind} ${name}`,
                        ),
                    );
                    seen.refused += refused.size;
                    seen.read += virtualServices.length + gateways.length + policies.length - refused.size;
                },
            ),
            { numRuns: 300, endOnFailure: true },
        );
        assert.ok(seen.read > 150 && seen.refused > 150, JSON.stringify(seen));
    });
});
