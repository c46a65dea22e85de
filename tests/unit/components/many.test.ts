import assert from "node:assert/strict";
import { loadConfig } from "../../../config/load";
import type { MeshConfig } from "../../../config/schema";
import { readStackFile } from "../../../config/stack-file";
import { renderConfig } from "../../../render/render";

const dev = readStackFile("Pulumi.dev.yaml");

/** So many services in one namespace, each with all that a service may have of its own. */
function withServices(count: number): MeshConfig {
    const services = Array.from({ length: count }, (_, i) => [
        `service-${i}`,
        {
            image: "registry.example.com/x:1",
            host: `service-${i}.apps.example.com`,
            properties: { a: "b" },
            env: { KEY: { generate: 16 } },
            allow: [{ services: ["shop/service-0"] }],
        },
    ]);
    const namespaces = { shop: { services: Object.fromEntries(services) } };
    return loadConfig({ ...dev, "mesh:namespaces": JSON.stringify(namespaces) });
}

/** How many objects are looked into while an environment is declared, whoever does it. */
async function looksInside(config: MeshConfig): Promise<number> {
    const { keys } = Object;
    let count = 0;
    Object.keys = (value: object) => {
        count++;
        return keys(value);
    };
    try {
        await renderConfig("dev", config);
        return count;
    } finally {
        Object.keys = keys;
    }
}

describe("the graph of a large environment", () => {
    it("a further service costs as much work as the one before", async () => {
        const two = await looksInside(withServices(2));
        const four = await looksInside(withServices(4));
        const twenty = await looksInside(withServices(20));
        const [early, late] = [(four - two) / 2, (twenty - four) / 16];
        assert.ok(late < early * 1.2, `a service costs ${early}, later ${late}: more than in proportion`);
    });
});
