import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mergeSettings, parseAssignment, parseSettings, type Settings } from "../../../lab/settings";
import { followSettings, patchSettingsFile } from "../../../lab/settings-file";

describe("settings of the lab", () => {
    it("all have a default", () => {
        const settings = parseSettings({});
        assert.equal(settings.timeScale, 0.15);
        assert.deepEqual(settings.kubelet.neverReadyImages, []);
        assert.equal(settings.router.domain, "apps.example.com");
    });

    it("that are wrong are all named", () => {
        assert.throws(
            () => parseSettings({ timeScale: "fast", kubelet: { color: "red" } }),
            (error: Error) => /timeScale/.test(error.message) && /color/.test(error.message),
        );
    });

    it("are laid over each other key by key, lists as a whole, null taking a key away", () => {
        const base = { timeScale: 1, kubelet: { readyDelay: 5, missingImages: ["a"] } };
        const merged = mergeSettings(base, { timeScale: null, kubelet: { missingImages: ["b"] } });
        assert.deepEqual(merged, { kubelet: { readyDelay: 5, missingImages: ["b"] } });
        assert.deepEqual(base.kubelet.missingImages, ["a"]);
    });

    it("are assigned by path, with JSON or a word as value", () => {
        assert.deepEqual(parseAssignment("olm.catalog=down"), { olm: { catalog: "down" } });
        assert.deepEqual(parseAssignment('kubelet.missingImages=["x"]'), { kubelet: { missingImages: ["x"] } });
        assert.deepEqual(parseAssignment("a.b=x=y"), { a: { b: "x=y" } });
        assert.throws(() => parseAssignment("timeScale"), /path\.to\.setting=value/);
    });

    it("say which OpenShift it is, of those that there are; on a command line it looks like a number", () => {
        assert.equal(parseSettings({}).openshift, "4.5");
        assert.equal(parseSettings(parseAssignment("openshift=4.18")).openshift, "4.18");
        assert.throws(() => parseSettings({ openshift: "4.9" }), /openshift/);
        const seed = { gatewayApi: true };
        assert.equal(parseSettings({ openshift: "4.18", seed }).seed.gatewayApi, true);
        assert.throws(() => parseSettings({ openshift: "4.5", seed }), /OpenShift 4\.18.*seed\.gatewayApi/s);
    });

    describe("in their file", () => {
        let folder: string;
        let file: string;
        beforeEach(() => {
            folder = mkdtempSync(join(tmpdir(), "lab-settings-"));
            file = join(folder, "settings.json");
        });
        afterEach(() => rmSync(folder, { recursive: true }));

        it("cannot make another OpenShift of a lab", () => {
            patchSettingsFile(file, { openshift: "4.18" });
            patchSettingsFile(file, { openshift: "4.18", timeScale: 1 });
            assert.throws(() => patchSettingsFile(file, { openshift: "4.5" }), /openshift=4.5/);
            assert.throws(() => patchSettingsFile(file, { openshift: null }), /fixed/);
            assert.equal(JSON.parse(readFileSync(file, "utf8")).openshift, "4.18");
        });

        it("are changed only by a patch that is right", () => {
            patchSettingsFile(file, { timeScale: 0.5 });
            const before = readFileSync(file, "utf8");
            assert.throws(() => patchSettingsFile(file, { router: { domain: 7 } }), /router\.domain/);
            assert.equal(readFileSync(file, "utf8"), before);
        });

        it("reach who follows them, and a broken file leaves the last ones", async () => {
            const stop = new AbortController();
            const seen: Settings[] = [];
            const errors: Error[] = [];
            const arrived = async (count: () => number, wanted: number): Promise<void> => {
                for (let i = 0; count() < wanted && i < 200; i++) {
                    await new Promise((resolve) => setTimeout(resolve, 10));
                }
                assert.equal(count(), wanted);
            };
            followSettings(
                file,
                stop.signal,
                (settings) => seen.push(settings),
                (error) => errors.push(error),
            );
            assert.equal(seen.length, 1);
            patchSettingsFile(file, { timeScale: 0.5 });
            await arrived(() => seen.length, 2);
            assert.equal(seen[1].timeScale, 0.5);
            writeFileSync(file, '{ "timeScale": "fast" }');
            await arrived(() => errors.length, 1);
            assert.equal(seen.length, 2);
            stop.abort();
        });
    });
});
