import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings, SettingsError } from "../../../apps/shared/settings";
import { propertiesFile } from "../../../specs/workload";

describe("apps: settings, read as Spring Boot reads them", () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "settings-"))));
    afterEach(() => rmSync(folder, { recursive: true }));

    const at = (text: string, name = "application.properties") => {
        writeFileSync(join(folder, name), text, "latin1");
        return { SPRING_CONFIG_ADDITIONAL_LOCATION: `file:${folder}/` };
    };

    it("step 4: the address of sample, from the file that the program writes", () => {
        const base = "http://sample.microsvc-sample.svc.cluster.local:8080";
        const settings = readSettings(at(propertiesFile({ "sample_api.base_path": base })));
        assert.equal(settings.get("sample_api.base_path"), base);
    });

    it("reads whatever the program may write: what java.util.Properties would read", () => {
        const odd = { "a.b": " x = y:z#! ", tail: "ends in \\", umlaut: "Größe 東京", empty: "", 'k[0]"': "1" };
        const settings = readSettings(at(propertiesFile(odd)));
        assert.deepEqual(Object.fromEntries(Object.keys(odd).map((k) => [k, settings.get(k)])), odd);
    });

    it("reads what a person writes: comments, continued lines, the other separators", () => {
        const settings = readSettings(at("# note\n! note\nserver.port : 9090\nlong=a\\\n   b\nspaced value\n"));
        assert.equal(settings.integer("server.port", 1, 1, 65535), 9090);
        assert.equal(settings.get("long"), "ab");
        assert.equal(settings.get("spaced"), "value");
    });

    it("the environment goes before the file, a later location before an earlier one", () => {
        const env = at("server.port=1000\nsample_api.base_path=http://file\n");
        mkdirSync(join(folder, "later"));
        at("server.port=2000\n", "later/application.properties");
        const locations = `file:${folder}/,file:${folder}/later/`;
        const settings = readSettings({
            SPRING_CONFIG_ADDITIONAL_LOCATION: locations,
            SAMPLE_API_BASE_PATH: "http://env",
        });
        assert.equal(settings.integer("server.port", 1, 1, 65535), 2000);
        assert.equal(settings.get("sample_api.base_path"), "http://env");
        assert.equal(readSettings({ ...env, SERVER_PORT: "3000" }).integer("server.port", 1, 1, 65535), 3000);
    });

    it("says which location is not there, unless it is optional; a folder without the file is fine", () => {
        const missing = `file:${folder}/missing/`;
        const read = (location: string) => readSettings({ SPRING_CONFIG_ADDITIONAL_LOCATION: location });
        assert.throws(
            () => read(missing),
            (e: Error) => e instanceof SettingsError && e.message.includes("/missing/"),
        );
        assert.equal(read(`optional:${missing}`).get("x"), undefined);
        assert.equal(read(`file:${folder}/`).get("x"), undefined);
    });

    it("names the setting that is missing or makes no sense, and how it may be given", () => {
        const settings = readSettings({ SERVER_PORT: "many" });
        assert.throws(() => settings.required("sample_api.base_path"), /sample_api\.base_path.*SAMPLE_API_BASE_PATH/);
        assert.throws(() => settings.integer("server.port", 8080, 1, 65535), /server\.port is many/);
    });
});
