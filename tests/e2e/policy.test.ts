import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { type Found, findPulumi } from "../../lab/engine/real/find";
import { fromRendering } from "../../policy/from-rendering";
import { inWords, judge } from "../../policy/judge";
import { rules } from "../../policy/rules";
import { strictness } from "../../policy/settings";
import { render } from "../../render/render";
import { withLab } from "../lab/with-lab";
import { skip } from "../skip";
import { DEV_FILE } from "./stack";

const CHECKOUT = resolve(__dirname, "../..");

describe("policies: the pack on Pulumi's engine", function () {
    this.timeout(600_000);
    let found: Found;

    before(async function () {
        const looked = await findPulumi(process.env, { download: false });
        if ("missing" in looked) {
            skip(this, looked.missing);
        }
        found = looked as Found;
    });

    const used = withLab({}, "e2e");
    let home: string;
    before(async () => {
        home = mkdtempSync(join(tmpdir(), "mesh-policy-"));
        mkdirSync(join(home, "backend"));
        copyFileSync(join(CHECKOUT, "Pulumi.yaml"), join(home, "Pulumi.yaml"));
        await pulumi(home, "stack", "init", "dev");
    });
    after(() => home && rmSync(home, { recursive: true }));

    /** What it printed, and its exit code. */
    const pulumi = (cwd: string, ...args: string[]): Promise<{ code: number; stdout: string }> =>
        promisify(execFile)(found.pulumi, [...args, "--non-interactive", "--color", "never"], {
            cwd,
            env: {
                PULUMI_CONFIG_PASSPHRASE: "",
                ...process.env,
                KUBECONFIG: used().lab.kubeconfig,
                PULUMI_BACKEND_URL: `file://${join(home, "backend")}`,
                PULUMI_SKIP_UPDATE_CHECK: "true",
            },
            maxBuffer: 64 * 2 ** 20,
        }).then(
            ({ stdout }) => ({ code: 0, stdout }),
            ({ code, stdout, stderr }) => ({ code, stdout: `${stdout}${stderr}` }),
        );

    /** A preview of dev with more config of its own, and with config for the pack. */
    async function preview(name: string, config: object, packConfig?: object): Promise<{ code: number; said: string }> {
        const file = join(home, `${name}.yaml`);
        const own = parse(readFileSync(DEV_FILE, "utf8"));
        const { encryptionsalt } = parse(readFileSync(join(home, "Pulumi.dev.yaml"), "utf8"));
        writeFileSync(file, stringify({ encryptionsalt, config: { ...own.config, ...config } }));
        const more: string[] = [];
        if (packConfig) {
            writeFileSync(join(home, `${name}.json`), JSON.stringify(packConfig));
            more.push("--policy-pack-config", join(home, `${name}.json`));
        }
        const args = ["preview", "--stack", "dev", "--config-file", file, "--policy-pack", "policy", ...more];
        const { code, stdout } = await pulumi(CHECKOUT, ...args);
        return { code, said: stdout };
    }

    it("says of dev what it says of its rendering, in the same words, and lets it pass", async () => {
        const { code, said } = await preview("plain", {});
        assert.equal(code, 0, said);
        const { resources } = await render("dev");
        const judgements = judge(rules, fromRendering(resources), strictness(rules, "dev"));
        assert.ok(judgements.length > 0, "nothing to compare");
        for (const { rule, level, finding } of judgements) {
            assert.ok(said.includes(`[${level}]  ${rule.name}  `), `${rule.name} in\n${said}`);
            assert.ok(said.includes(inWords(finding)), `${inWords(finding)}\nin\n${said}`);
        }
        assert.equal(said.match(/\[(advisory|mandatory)\]/g)?.length, judgements.length, said);
    });

    it("ends the run of an environment that is said to be prod; what is not known yet is no reason", async () => {
        const { code, said } = await preview("prod", { "policy:environment": "prod", "mesh:uniqueNames": "true" });
        assert.notEqual(code, 0, said);
        assert.match(said, /\[mandatory\] {2}protected {2}\(kubernetes:maistra.io\/v1:ServiceMeshControlPlane/);
        // Its name depends on what is random, and so does all of its spec.
        assert.match(
            said,
            /\[advisory\] {2}mtls-strict .*\n +not judged yet: .*mtls.enabled is known only in the update/,
        );
        assert.doesNotMatch(said, /\[mandatory\] {2}mtls-strict/);
    });

    it("is as strict as the pack's config wants it", async () => {
        const lenient = { all: "advisory", "sampling-ceiling": { maximum: 100 }, protected: "disabled" };
        const { code, said } = await preview("lenient", { "policy:environment": "prod" }, lenient);
        assert.equal(code, 0, said);
        assert.doesNotMatch(said, /\[mandatory\]|sampling-ceiling|not protected/);
        assert.match(said, /\[advisory\] {2}service-has-policy/);
    });
});
