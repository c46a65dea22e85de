import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../../config/load";
import { readStackFile } from "../../../config/stack-file";
import { filesOf, type RenderedFiles } from "../../../render/files";
import { render, renderConfig } from "../../../render/render";
import {
    environments,
    freshGolden,
    orphansAmong,
    readGolden,
    removeOrphans,
    staleness,
    writeGolden,
} from "../../../review/golden";

describe("golden renderings", function () {
    this.timeout(120_000);
    for (const stack of environments()) {
        it(`${stack}'s is fresh`, async () => {
            const stale = staleness(stack, readGolden(stack), await freshGolden(stack));
            assert.ok(stale === "", `Is this what ${stack} shall become? Then: npm run golden\n${stale}`);
        });
    }

    it("belong to environments that there are", () => assert.deepEqual(orphansAmong(environments()), []));

    it("are the same whenever they are rendered", async () => {
        const [one, other] = [filesOf(await render("dev")), filesOf(await render("dev"))];
        assert.deepEqual(one, other);
    });

    it("hold no secret", async () => {
        const raw = readStackFile("Pulumi.dev.yaml");
        const namespaces = JSON.parse(raw["mesh:namespaces"]);
        Object.assign(namespaces["microsvc-sample"].services.sample, {
            env: { TOKEN: { secret: "token" }, MADE: { generate: 20 } },
        });
        const config = loadConfig({
            ...raw,
            "mesh:namespaces": JSON.stringify(namespaces),
            "mesh:secrets": JSON.stringify({ token: "s3cr3t-value" }),
        });
        const text = Object.values(filesOf(await renderConfig("dev", config))).join("");
        assert.ok(!/s3cr3t-value|czNjcjN0LXZhbHVl/.test(text), "plain or in base64");
        assert.ok(text.includes('stringData: "[secret]"'), "and says that there is one");
    });
});

describe("a stale golden rendering", () => {
    const one: RenderedFiles = { "manifests.yaml": "a: 1\nb: 2\n", "graph.txt": "x\n", "outputs.yaml": "h: a\n" };

    it("is shown as the lines that differ, with their file", () => {
        const text = staleness("dev", one, { ...one, "manifests.yaml": "a: 1\nb: 3\n" });
        assert.match(text, /--- tests\/golden\/dev\/manifests.yaml\tin the repository/);
        assert.match(text, /\n-b: 2\n\+b: 3\n/);
        assert.doesNotMatch(text, /graph.txt|outputs.yaml/);
    });

    it("is cut where it is long", () => {
        const long = Array.from({ length: 500 }, (_, i) => `${i}\n`).join("");
        assert.match(staleness("dev", one, { ...one, "graph.txt": long }), /\.\.\. and 4\d\d lines more$/);
    });

    it("is written anew, and one of no environment is taken away", () => {
        const root = mkdtempSync(join(tmpdir(), "golden-"));
        try {
            assert.equal(writeGolden("dev", one, root).length, 3);
            assert.deepEqual(writeGolden("dev", { ...one, "graph.txt": "y\n" }, root), [join(root, "dev/graph.txt")]);
            assert.equal(readGolden("dev", root)["graph.txt"], "y\n");
            assert.deepEqual(removeOrphans(["prod"], root), [join(root, "dev")]);
            assert.deepEqual(orphansAmong(["prod"], root), []);
        } finally {
            rmSync(root, { recursive: true });
        }
    });
});
