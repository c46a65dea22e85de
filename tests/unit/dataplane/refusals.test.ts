import assert from "node:assert/strict";
import type { MeshView } from "../../../lab/dataplane/translate";
import { caller, gateway, object, outbound, said, sample, service, to, translated, virtualService } from "./objects";

const DENIED = "all requests to what it selects are denied";

/** What is written, where; then the field that is refused, and why. */
type Row = [title: string, patch: Partial<MeshView>, field: string, why: RegExp];

const NOT_MODELLED = /^is not modelled here$/;

function http(more: object): Partial<MeshView> {
    return { virtualServices: [virtualService("bad", { http: [{ route: [to("sample")], ...more }] })] };
}

function match(more: object): Partial<MeshView> {
    return http({ match: [more] });
}

function rule(tls: object, more: object = {}): Partial<MeshView> {
    return {
        destinationRules: [object("DestinationRule", "shop", "bad", { host: "sample", trafficPolicy: { tls }, ...more })],
    };
}

function server(more: object): Partial<MeshView> {
    return { gateways: [gateway("bad", ["a.example.com"], more)] };
}

const ROUTING: Row[] = [
    ["fault", http({ fault: { abort: {} } }), "spec.http[0].fault", NOT_MODELLED],
    ["mirror", http({ mirror: {} }), "spec.http[0].mirror", NOT_MODELLED],
    ["corsPolicy", http({ corsPolicy: {} }), "spec.http[0].corsPolicy", NOT_MODELLED],
    ["headers", http({ headers: {} }), "spec.http[0].headers", NOT_MODELLED],
    ["delegate", http({ delegate: {} }), "spec.http[0].delegate", NOT_MODELLED],
    ["directResponse", http({ directResponse: {} }), "spec.http[0].directResponse", NOT_MODELLED],
    ["subset", http({ route: [{ destination: { host: "sample", subset: "v1" } }] }), "spec.http[0].route[0].destination.subset", NOT_MODELLED],
    ["headers of a destination", http({ route: [{ ...to("sample"), headers: {} }] }), "spec.http[0].route[0].headers", NOT_MODELLED],
    ["no route", http({ route: [] }), "spec.http[0]", /either a route or a redirect/],
    ["both", http({ redirect: { uri: "/x" } }), "spec.http[0]", /either a route or a redirect/],
    ["no weights", http({ route: [to("a"), to("b")] }), "spec.http[0].route", /need weights/],
    ["a negative weight", http({ route: [{ ...to("a"), weight: -1 }] }), "spec.http[0].route[0].weight", /Too small/],
    ["a bad port", http({ route: [to("a", 70_000)] }), "spec.http[0].route[0].destination.port.number", /Too big/],
    ["a bad timeout", http({ timeout: "soon" }), "spec.http[0].timeout", /no duration/],
    ["a bad retry", http({ retries: { attempts: 1, retryOn: "rain" } }), "spec.http[0].retries.retryOn", /does not know/],
    ["other retry fields", http({ retries: { attempts: 1, backoff: "1s" } }), "spec.http[0].retries.backoff", NOT_MODELLED],
    ["a regex rewrite", http({ rewrite: { uriRegexRewrite: {} } }), "spec.http[0].rewrite.uriRegexRewrite", NOT_MODELLED],
    ["a line break", http({ rewrite: { uri: "/a\r\nx: y" } }), "spec.http[0].rewrite.uri", /control character/],
    ["rewrite of a regex", http({ match: [{ uri: { regex: "/.*" } }], rewrite: { uri: "/" } }), "spec.http[0].rewrite.uri", /prefix or a whole path/],
    ["rewrite of a redirect", http({ route: [], redirect: { uri: "/x" }, rewrite: { uri: "/" } }), "spec.http[0].rewrite", /redirect/],
    ["an idle redirect", http({ route: [], redirect: {} }), "spec.http[0].redirect", /nowhere else/],
    ["a redirect code", http({ route: [], redirect: { uri: "/x", redirectCode: 200 } }), "spec.http[0].redirect.redirectCode", /expected/],
    ["query parameters", match({ queryParams: {} }), "spec.http[0].match[0].queryParams", NOT_MODELLED],
    ["source labels", match({ sourceLabels: {} }), "spec.http[0].match[0].sourceLabels", NOT_MODELLED],
    ["without headers", match({ withoutHeaders: {} }), "spec.http[0].match[0].withoutHeaders", NOT_MODELLED],
    ["a port", match({ port: 80 }), "spec.http[0].match[0].port", NOT_MODELLED],
    ["two matches in one", match({ uri: { exact: "/", prefix: "/" } }), "spec.http[0].match[0].uri", /only one of/],
    ["no match in one", match({ uri: {} }), "spec.http[0].match[0].uri", /says neither/],
    ["what RE2 cannot", match({ uri: { regex: "(?!x)" } }), "spec.http[0].match[0].uri.regex", /RE2/],
    ["a broken regex", match({ headers: { a: { regex: "(" } } }), "spec.http[0].match[0].headers.a.regex", /RE2/],
    ["a huge regex", match({ uri: { regex: "((a{10}){10}){10}" } }), "spec.http[0].match[0].uri.regex", /too big/],
    ["a huge path", match({ uri: { exact: "/".repeat(5_000) } }), "spec.http[0].match[0].uri.exact", /longer than/],
    ["a bad header name", match({ headers: { "a b": {} } }), "spec.http[0].match[0].headers.a b", /no header name/],
    ["tcp", { virtualServices: [virtualService("bad", { tcp: [], http: [{ route: [to("a")] }] })] }, "spec.tcp", NOT_MODELLED],
    ["no http", { virtualServices: [virtualService("bad", {})] }, "spec.http", /expected array/],
    ["a bad host", { virtualServices: [virtualService("bad", { hosts: ["a b"], http: [{ route: [to("a")] }] })] }, "spec.hosts[0]", /no host name/],
    ["SIMPLE", rule({ mode: "SIMPLE" }), "spec.trafficPolicy.tls.mode", /only DISABLE and ISTIO_MUTUAL/],
    ["other tls fields", rule({ mode: "DISABLE", sni: "x" }), "spec.trafficPolicy.tls.sni", NOT_MODELLED],
    ["subsets", rule({ mode: "DISABLE" }, { subsets: [] }), "spec.subsets", NOT_MODELLED],
    ["a load balancer", { destinationRules: [object("DestinationRule", "shop", "bad", { host: "a", trafficPolicy: { loadBalancer: {} } })] }, "spec.trafficPolicy.loadBalancer", NOT_MODELLED],
    ["TLS at a gateway", server({ tls: { mode: "SIMPLE" } }), "spec.servers[0].tls", NOT_MODELLED],
    ["HTTPS at a gateway", server({ port: { number: 443, name: "https", protocol: "HTTPS" } }), "spec.servers[0].port.protocol", /only HTTP/],
    ["a bind address", server({ bind: "1.2.3.4" }), "spec.servers[0].bind", NOT_MODELLED],
    ["a bad gateway host", server({ hosts: ["a_b"] }), "spec.servers[0].hosts[0]", /no host name/],
    ["a Gateway for everybody", { gateways: [object("Gateway", "shop", "bad", { selector: {}, servers: [{}] })] }, "spec.selector", /must name/],
    ["ExternalName", { services: [object("Service", "shop", "bad", { type: "ExternalName" })] }, "spec.type", /ExternalName/],
    ["a TCP service", { services: [service("shop", "bad", [{ name: "tcp-db", port: 5432 }])] }, "spec.ports[0]", /only HTTP/],
    ["ServiceEntry", { others: [object("ServiceEntry", "shop", "bad", {})] }, "kind", NOT_MODELLED],
    ["EnvoyFilter", { others: [object("EnvoyFilter", "shop", "bad", {})] }, "kind", NOT_MODELLED],
];

const FROM = [{ source: { namespaces: ["shop"] } }];

function policy(spec: object): Partial<MeshView> {
    return { authorizationPolicies: [object("AuthorizationPolicy", "shop", "bad", spec)] };
}

function from(source: object): Partial<MeshView> {
    return policy({ rules: [{ from: [{ source }] }] });
}

function operation(operation: object): Partial<MeshView> {
    return policy({ rules: [{ to: [{ operation }] }] });
}

function peer(spec: object): Partial<MeshView> {
    return { peerAuthentications: [object("PeerAuthentication", "shop", "bad", spec)] };
}

const GUARDING: Row[] = [
    ["CUSTOM", policy({ action: "CUSTOM", rules: [{}] }), "spec.action", /only ALLOW and DENY/],
    ["conditions", policy({ rules: [{ from: FROM, when: [{ key: "source.ip", values: ["1.2.3.4"] }] }] }), "spec.rules[0].when", /not modelled/],
    ["ipBlocks", from({ ipBlocks: ["1.2.3.4"] }), "spec.rules[0].from[0].source.ipBlocks", NOT_MODELLED],
    ["notIpBlocks", from({ namespaces: ["shop"], notIpBlocks: ["1.2.3.4"] }), "spec.rules[0].from[0].source.notIpBlocks", NOT_MODELLED],
    ["requestPrincipals", from({ requestPrincipals: ["*"] }), "spec.rules[0].from[0].source.requestPrincipals", NOT_MODELLED],
    ["serviceAccounts", from({ serviceAccounts: ["a"] }), "spec.rules[0].from[0].source.serviceAccounts", NOT_MODELLED],
    ["an empty source", from({}), "spec.rules[0].from[0].source", /must not be empty/],
    ["no source", policy({ rules: [{ from: [{}] }] }), "spec.rules[0].from[0].source", /expected object/],
    ["an empty operation", operation({}), "spec.rules[0].to[0].operation", /must not be empty/],
    ["an empty value", operation({ methods: [""] }), "spec.rules[0].to[0].operation.methods[0]", /must not be empty/],
    ["a star inside", operation({ paths: ["/a/*/b"] }), "spec.rules[0].to[0].operation.paths[0]", /beginning or its end/],
    ["two stars", operation({ paths: ["*a*"] }), "spec.rules[0].to[0].operation.paths[0]", /beginning or its end/],
    ["a path template", operation({ notPaths: ["/a/{*}"] }), "spec.rules[0].to[0].operation.notPaths[0]", /beginning or its end/],
    ["a port's name", operation({ ports: ["http"] }), "spec.rules[0].to[0].operation.ports[0]", /no port number/],
    ["an unknown limit", operation({ bodies: ["x"] }), "spec.rules[0].to[0].operation.bodies", NOT_MODELLED],
    ["a target", policy({ targetRefs: [], rules: [{ from: FROM }] }), "spec.targetRefs", NOT_MODELLED],
    ["a selector it cannot read", policy({ selector: { matchExpressions: [] } }), "spec.selector.matchExpressions", NOT_MODELLED],
    ["JWTs in 1.1's policy", { policies: [object("Policy", "shop", "default", { origins: [{}] })] }, "spec.origins", NOT_MODELLED],
    ["optional peers in 1.1", { policies: [object("Policy", "shop", "default", { peers: [{ mtls: {} }], peerIsOptional: true })] }, "spec.peerIsOptional", NOT_MODELLED],
    ["an odd mode in 1.1", { policies: [object("Policy", "shop", "default", { peers: [{ mtls: { mode: "MAYBE" } }] })] }, "spec.peers[0].mtls.mode", /neither STRICT nor/],
    ["1.1's policy by another name", { policies: [object("Policy", "shop", "mine", { peers: [] })] }, "metadata.name", /must be "default"/],
    ["1.1's mesh policy by another name", { meshPolicies: [object("ServiceMeshPolicy", "istio-system", "mine", {})] }, "metadata.name", /must be "default"/],
    ["JWTs in 1.1's mesh policy", { meshPolicies: [object("ServiceMeshPolicy", "istio-system", "default", { peers: [{ jwt: {} }] })] }, "spec.peers[0].jwt", NOT_MODELLED],
    ["an odd mode", peer({ mtls: { mode: "MAYBE" } }), "spec.mtls.mode", /expected one of/],
    ["port modes for everybody", peer({ portLevelMtls: { "8080": { mode: "DISABLE" } } }), "spec.portLevelMtls", /needs a selector/],
    ["a port's name for a mode", peer({ selector: { matchLabels: { app: "sample" } }, portLevelMtls: { http: {} } }), "spec.portLevelMtls.http", /no port number/],
    ["RequestAuthentication", { others: [object("RequestAuthentication", "shop", "bad", {})] }, "kind", NOT_MODELLED],
    ["access control of 1.1", { others: [object("ServiceMeshRbacConfig", "istio-system", "default", {})] }, "kind", NOT_MODELLED],
    ["an action on what has none", { policies: [object("Policy", "shop", "default", { action: "AUDIT" })] }, "spec.action", NOT_MODELLED],
];

describe("translator: what is refused", () => {
    for (const [title, patch, field, why] of ROUTING) {
        it(`${title}: left out, and said`, () => {
            const { refused } = translated(patch, caller);
            const found = refused.find((each) => each.field === field);
            assert.ok(found, `${field} is not among ${said(refused).join("\n") || "nothing"}`);
            assert.match(found.why, why);
            assert.equal(found.effect, "left out");
            assert.deepEqual(translated(patch, caller).filters["rbac-deny"], translated({}, caller).filters["rbac-deny"]);
        });
    }

    for (const [title, patch, field, why] of GUARDING) {
        it(`${title}: said, and what it selects is closed`, () => {
            const { refused, filters } = translated(patch, sample);
            const found = refused.find((each) => each.field === field);
            assert.ok(found, `${field} is not among ${said(refused).join("\n") || "nothing"}`);
            assert.match(found.why, why);
            assert.equal(found.effect, DENIED);
            assert.deepEqual(Object.values((filters["rbac-deny"] as any).rules.policies), [
                { permissions: [{ any: true }], principals: [{ any: true }] },
            ]);
        });
    }

    it("a refused VirtualService changes nothing", () => {
        assert.deepEqual(outbound(http({ fault: {} })), outbound({}));
    });

    it("of a Gateway only the server is left out that cannot be read", () => {
        const both = gateway("both", ["a.example.com"]);
        both.spec.servers.push({ port: { number: 443, name: "https", protocol: "HTTPS" }, hosts: ["*"], tls: {} });
        const { listeners, refused } = translated({ gateways: [both] }, { ...sample, gateway: true, labels: { istio: "ingressgateway" } });
        assert.equal(listeners.length, 1);
        assert.deepEqual(refused.map((each) => each.field).sort(), ["spec.servers[1].port.protocol", "spec.servers[1].tls"]);
    });

    it("AUDIT never stops anything: it is left out, whatever else is in it", () => {
        const { refused, filters } = translated(policy({ action: "AUDIT", rules: [{ when: [{ key: "x" }] }] }));
        assert.ok(refused.length > 0 && refused.every(({ effect }) => effect === "left out"));
        assert.equal((filters["rbac-deny"] as any).rules, undefined);
        assert.equal((filters["rbac-allow"] as any).rules, undefined);
    });

    it("a refused policy closes whom its selector means, and nobody else", () => {
        const patch = policy({ selector: { matchLabels: { app: "sample" } }, rules: [{ when: [{}] }] });
        assert.ok((translated(patch, sample).filters["rbac-deny"] as any).rules);
        assert.equal((translated(patch, caller).filters["rbac-deny"] as any).rules, undefined);
    });

    it("a refused policy of the root namespace closes the whole mesh", () => {
        const patch = { authorizationPolicies: [object("AuthorizationPolicy", "istio-system", "bad", { rules: [{ when: [{}] }] })] };
        assert.ok((translated(patch, caller).filters["rbac-deny"] as any).rules);
    });

    it("a refused mesh policy closes the whole mesh, a refused namespace policy its namespace", () => {
        const mesh = { meshPolicies: [object("ServiceMeshPolicy", "istio-system", "default", { origins: [] })] };
        assert.ok((translated(mesh, caller).filters["rbac-deny"] as any).rules);
        const namespace = { policies: [object("Policy", "office", "default", { origins: [] })] };
        assert.equal((translated(namespace, caller).filters["rbac-deny"] as any).rules, undefined);
    });

    it("the second VirtualService for a host within the mesh is said", () => {
        const http = [{ route: [to("caller")] }];
        const virtualServices = [virtualService("first", { http }), virtualService("second", { http })];
        assert.deepEqual(said(translated({ virtualServices }).refused), [
            "VirtualService shop/second | spec.hosts[0] | " +
                "within the mesh, VirtualService shop/first has this host already | left out",
        ]);
    });

    it("objects of namespaces outside the mesh are nobody's business", () => {
        const authorizationPolicies = [object("AuthorizationPolicy", "elsewhere", "bad", { action: "CUSTOM" })];
        const { refused, filters } = translated({ authorizationPolicies });
        assert.deepEqual(refused, []);
        assert.equal((filters["rbac-deny"] as any).rules, undefined);
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
        ];
        const services = [service("istio-system", "citadel", [{ name: "tcp-citadel", port: 8060 }])];
        assert.deepEqual(said(translated({ policies, destinationRules, services }).refused), []);
    });
});
