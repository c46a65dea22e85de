import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { emptyFacts } from "../../../cluster/facts";
import { loadConfig } from "../../../config/load";
import { readStackFile } from "../../../config/stack-file";
import type { Recorded } from "../../../render/record";
import { moveCommand, takenOver } from "../../../render/part";
import { render, renderConfig, type Rendering } from "../../../render/render";
import { looksAt } from "../../../stacks/plan";
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
