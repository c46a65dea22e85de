import assert from "node:assert/strict";
import type { MeshView } from "../../../lab/dataplane/translate";
import { caller, object, said, sample, translated } from "./objects";

type Patch = Partial<MeshView>;
/** What is written; the field that is refused; why. */
type Row = [title: string, patch: Patch, field: string, why: RegExp];
type Part = [title: string, part: object, field: string, why: RegExp];

const UNKNOWN = /^is not modelled here$/;
const STARS = /beginning or its end/;
const FROM = [{ source: { namespaces: ["shop"] } }];
const FOR_SAMPLE = { selector: { matchLabels: { app: "sample" } } };

function policy(spec: object, namespace = "shop"): Patch {
    return { authorizationPolicies: [object("AuthorizationPolicy", namespace, "bad", spec)] };
}

function old(spec: object, name = "default"): Patch {
    return { policies: [object("Policy", "shop", name, spec)] };
}

function oldMeshWide(spec: object, name = "default"): Patch {
    return { meshPolicies: [object("ServiceMeshPolicy", "istio-system", name, spec)] };
}

function peer(spec: object): Patch {
    return { peerAuthentications: [object("PeerAuthentication", "shop", "bad", spec)] };
}

const SOURCES: Part[] = [
    ...["ipBlocks", "remoteIpBlocks", "requestPrincipals", "serviceAccounts", "notIpBlocks"].map((field): Part => [
        field,
        { namespaces: ["shop"], [field]: ["x"] },
        `.${field}`,
        UNKNOWN,
    ]),
    ["an empty source", {}, "", /must not be empty/],
    ["empty lists", { namespaces: [], principals: [] }, "", /must not be empty/],
];

const OPERATIONS: Part[] = [
    ["an empty operation", {}, "", /must not be empty/],
    ["an empty value", { methods: [""] }, ".methods[0]", /must not be empty/],
    ["a star inside", { paths: ["/a/*/b"] }, ".paths[0]", STARS],
    ["two stars", { paths: ["*a*"] }, ".paths[0]", STARS],
    ["a path template", { notPaths: ["/a/{*}"] }, ".notPaths[0]", STARS],
    ["a port's name", { ports: ["http"] }, ".ports[0]", /no port number/],
    ["an unknown limit", { bodies: ["x"] }, ".bodies", UNKNOWN],
];

const ROWS: Row[] = [
    ...SOURCES.map(([title, source, field, why]): Row => {
        return [title, policy({ rules: [{ from: [{ source }] }] }), `spec.rules[0].from[0].source${field}`, why];
    }),
    ...OPERATIONS.map(([title, operation, field, why]): Row => {
        return [title, policy({ rules: [{ to: [{ operation }] }] }), `spec.rules[0].to[0].operation${field}`, why];
    }),
    ["CUSTOM", policy({ action: "CUSTOM", rules: [{}] }), "spec.action", /only ALLOW and DENY/],
    ["conditions", policy({ rules: [{ from: FROM, when: [{ key: "source.ip" }] }] }), "spec.rules[0].when", /modelled/],
    ["no source", policy({ rules: [{ from: [{}] }] }), "spec.rules[0].from[0].source", /expected object/],
    ["a target", policy({ targetRefs: [], rules: [{ from: FROM }] }), "spec.targetRefs", UNKNOWN],
    ["a selector", policy({ selector: { matchExpressions: [] } }), "spec.selector.matchExpressions", UNKNOWN],
    ["1.1: JWTs", old({ origins: [{}] }), "spec.origins", UNKNOWN],
    ["1.1: optional peers", old({ peers: [{ mtls: {} }], peerIsOptional: true }), "spec.peerIsOptional", UNKNOWN],
    [
        "1.1: an odd mode",
        old({ peers: [{ mtls: { mode: "MAYBE" } }] }),
        "spec.peers[0].mtls.mode",
        /neither STRICT nor/,
    ],
    ["1.1: another name", old({ peers: [] }, "mine"), "metadata.name", /must be "default"/],
    ["1.1: what other kinds have", old({ action: "AUDIT" }), "spec.action", UNKNOWN],
    ["1.1, mesh-wide: another name", oldMeshWide({}, "mine"), "metadata.name", /must be "default"/],
    ["1.1, mesh-wide: JWTs", oldMeshWide({ peers: [{ jwt: {} }] }), "spec.peers[0].jwt", UNKNOWN],
    ["peers: an odd mode", peer({ mtls: { mode: "MAYBE" } }), "spec.mtls.mode", /expected one of/],
    ["peers: ports of everybody", peer({ portLevelMtls: { "8080": {} } }), "spec.portLevelMtls", /needs a selector/],
    ["peers: a port's name", peer({ ...FOR_SAMPLE, portLevelMtls: { http: {} } }), "spec.portLevelMtls.http", /number/],
    ["JWTs", { others: [object("RequestAuthentication", "shop", "bad", {})] }, "kind", UNKNOWN],
    [
        "access control of 1.1",
        { others: [object("ServiceMeshRbacConfig", "istio-system", "default", {})] },
        "kind",
        UNKNOWN,
    ],
];

/** Whether nothing at all passes to a workload. */
function isClosed(patch: Patch, self = sample): boolean {
    const { rules } = translated(patch, self).filters["rbac-deny"] as any;
    const everything = { permissions: [{ any: true }], principals: [{ any: true }] };
    return Object.values(rules?.policies ?? {}).some((each) => JSON.stringify(each) === JSON.stringify(everything));
}

describe("translator: policies that are refused", () => {
    for (const [title, patch, field, why] of ROWS) {
        it(`${title}: said, and what it selects is closed`, () => {
            const { refused } = translated(patch);
            const found = refused.find((each) => each.field === field);
            assert.ok(found, `${field} is not among:\n${said(refused).join("\n")}`);
            assert.match(found.why, why);
            assert.equal(found.effect, "all requests to what it selects are denied");
            assert.ok(isClosed(patch));
        });
    }

    it("without them nothing is closed", () => assert.ok(!isClosed({})));

    it("AUDIT never stops anything: it is left out, whatever else is in it", () => {
        const patch = policy({ action: "AUDIT", rules: [{ when: [{ key: "x" }] }] });
        const { refused, filters } = translated(patch);
        assert.ok(refused.length > 0 && refused.every(({ effect }) => effect === "left out"));
        assert.deepEqual(filters, translated({}).filters);
    });

    const unread = { rules: [{ when: [{}] }] };

    it("closes whom its selector means, and nobody else", () => {
        const patch = policy({ ...FOR_SAMPLE, ...unread });
        assert.deepEqual([isClosed(patch, sample), isClosed(patch, caller)], [true, false]);
    });

    it("in the root namespace the whole mesh", () => {
        assert.ok(isClosed(policy(unread, "istio-system"), caller));
        assert.ok(isClosed(oldMeshWide({ origins: [] }), caller));
    });

    it("in another namespace only that", () => {
        assert.ok(!isClosed(policy(unread, "office")));
        assert.ok(!isClosed({ policies: [object("Policy", "office", "default", { origins: [] })] }));
        assert.ok(!isClosed({ policies: [object("Policy", "istio-system", "default", { origins: [] })] }));
    });

    it("outside the mesh nobody", () => {
        const patch = policy({ action: "CUSTOM" }, "elsewhere");
        assert.deepEqual(translated(patch).refused, []);
        assert.ok(!isClosed(patch));
    });
});
