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
import { keyOf } from "../../config/problems";
import { readStackFile } from "../../config/stack-file";
import { EXAMPLE } from "../../config/template-example";
import { type Found, findPulumi } from "../../lab/engine/real/find";
import { skip } from "../skip";
import { leaves, type Path, put, stored } from "../unit/config/by-cli";

const CHECKOUT = resolve(__dirname, "../..");

/** Nobody listens there. */
const NOWHERE = `apiVersion: v1
kind: Config
clusters: [{ name: none, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: none, user: {} }]
contexts: [{ name: none, context: { cluster: none, user: none } }]
current-context: none
`;

describe("the Pulumi CLI: new and config", function () {
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

    it("new, with its defaults, makes a stack file that the program reads: a mesh without members", async () => {
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

    it("new: Pulumi takes its values for those that Pulumi.yaml declares, and the program for a config", async () => {
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

    it("config set --path makes of every value what the unit tests say, and the program reads it", async () => {
        const made = join(home, "made");
        await pulumi(made, "stack", "init", "all");
        const { platform, ...whole } = EXAMPLE;
        const { secrets: _, ...plain } = whole;
        const values = leaves(plain).flatMap(([path, value]) => ["--plaintext", `${keyOf(path)}=${String(value)}`]);
        const all = await pulumi(made, "config", "set-all", "--path", ...values);
        assert.equal(all.code, 0, all.said);
        const one = async (...args: string[]) => assert.equal((await pulumi(made, "config", "set", ...args)).code, 0);
        await one("--path", "mesh:controlPlane.gateways.ingress.replicas.min", "3");
        await one("--path", "mesh:controlPlane.pilot.autoscale", "true");
        await one("--path", "mesh:controlPlane.consoles[1]", "jaeger");
        await one("mesh:protect", "false");
        await one("--secret", "--path", "mesh:secrets.db-password", "12345");
        const written = parse(readFileSync(join(made, "Pulumi.all.yaml"), "utf8")).config as Record<string, unknown>;
        const data = Object.fromEntries(Object.entries(written).map(([key, value]) => [key.slice(5), value]));
        assert.deepEqual(Object.keys((data["secrets"] as { "db-password": object })["db-password"]), ["secure"]);
        const set: [Path, string | number | boolean][] = [
            [["controlPlane", "gateways", "ingress", "replicas", "min"], 3],
            [["controlPlane", "pilot", "autoscale"], true],
            [["protect"], "false"],
        ];
        const asSaid = [...leaves(plain), ...set].reduce<unknown>(
            (before, [path, value]) => put(before, path, path.length === 1 ? String(value) : stored(String(value))),
            plain,
        );
        const { secrets: encrypted, ...others } = data;
        assert.deepEqual(withoutEmpty(others), withoutEmpty(asSaid));
        const { said } = await pulumi(made, "preview", "--stack", "all");
        assert.match(said, /127\.0\.0\.1:1 cannot be reached/, said);
        assert.doesNotMatch(said, /12345/);
    });

    it("config set of something else is told in words, and nothing is touched", async () => {
        const made = join(home, "made");
        await pulumi(
            made,
            "config",
            "set",
            "--stack",
            "all",
            "--path",
            "mesh:controlPlane.gateways.ingress.replicas.max",
            "many",
        );
        await pulumi(made, "config", "set", "--stack", "all", "--path", "mesh:operators.kiali.channel", "4");
        const { code, said } = await pulumi(made, "preview", "--stack", "all");
        assert.notEqual(code, 0);
        assert.match(said, /2 problems in Pulumi\.all\.yaml, nothing was touched/);
        assert.match(said, /mesh:controlPlane\.gateways\.ingress\.replicas\.max +many: /);
        assert.match(said, /mesh:operators\.kiali\.channel +4: /);
    });
});

/** Without keys that hold nothing, which no `config set` can make. */
function withoutEmpty(value: unknown): unknown {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return value;
    }
    const entries = Object.entries(value).map(([key, inner]) => [key, withoutEmpty(inner)] as const);
    return Object.fromEntries(
        entries.filter(([, inner]) => typeof inner !== "object" || inner === null || Object.keys(inner).length > 0),
    );
}
