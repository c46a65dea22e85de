import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sumOf } from "../../../lab/binaries/download";
import { cachedFile, inCache, onPath } from "../../../lab/binaries/local";
import { eachByItself, findAll, type Step } from "../../../lab/binaries/steps";
import { type BinaryName, ETCD_VERSION, KUBERNETES_VERSION } from "../../../lab/binaries/versions";

const NAMES: BinaryName[] = ["etcd", "kube-apiserver", "kube-controller-manager"];

/** A step that has some binaries, and notes what it was asked for. */
function step(title: string, has: BinaryName[], asked: string[]): Step {
    return eachByItself(title, async (name) => {
        asked.push(`${title}: ${name}`);
        if (!has.includes(name)) {
            throw new Error(`${title} has no ${name}`);
        }
        return `/${title}/${name}`;
    });
}

describe("binaries of the lab", () => {
    it("are taken from the first step that has them, and later steps are asked only for the rest", async () => {
        const asked: string[] = [];
        const steps = [
            step("path", ["etcd"], asked),
            step("cache", ["etcd", "kube-apiserver"], asked),
            step("download", [], asked),
            step("build", NAMES, asked),
        ];
        const found = await findAll(NAMES, steps, () => undefined);
        assert.deepEqual(found, {
            etcd: "/path/etcd",
            "kube-apiserver": "/cache/kube-apiserver",
            "kube-controller-manager": "/build/kube-controller-manager",
        });
        assert.deepEqual(
            asked.filter((line) => !line.startsWith("path")),
            [
                "cache: kube-apiserver",
                "cache: kube-controller-manager",
                "download: kube-controller-manager",
                "build: kube-controller-manager",
            ],
        );
    });

    it("that cannot be had are named with every way that was tried, and why it failed", async () => {
        const steps = [step("path", ["etcd"], []), step("cache", ["etcd"], []), step("build", [], [])];
        await assert.rejects(
            findAll(["etcd", "kube-apiserver"], steps, () => undefined),
            (error: Error) => {
                assert.match(error.message, /no kube-apiserver could be had/);
                for (const title of ["path", "cache", "build"]) {
                    assert.ok(error.message.includes(`kube-apiserver: ${title}: ${title} has no kube-apiserver`));
                }
                assert.ok(!error.message.includes("etcd:"));
                return true;
            },
        );
    });

    describe("on this machine", () => {
        let folder: string;
        beforeEach(() => {
            folder = mkdtempSync(join(tmpdir(), "lab-binaries-"));
        });
        afterEach(() => rmSync(folder, { recursive: true }));

        function program(name: string, prints: string): string {
            const file = join(folder, name);
            writeFileSync(file, `#!/bin/sh\necho '${prints}'\n`);
            chmodSync(file, 0o755);
            return file;
        }

        it("are taken from PATH when their version will do", async () => {
            const apiserver = program("kube-apiserver", `Kubernetes v${KUBERNETES_VERSION}`);
            const etcd = program("etcd", `etcd Version: ${ETCD_VERSION}`);
            const { found } = await onPath(`/nowhere:${folder}`).find(["etcd", "kube-apiserver"], () => undefined);
            assert.deepEqual(found, { etcd, "kube-apiserver": apiserver });
        });

        it("of another version on PATH are refused, with both versions", async () => {
            program("kube-apiserver", "Kubernetes v1.29.4");
            const { found, missed } = await onPath(folder).find(["kube-apiserver"], () => undefined);
            assert.deepEqual(found, {});
            assert.match(missed["kube-apiserver"] ?? "", /is version 1\.29\.4, wanted is 1\.36/);
        });

        it("are found in the cache under their version only", async () => {
            const cached = cachedFile(folder, "etcd");
            assert.ok(cached.includes(`etcd-v${ETCD_VERSION}-`));
            writeFileSync(cached, "");
            assert.equal((await inCache(folder).find(["etcd"], () => undefined)).found.etcd, undefined);
            chmodSync(cached, 0o755);
            assert.equal((await inCache(folder).find(["etcd"], () => undefined)).found.etcd, cached);
        });

        it("that are no file are not taken for one", async () => {
            mkdirSync(join(folder, "etcd"));
            const { missed } = await onPath(folder).find(["etcd"], () => undefined);
            assert.equal(missed.etcd, "there is none");
        });
    });

    it("are checked against the published checksum of their own file", () => {
        const [ours, other] = ["a".repeat(64), "b".repeat(64)];
        assert.equal(sumOf(`${other}  etcd-arm64.tar.gz\n${ours}  etcd-amd64.tar.gz\n`, "etcd-amd64.tar.gz"), ours);
        assert.equal(sumOf(`${ours}\n`, "kube-apiserver"), ours);
        assert.equal(sumOf(`${other}  one\n${ours}  two\n`, "three"), undefined);
        assert.equal(sumOf("<html>not found</html>", "kube-apiserver"), undefined);
    });
});
