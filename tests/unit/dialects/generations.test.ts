import assert from "node:assert/strict";
import fc from "fast-check";
import type { GenerationName } from "../../../config/generations";
import { hostsOf, servicesOf } from "../../../config/hosts";
import { loadConfig } from "../../../config/load";
import type { MeshConfig } from "../../../config/schema";
import { type Dialect, dialects } from "../../../dialects";
import { renderConfig } from "../../../render/render";
import { accessSpec, denySpec } from "../../../specs/access";
import { gatewaySpec, virtualServiceSpec } from "../../../specs/ingress";
import { routeName, routeSpec } from "../../../specs/route";
import { asked, type Wish, wishes } from "./wishes";

const PAIRS: [GenerationName, GenerationName, latest: boolean][] = [
    ["1.1", "2.6", false],
    ["1.1", "3", false],
    ["2.6", "3", true],
];

/** Everything that a stack wants of its services, with the gateway's identity by what it is. */
function wanted(config: MeshConfig): object {
    const dialect = dialects[config.generation];
    const gateway = dialect.gateway(config);
    const services = servicesOf(config).map(({ namespace, name, service }) => ({ namespace, name, service }));
    const exposed = services.flatMap(({ namespace, name, service: { host, port, tls } }) =>
        host === undefined ? [] : [{ namespace, service: { name, host, port, tls } }],
    );
    const anonymous = { ...gateway, service: "gateway", ports: { plain: "plain", tls: "tls" } };
    return {
        services,
        hosts: hostsOf(config, "apps.example.com"),
        policies: services.map(({ namespace, name, service }) => [
            accessSpec(name, namespace, service.allow, ["the gateway"]),
            denySpec(name, namespace, service.deny, ["the gateway"]),
        ]),
        gateways: gatewaySpec(
            exposed.map(({ service }) => service),
            {},
        ),
        routing: exposed.map(({ namespace, service }) => virtualServiceSpec(service, namespace, "g")),
        routes: exposed.map(({ namespace, service }) => [
            routeName(namespace, service.name),
            routeSpec(service, anonymous),
        ]),
    };
}

/** Objects of a kind, without what a generation may call otherwise. */
async function rendered(config: MeshConfig) {
    const { resources, outputs } = await renderConfig("prod", config);
    const { principal } = dialects[config.generation].gateway(config);
    const objects = resources.filter((r) => r.type.startsWith("kubernetes:")).map((r) => r.inputs as any);
    const specs = (kind: string) =>
        objects
            .filter((o) => o.kind === kind)
            .map(({ metadata, spec }) => [
                `${metadata.namespace}/${metadata.name}`,
                JSON.parse(JSON.stringify(spec).replaceAll(principal, "the gateway")),
            ]);
    const { routeHosts, services, members, ...others } = outputs as any;
    const own = Object.keys(services);
    return {
        policies: specs("AuthorizationPolicy"),
        gateways: specs("Gateway"),
        routing: specs("VirtualService"),
        outputs: Object.keys(others).sort(),
        services,
        members,
        hosts: Object.fromEntries(own.map((name) => [name, routeHosts[name]])),
    };
}

describe("the same wish in two generations", () => {
    for (const [one, other, latest] of PAIRS) {
        const both = (wish: Wish) => [one, other].map((generation) => loadConfig(asked(wish, generation)));

        it(`${one} and ${other}: the same services, hosts, policies, Gateways and Routes`, () => {
            fc.assert(
                fc.property(wishes(latest), (wish) => {
                    const [a, b] = both(wish);
                    assert.deepEqual(wanted(a), wanted(b));
                }),
                { numRuns: 100 },
            );
        });

        it(`${one} and ${other}: rendered, the same policies and outputs, but for the gateway's identity`, async function () {
            this.timeout(60_000);
            const run = async (wish: Wish) => {
                const [a, b] = await both(wish).reduce(
                    async (before, config) => [...(await before), await rendered(config)],
                    Promise.resolve([] as object[]),
                );
                assert.deepEqual(a, b);
            };
            await fc.assert(fc.asyncProperty(wishes(latest), run), { numRuns: 2, seed: 3, endOnFailure: true });
        });
    }
});

describe("every dialect, whatever is wished for", () => {
    const each = (check: (config: MeshConfig, dialect: Dialect, generation: GenerationName) => void) => {
        for (const generation of Object.keys(dialects) as GenerationName[]) {
            fc.assert(
                fc.property(wishes(generation !== "1.1"), (wish) => {
                    const config = loadConfig(asked(wish, generation));
                    check(config, dialects[generation], generation);
                }),
                { numRuns: 60 },
            );
        }
    };

    it("is asked for by its own name", () => {
        for (const [name, { generation }] of Object.entries(dialects)) {
            assert.equal(generation, name);
        }
    });

    it("says the same again, and changes nothing that it is given", () => {
        each((config, dialect) => {
            const before = JSON.stringify(config);
            const all = () => [
                dialect.operators(config),
                dialect.homes(config),
                dialect.controlPlane(config),
                dialect.gatewayPieces(config),
                dialect.consolePieces(config),
                dialect.consoleRoutes(config),
                dialect.memberLabels(config),
            ];
            assert.deepEqual(all(), all());
            assert.equal(JSON.stringify(config), before);
        });
    });

    it("names what it makes once, and nothing before what it stands on", () => {
        each((config, dialect) => {
            for (const list of [
                dialect.controlPlane(config),
                dialect.gatewayPieces(config),
                dialect.consolePieces(config),
                dialect.memberPieces(config, { namespace: "shop", withoutSidecar: ["el-cart"] }),
            ]) {
                const names = list.map(({ name }) => name);
                assert.equal(new Set(names).size, names.length);
                const objects = list.map((p) => `${p.kind} ${p.metadata.namespace}/${p.metadata.name}`);
                assert.equal(new Set(objects).size, objects.length);
                for (const [i, { after = [] }] of list.entries()) {
                    assert.ok(after.every((name) => names.slice(0, i).includes(name)));
                }
            }
        });
    });

    it("makes no map that holds nothing, and no undefined value", () => {
        each((config, dialect) => {
            const pieces = [...dialect.controlPlane(config), ...dialect.gatewayPieces(config)];
            for (const { kind, body } of pieces.filter(({ apiVersion }) => /maistra|sail/.test(apiVersion))) {
                assert.doesNotMatch(JSON.stringify(body), /\{\}|null/, kind);
                assert.deepEqual(JSON.parse(JSON.stringify(body)), body, kind);
            }
        });
    });

    it("puts everything into namespaces that it says it needs", () => {
        each((config, dialect) => {
            const homes = dialect.homes(config).map(({ name }) => name);
            const pieces = [
                ...dialect.controlPlane(config),
                ...dialect.gatewayPieces(config),
                ...dialect.consolePieces(config),
            ];
            const places = pieces.flatMap(({ metadata }) => metadata.namespace ?? []);
            assert.ok(places.every((namespace) => homes.includes(namespace)));
            assert.ok(homes.includes(dialect.gateway(config).namespace));
            assert.equal(homes[0], config.controlPlane.namespace);
        });
    });

    it("waits only for operators that it asks for, each before those that need it", () => {
        each((config, dialect) => {
            const keys = dialect.operators(config).map(({ key }) => key);
            for (const [i, { after }] of dialect.operators(config).entries()) {
                assert.ok(after.every((key) => keys.slice(0, i).includes(key)));
            }
            assert.equal(keys.at(-1), "servicemesh");
        });
    });
});
