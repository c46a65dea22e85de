import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
    copyFileSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { loadConfig } from "../../config/load";
import { readStackFile } from "../../config/stack-file";
import { type Found, findPulumi } from "../../lab/engine/real/find";
import { skip } from "../skip";

const CHECKOUT = resolve(__dirname, "../..");

/** Nobody listens there. */
const NOWHERE = `apiVersion: v1
kind: Config
clusters: [{ name: none, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: none, user: {} }]
contexts: [{ name: none, context: { cluster: none, user: none } }]
current-context: none
`;

describe("pulumi new from this repository", function () {
    this.timeout(300_000);
    let found: Found;
    let home: string;

    before(async function () {
        const looked = await findPulumi(process.env, { download: false });
        if ("missing" in looked) {
            skip(this, looked.missing);
        }
        found = looked as Found;
        home = mkdtempSync(join(tmpdir(), "mesh-new-"));
        for (const folder of ["backend", "template", "made"]) {
            mkdirSync(join(home, folder));
        }
        writeFileSync(join(home, "kubeconfig"), NOWHERE);
        copyFileSync(join(CHECKOUT, "Pulumi.yaml"), join(home, "template/Pulumi.yaml"));
        // What npm does with the real dependencies is npm's, and takes the network.
        const packages = { "": { dependencies: { nothing: "file:nothing" } }, nothing: {} };
        for (const [folder, content] of Object.entries(packages)) {
            mkdirSync(join(home, "template", folder), { recursive: true });
            const text = JSON.stringify({ name: folder || "mesh", version: "0.0.0", ...content });
            writeFileSync(join(home, "template", folder, "package.json"), text);
        }
        writeFileSync(join(home, "template/index.ts"), "");
    });
    after(() => home && rmSync(home, { recursive: true }));

    const pulumi = (cwd: string, ...args: string[]): Promise<{ code: number; said: string }> =>
        promisify(execFile)(found.pulumi, [...args, "--non-interactive", "--color", "never"], {
            cwd,
            env: {
                ...process.env,
                PULUMI_CONFIG_PASSPHRASE: "",
                PULUMI_BACKEND_URL: `file://${join(home, "backend")}`,
                PULUMI_SKIP_UPDATE_CHECK: "true",
                KUBECONFIG: join(home, "kubeconfig"),
            },
            maxBuffer: 64 * 2 ** 20,
        }).then(
            ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
            ({ code, stdout, stderr }) => ({ code, said: `${stdout}${stderr}` }),
        );

    it("with its defaults, makes a stack file that the program reads: a mesh without members", async () => {
        const made = join(home, "made");
        const template = join(home, "template");
        const { code, said } = await pulumi(home, "new", template, "--dir", made, "--yes", "--stack", "shop-test");
        assert.equal(code, 0, said);
        assert.match(said, /docs\/stack-template\.yaml/, "what comes next is said");
        const config = loadConfig(readStackFile(join(made, "Pulumi.shop-test.yaml")));
        assert.deepEqual([config.generation, config.namespaces], ["3", {}]);
        const project = parse(readFileSync(join(made, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
        assert.equal(project["name"], "mesh");
    });

    it("Pulumi takes its values for those that Pulumi.yaml declares, and the program for a config", async () => {
        const made = join(home, "made");
        for (const part of readdirSync(CHECKOUT).filter((name) => !name.startsWith("Pulumi.") && name !== ".git")) {
            rmSync(join(made, part), { recursive: true, force: true });
            symlinkSync(join(CHECKOUT, part), join(made, part));
        }
        const { said } = await pulumi(made, "preview", "--stack", "shop-test");
        // The first that is wrong is that there is no cluster.
        assert.match(said, /127\.0\.0\.1:1 cannot be reached/);
        assert.doesNotMatch(said, /problems? in Pulumi/);
    });
});
