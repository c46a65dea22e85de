import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { loadConfig } from "../../../config/load";
import { ConfigError } from "../../../config/problems";
import { readStackFile } from "../../../config/stack-file";
import type { Recorded } from "../../../render/record";
import { renderConfig, type Rendering } from "../../../render/render";
import { parted, type Raw, renderWorkloads } from "./parted";

const raw = readStackFile(join(resolve(__dirname, "../../.."), "Pulumi.prod.yaml"));

/** prod with its gateway by the Gateway API, as two stacks. */
function two(api = "gateway-api"): { platform: Raw; workloads: Raw } {
    const controlPlane = JSON.parse(raw["mesh:controlPlane"]);
    controlPlane.gateways.ingress.api = api;
    return parted({ ...raw, "mesh:controlPlane": JSON.stringify(controlPlane) });
}

const ofApi = (resources: Recorded[], kind: string) =>
    resources.filter(({ type }) => type === `kubernetes:gateway.networking.k8s.io/v1:${kind}`);

describe("an environment as two stacks, with its gateway by the Gateway API", () => {
    let platform: Rendering;
    before(async () => (platform = await renderConfig("platform", loadConfig(two().platform))));

    it("the Gateway is the platform's, the HTTPRoutes are with the services, and are for it", async () => {
        const workloads = await renderWorkloads(two().workloads, platform);
        const [gateway, ...others] = ofApi(platform.resources, "Gateway");
        assert.deepEqual(others, []);
        assert.deepEqual(ofApi(workloads.resources, "Gateway"), []);
        const routes = ofApi(workloads.resources, "HTTPRoute");
        assert.deepEqual(routes.map(({ inputs }) => inputs.metadata.name).sort(), ["caller", "sample"]);
        const { name, namespace } = gateway.inputs.metadata;
        const sections = gateway.inputs.spec.listeners.map((listener: any) => listener.name);
        for (const { inputs } of routes) {
            const [{ sectionName, ...parent }] = inputs.spec.parentRefs;
            assert.deepEqual(parent, { name, namespace });
            assert.ok(sections.includes(sectionName));
        }
    });

    it("TLS that ends at the gateway is refused by name: its listener would be the platform's to make", async () => {
        const refused = async (mode: string, api: string): Promise<string[]> => {
            const { platform: p, workloads: w } = two(api);
            const namespaces = JSON.parse(w["mesh:namespaces"]);
            const credential = mode === "edge" ? {} : { credential: "certificate" };
            namespaces["microsvc-sample"].services.caller.tls = { mode, ...credential };
            const there = await renderConfig("platform", loadConfig(p));
            try {
                await renderWorkloads({ ...w, "mesh:namespaces": JSON.stringify(namespaces) }, there);
                return [];
            } catch (error) {
                assert.ok(error instanceof ConfigError, String(error));
                return error.problems.map(({ key, allowed }) => `${key}: ${allowed}`);
            }
        };
        for (const mode of ["passthrough", "reencrypt"]) {
            const [only, ...others] = await refused(mode, "gateway-api");
            assert.deepEqual(others, []);
            assert.match(only, /services\.caller\.tls\.mode: edge: .* Gateway API, whose listeners are its own to say/);
            assert.deepEqual(await refused(mode, "istio"), []);
        }
        assert.deepEqual(await refused("edge", "gateway-api"), []);
    });
});
