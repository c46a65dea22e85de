import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { emptyFacts } from "../../../cluster/facts";
import { loadConfig } from "../../../config/load";
import { ConfigError, describeProblem } from "../../../config/problems";
import { readStackFile } from "../../../config/stack-file";
import type { Recorded } from "../../../render/record";
import { moveCommand, takenOver } from "../../../render/part";
import { render, renderConfig, type Rendering } from "../../../render/render";
import { decide, looksAt } from "../../../stacks/plan";
import { platformStack } from "../../../stacks/platform-reference";
import { parted, PLATFORM, type Raw, renderWorkloads } from "./parted";

const ROOT = resolve(__dirname, "../../..");
const STACKS = ["dev", "staging", "prod"];
const MARK = "organization/mesh/shop";
const file = (stack: string): Raw => readStackFile(join(ROOT, `Pulumi.${stack}.yaml`));

/** Without what differs by stack: its name, and the mark on its objects. */
function comparable(resources: Recorded[]): Record<string, unknown> {
    const own = resources.filter((r) => r.type !== "pulumi:pulumi:Stack");
    return Object.fromEntries(
        own.map(({ urn, inputs }) => [
            urn.replace(/^urn:pulumi:[^:]+/, ""),
            JSON.parse(JSON.stringify(inputs).replace(/organization\/mesh\/\w+/g, "MARK")),
        ]),
    );
}

async function halves(raw: Raw): Promise<{ platform: Rendering; workloads: Rendering }> {
    const { platform: p, workloads: w } = parted(raw);
    const platform = await renderConfig("platform", loadConfig(p));
    return { platform, workloads: await renderWorkloads(w, platform) };
}

describe("an environment as two stacks", () => {
    for (const stack of STACKS) {
        describe(stack, () => {
            let whole: Rendering;
            let platform: Rendering;
            let workloads: Rendering;
            before(async () => {
                // By the same name: the marks are in the digests.
                whole = await renderConfig("platform", loadConfig(file(stack)));
                ({ platform, workloads } = await halves(file(stack)));
            });

            it("together they make what one stack makes, under the same names: moving needs no new objects", () => {
                const [a, b] = [comparable(platform.resources), comparable(workloads.resources)];
                // Each has its own, if empty, list of exceptions; and the second waits for what the first takes in.
                const extra = Object.keys(b).filter((urn) => urn in a || urn.includes("mesh:index:TakenIn"));
                assert.deepEqual(extra.map((urn) => urn.split("::")[2]).sort(), [
                    "mesh:index:ExposedListeners",
                    "mesh:index:TakenIn",
                ]);
                const both = { ...b, ...a };
                extra.filter((urn) => !(urn in a)).forEach((urn) => delete both[urn]);
                assert.deepEqual(both, comparable(whole.resources));
            });

            it("the services' stack tells of its services, and of the mesh what the platform tells", () => {
                const { routeHosts: consoles, urls: _urls, ...told } = platform.outputs;
                const { routeHosts, urls, services, platform: madeFor, ...rest } = workloads.outputs;
                assert.deepEqual({ ...consoles, ...routeHosts }, whole.outputs.routeHosts);
                assert.deepEqual(Object.keys(urls), Object.keys(routeHosts));
                assert.deepEqual(services, whole.outputs.services);
                assert.deepEqual(rest, {
                    controlPlane: told.controlPlane,
                    operators: told.operators,
                    members: told.members,
                });
                assert.deepEqual(madeFor, { ...told.platform, stack: PLATFORM });
            });
        });
    }

    it("handed over is what services are made of, by the names that the other stack has for it", async () => {
        const { workloads } = await halves(file("staging"));
        const urns = takenOver(workloads, "staging");
        assert.deepEqual(
            urns.map((urn) => urn.split("::").slice(2).join(" ")),
            [
                "mesh:index:AccessPolicies microsvc-sample",
                "mesh:index:Ingress microsvc-sample",
                "mesh:index:MeshedService microsvc-sample/caller",
                "mesh:index:MeshedService microsvc-sample/sample",
            ],
        );
        const whole = (await renderConfig("staging", loadConfig(file("staging")))).resources.map((r) => r.urn);
        assert.deepEqual(
            urns.filter((urn) => !whole.includes(urn)),
            [],
        );
        assert.match(
            moveCommand(urns, "staging", "shop"),
            /^pulumi state move --source staging --dest shop \\\n  'urn:/,
        );
    });

    it("with unique names, the services follow the platform's suffix", async () => {
        const raw: Raw = { ...file("dev"), "mesh:uniqueNames": "true" };
        const namespaces = JSON.parse(raw["mesh:namespaces"]);
        delete namespaces["microsvc-sample"].existingRoutes;
        for (const service of Object.values<any>(namespaces["microsvc-sample"].services)) {
            service.host = service.host.split(".")[0];
        }
        const { workloads } = await halves({ ...raw, "mesh:namespaces": JSON.stringify(namespaces) });
        assert.deepEqual(workloads.outputs.routeHosts, {
            caller: "caller-x7k2.apps.example.com",
            sample: "sample-x7k2.apps.example.com",
        });
        assert.equal(workloads.outputs.services.sample.namespace, "microsvc-sample-x7k2");
        const policy = workloads.resources.find((r) => r.type.endsWith(":AuthorizationPolicy"));
        assert.equal(policy?.inputs.metadata.namespace, "microsvc-sample-x7k2");
        assert.match(JSON.stringify(policy?.inputs.spec), /microsvc-sample-x7k2/);
    });
});

describe("a workloads stack that joins by itself", () => {
    const join3 = async (stack: string): Promise<Recorded[]> => {
        const { platform: p, workloads: w } = parted(file(stack));
        const platform = await renderConfig("platform", loadConfig({ ...p, "mesh:namespaces": "{}" }));
        return (await renderWorkloads(w, platform)).resources;
    };

    for (const stack of ["dev", "staging"]) {
        it(`${stack}: by a ServiceMeshMember in its own namespace, after which its services come`, async () => {
            const resources = await join3(stack);
            const [member, ...others] = resources.filter((r) => /:ServiceMeshMember/.test(r.type));
            assert.equal(others.length, 0);
            assert.equal(member.inputs.metadata.namespace, "microsvc-sample");
            const name = stack === "dev" ? "basic-install" : "basic";
            assert.deepEqual(member.inputs.spec, { controlPlaneRef: { name, namespace: "istio-system" } });
            const policy = resources.find((r) => r.type.endsWith(":AuthorizationPolicy"));
            assert.ok(policy?.dependencies.includes(member.urn));
        });
    }

    it("prod: by labels on its own namespace, with what closes it", async () => {
        const resources = await join3("prod");
        const labels = resources.filter((r) => r.type.endsWith(":ObjectPatch") && r.inputs.kind === "Namespace");
        assert.deepEqual(
            labels.map((r) => [r.inputs.name, r.inputs.path.at(-1), r.inputs.value]),
            [
                ["microsvc-sample", "istio-injection", "enabled"],
                ["microsvc-sample", "istio-discovery", "default"],
            ],
        );
        assert.ok(resources.some((r) => r.type.endsWith(":NetworkPolicy")));
    });

    it("makes nothing outside its namespaces but its Routes, which are where the gateway is", async () => {
        for (const stack of STACKS) {
            const objects = (await join3(stack)).filter((r) => r.type.startsWith("kubernetes:"));
            const outside = objects.filter((r) => r.inputs.metadata.namespace !== "microsvc-sample");
            assert.deepEqual(
                [...new Set(outside.map((r) => r.inputs.kind))],
                stack === "dev" ? [] : ["Route"],
                outside.map((r) => r.urn).join("\n"),
            );
        }
    });

    it("the examples render", async () => {
        const { resources } = await render("shop", undefined, join(ROOT, "examples/two-stacks/Pulumi.shop.yaml"));
        assert.ok(resources.some((r) => r.type.endsWith(":ServiceMeshMember")));
    });

    it("1.1: the platform's roll goes on naming namespaces that joined by themselves (trap 23)", async () => {
        const config = loadConfig({ ...parted(file("dev")).platform, "mesh:namespaces": "{}" });
        const facts = emptyFacts({
            packages: Object.fromEntries(
                looksAt(config, MARK).packages.map((p) => [p.package, { subscriptions: [], csvs: [] }]),
            ),
            members: [
                { namespace: "shop", controlPlaneNamespace: "istio-system", configured: true, byItself: true },
                { namespace: "far", controlPlaneNamespace: "other-mesh", configured: true, byItself: true },
                { namespace: "gone", controlPlaneNamespace: "istio-system", configured: true },
            ],
        });
        const { resources } = await renderConfig("platform", config, facts);
        const roll = resources.find((r) => r.type.endsWith(":ServiceMeshMemberRoll"));
        assert.deepEqual(roll?.inputs.spec, { members: ["shop"] });
    });
});

describe("what a part may not say", () => {
    const whole = file("prod");
    const two = parted(whole);
    let told: Record<string, unknown>;
    before(async () => (told = (await renderConfig("platform", loadConfig(two.platform))).outputs));

    const problems = (raw: Raw): string[] => {
        try {
            const { platform } = platformStack(PLATFORM, told);
            loadConfig(raw, raw["mesh:part"] === "workloads" ? { platform } : {});
            return [];
        } catch (error) {
            assert.ok(error instanceof ConfigError, String(error));
            return error.problems.map((p) => `${p.key}: ${describeProblem(p)}`);
        }
    };
    const cases: [string, Raw, RegExp[]][] = [
        [
            "a platform that moves on",
            {
                ...parted(file("staging")).platform,
                "mesh:operators": "{}",
                "mesh:next": JSON.stringify({
                    generation: "3",
                    controlPlane: { name: "v3", consoles: ["kiali"], tracing: { enabled: false, backend: "tempo" } },
                }),
            },
            [/^mesh:next: 3: nothing with part: platform/],
        ],
        [
            "a platform of another platform",
            { ...two.platform, "mesh:platform": PLATFORM },
            [/^mesh:platform: .*did you mean part: workloads\?/],
        ],
        ["no platform", { ...two.workloads, "mesh:platform": "" }, [/^mesh:platform: missing: the full name/]],
        [
            "a platform by its short name",
            { ...two.workloads, "mesh:platform": "platform" },
            [/^mesh:platform: platform: .*did you mean organization\/mesh\/platform\?/],
        ],
        [
            "what is the platform's, all at once",
            {
                ...two.workloads,
                "mesh:uniqueNames": "true",
                "mesh:protect": "true",
                "mesh:catalog": '{"source":"mine"}',
                "mesh:operators": '{"kiali":{"channel":"stable"}}',
                "mesh:controlPlane": '{"mtls":"off"}',
            },
            ["uniqueNames", "protect", "catalog", "operators", "controlPlane"].map(
                (key) => new RegExp(`^mesh:${key}: given: nothing with part: workloads; it is the platform's to say`),
            ),
        ],
        [
            "another generation",
            { ...two.workloads, "mesh:generation": "2.6" },
            [/^mesh:generation: the mesh of .* is of generation 3, not 2\.6/],
        ],
        ["a roll", { ...two.workloads, "mesh:membership": "roll" }, [/^mesh:membership: roll: labels/]],
        [
            "answers for Routes of a namespace that the platform takes in",
            { ...two.workloads, "mesh:namespaces": whole["mesh:namespaces"] },
            [/existingRoutes: given: nothing: organization\/mesh\/platform takes microsvc-sample in/],
        ],
    ];
    for (const [what, raw, expected] of cases) {
        it(what, () => {
            const found = problems(raw);
            for (const words of expected) {
                assert.ok(
                    found.some((line) => words.test(line)),
                    `${words} is not in:\n${found.join("\n")}`,
                );
            }
            assert.equal(found.length, expected.length, found.join("\n"));
        });
    }

    it("what Pulumi.yaml gives to keys that nobody gave is not theirs", () => {
        const defaults = {
            "mesh:uniqueNames": "false",
            "mesh:protect": "false",
            "mesh:catalog": '{"source":"redhat-operators","sourceNamespace":"openshift-marketplace"}',
            "mesh:operators": "{}",
            "mesh:controlPlane": "{}",
            "mesh:membership": "",
            "mesh:next": "{}",
        };
        assert.deepEqual(problems({ ...defaults, ...two.workloads }), []);
    });

    describe("a stack that is no platform", () => {
        const said = (outputs: Record<string, unknown>): string => {
            try {
                platformStack(PLATFORM, outputs);
                return "";
            } catch (error) {
                return (error as Error).message;
            }
        };
        it("was never brought up", () =>
            assert.match(said({}), /has not been brought up; nothing was touched\n.*pulumi up -s platform/));
        it("is whole", () => assert.match(said({ controlPlane: {} }), /is not a platform/));
        it("is another release's", () => assert.match(said({ platform: { generation: "9" } }), /another release/));
    });

    describe("on the cluster", () => {
        const refused = (raw: Raw, more: Parameters<typeof emptyFacts>[0]): string => {
            const { platform } = platformStack(PLATFORM, told);
            const config = loadConfig(raw, raw["mesh:part"] === "workloads" ? { platform } : {});
            const packages = Object.fromEntries(
                looksAt(config, MARK).packages.map((p) => [p.package, { subscriptions: [], csvs: [] }]),
            );
            try {
                decide(config, emptyFacts({ packages, ...more }), MARK);
                return "";
            } catch (error) {
                return (error as Error).message;
            }
        };
        const there = { "microsvc-sample": { exists: true, terminating: false, labels: {}, annotations: {} } };
        const deployment = {
            namespace: "microsvc-sample",
            kind: "Deployment" as const,
            name: "sample",
            containers: [],
        };

        it("a platform may have services of its own too", async () => {
            assert.equal(
                refused({ ...whole, "mesh:part": "platform" }, { workloads: [{ ...deployment, mark: MARK }] }),
                "",
            );
        });

        it("a platform lets go of no service that is still its own", () => {
            const words =
                /mesh:namespaces\.microsvc-sample\.services .*Deployment microsvc-sample\/sample is still this stack's, and would be deleted/;
            assert.match(refused(two.platform, { workloads: [{ ...deployment, mark: MARK }] }), words);
            assert.equal(
                refused(two.platform, { workloads: [{ ...deployment, mark: "organization/mesh/other" }] }),
                "",
            );
        });

        it("the namespace of a workloads stack must be there", () => {
            assert.match(refused(two.workloads, {}), /there is no namespace microsvc-sample.*oc new-project/);
            assert.equal(refused(two.workloads, { namespaces: there }), "");
        });

        it("what was the platform's before they were parted is the stack's own; what is others' is not", () => {
            const route = (mark: string) => ({
                namespace: "istio-system-ingress",
                name: "microsvc-sample-sample",
                host: "sample.apps.example.com",
                to: "istio-ingressgateway",
                labels: {},
                admitted: true,
                mark,
            });
            assert.equal(refused(two.workloads, { namespaces: there, routes: [route(PLATFORM)] }), "");
            const theirs = refused(two.workloads, { namespaces: there, routes: [route("organization/mesh/other")] });
            assert.match(theirs, /sample\.apps\.example\.com is held by Route istio-system-ingress/);
        });
    });
});
