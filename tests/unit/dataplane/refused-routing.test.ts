import assert from "node:assert/strict";
import type { MeshView } from "../../../lab/dataplane/translate";
import { caller, gateway, object, outbound, said, sample, service, to, translated, virtualService } from "./objects";

type Patch = Partial<MeshView>;
/** What is written; the field that is refused; why. */
type Row = [title: string, patch: Patch, field: string, why: RegExp];
/** The same within one HTTP rule, or one match of it. */
type Part = [title: string, part: object, field: string, why: RegExp];

const UNKNOWN = /^is not modelled here$/;

function http(more: object): Patch {
    return { virtualServices: [virtualService("bad", { http: [{ route: [to("sample")], ...more }] })] };
}

const RULES: Part[] = [
    ...["fault", "mirror", "corsPolicy", "headers", "delegate", "directResponse"].map((field): Part => [
        field,
        { [field]: {} },
        `.${field}`,
        UNKNOWN,
    ]),
    ["subset", { route: [{ destination: { host: "a", subset: "v1" } }] }, ".route[0].destination.subset", UNKNOWN],
    ["headers of a destination", { route: [{ ...to("a"), headers: {} }] }, ".route[0].headers", UNKNOWN],
    ["no route", { route: [] }, "", /either a route or a redirect/],
    ["route and redirect", { redirect: { uri: "/x" } }, "", /either a route or a redirect/],
    ["no weights", { route: [to("a"), to("b")] }, ".route", /need weights/],
    ["a negative weight", { route: [{ ...to("a"), weight: -1 }] }, ".route[0].weight", /Too small/],
    ["a bad port", { route: [to("a", 70_000)] }, ".route[0].destination.port.number", /Too big/],
    ["a bad timeout", { timeout: "soon" }, ".timeout", /no duration/],
    ["a bad retry", { retries: { attempts: 1, retryOn: "rain" } }, ".retries.retryOn", /does not know/],
    ["other retry fields", { retries: { backoff: "1s" } }, ".retries.backoff", UNKNOWN],
    ["a regex rewrite", { rewrite: { uriRegexRewrite: {} } }, ".rewrite.uriRegexRewrite", UNKNOWN],
    ["a line break", { rewrite: { uri: "/a\r\nx: y" } }, ".rewrite.uri", /control character/],
    [
        "rewrite of what a regex found",
        { match: [{ uri: { regex: "/.*" } }], rewrite: { uri: "/" } },
        ".rewrite.uri",
        /prefix or a whole path/,
    ],
    ["rewrite of a redirect", { route: [], redirect: { uri: "/x" }, rewrite: { uri: "/" } }, ".rewrite", /redirect/],
    ["an idle redirect", { route: [], redirect: {} }, ".redirect", /nowhere else/],
    ["a redirect code", { route: [], redirect: { redirectCode: 200 } }, ".redirect.redirectCode", /expected/],
];

const MATCHES: Part[] = [
    ...["queryParams", "sourceLabels", "withoutHeaders", "scheme", "port"].map((field): Part => [
        field,
        { [field]: {} },
        `.${field}`,
        UNKNOWN,
    ]),
    ["two matches in one", { uri: { exact: "/", prefix: "/" } }, ".uri", /only one of/],
    ["no match in one", { uri: {} }, ".uri", /says neither/],
    ["what RE2 cannot", { uri: { regex: "(?!x)" } }, ".uri.regex", /RE2/],
    ["a broken regex", { headers: { a: { regex: "(" } } }, ".headers.a.regex", /RE2/],
    ["a huge regex", { uri: { regex: "((a{10}){10}){10}" } }, ".uri.regex", /too big/],
    ["a huge path", { uri: { exact: "/".repeat(5_000) } }, ".uri.exact", /longer than/],
    ["a bad header name", { headers: { "a b": {} } }, ".headers.a b", /no header name/],
];

function virtual(spec: object): Patch {
    return { virtualServices: [virtualService("bad", { http: [{ route: [to("a")] }], ...spec })] };
}

function rule(spec: object): Patch {
    return { destinationRules: [object("DestinationRule", "shop", "bad", { host: "sample", ...spec })] };
}

function server(more: object): Patch {
    return { gateways: [gateway("bad", ["a.example.com"], more)] };
}

const ROWS: Row[] = [
    ...RULES.map(([title, part, field, why]): Row => [title, http(part), `spec.http[0]${field}`, why]),
    ...MATCHES.map(([title, part, field, why]): Row => [
        title,
        http({ match: [part] }),
        `spec.http[0].match[0]${field}`,
        why,
    ]),
    ["tcp", virtual({ tcp: [] }), "spec.tcp", UNKNOWN],
    ["no http", virtual({ http: undefined }), "spec.http", /expected array/],
    ["a bad host", virtual({ hosts: ["a b"] }), "spec.hosts[0]", /no host name/],
    ["SIMPLE", rule({ trafficPolicy: { tls: { mode: "SIMPLE" } } }), "spec.trafficPolicy.tls.mode", /only DISABLE and/],
    ["sni", rule({ trafficPolicy: { tls: { mode: "DISABLE", sni: "x" } } }), "spec.trafficPolicy.tls.sni", UNKNOWN],
    ["a balancer", rule({ trafficPolicy: { loadBalancer: {} } }), "spec.trafficPolicy.loadBalancer", UNKNOWN],
    ["subsets", rule({ subsets: [] }), "spec.subsets", UNKNOWN],
    ["TLS in plain text", server({ tls: { mode: "SIMPLE" } }), "spec.servers[0].tls.mode", /only be said of HTTPS/],
    [
        "HTTPS without saying how",
        server({ port: { number: 443, protocol: "HTTPS" } }),
        "spec.servers[0].tls.mode",
        /must be said/,
    ],
    ["a bind address", server({ bind: "1.2.3.4" }), "spec.servers[0].bind", UNKNOWN],
    ["a bad gateway host", server({ hosts: ["a_b"] }), "spec.servers[0].hosts[0]", /no host name/],
    [
        "a Gateway for everybody",
        { gateways: [object("Gateway", "shop", "bad", { selector: {}, servers: [{}] })] },
        "spec.selector",
        /must name/,
    ],
    [
        "ExternalName",
        { services: [object("Service", "shop", "bad", { type: "ExternalName" })] },
        "spec.type",
        /ExternalName/,
    ],
    [
        "a TCP service",
        { services: [service("shop", "bad", [{ name: "tcp-db", port: 5432 }])] },
        "spec.ports[0]",
        /only HTTP/,
    ],
    ...["EnvoyFilter", "ServiceEntry", "Sidecar"].map((kind): Row => [
        kind,
        { others: [object(kind, "shop", "bad", {})] },
        "kind",
        UNKNOWN,
    ]),
];

describe("translator: routing that is refused", () => {
    for (const [title, patch, field, why] of ROWS) {
        it(`${title}: left out, and said`, () => {
            const { refused, filters } = translated(patch, caller);
            const found = refused.find((each) => each.field === field);
            assert.ok(found, `${field} is not among:\n${said(refused).join("\n")}`);
            assert.match(found.why, why);
            assert.equal(found.effect, "left out");
            assert.deepEqual(filters, translated({}, caller).filters);
        });
    }

    it("a refused VirtualService changes nothing", () => {
        assert.deepEqual(outbound(http({ fault: {} })), outbound({}));
    });

    it("of a Gateway only the server is left out that cannot be read", () => {
        const both = gateway("both", ["a.example.com"]);
        both.spec.servers.push({ port: { number: 443, protocol: "HTTPS" }, hosts: ["*"], tls: {} });
        const self = { ...sample, gateway: true, labels: { istio: "ingressgateway" } };
        const { listeners, refused } = translated({ gateways: [both] }, self);
        assert.equal(listeners.length, 1);
        const fields = refused.map((each) => each.field).sort();
        assert.deepEqual(fields, ["spec.servers[1].tls.credentialName", "spec.servers[1].tls.mode"]);
    });

    it("the second VirtualService for a host within the mesh is said", () => {
        const rules = [{ route: [to("caller")] }];
        const virtualServices = [virtualService("first", { http: rules }), virtualService("second", { http: rules })];
        assert.deepEqual(said(translated({ virtualServices }).refused), [
            "VirtualService shop/second | spec.hosts[0] | " +
                "within the mesh, VirtualService shop/first has this host already | left out",
        ]);
    });

    it("what the operator itself makes for a control plane is not refused", () => {
        const policies = [
            object("Policy", "istio-system", "grafana-ports-mtls-disabled", {
                targets: [{ name: "grafana", ports: [{ number: 3000 }] }],
            }),
            object("Policy", "istio-system", "disable-mtls-zipkin", { targets: [{ name: "zipkin" }] }),
        ];
        const destinationRules = [
            object("DestinationRule", "istio-system", "disable-mtls-zipkin", {
                host: "zipkin",
                trafficPolicy: { tls: { mode: "DISABLE" } },
            }),
            object("DestinationRule", "istio-system", "istiod-basic", {
                host: "istiod-basic.istio-system.svc.cluster.local",
                trafficPolicy: { portLevelSettings: [{ port: { number: 15012 }, tls: { mode: "SIMPLE" } }] },
            }),
        ];
        const services = [service("istio-system", "citadel", [{ name: "tcp-citadel", port: 8060 }])];
        assert.deepEqual(said(translated({ policies, destinationRules, services }).refused), []);
    });
});
