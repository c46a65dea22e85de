import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { changeCount, type Engine, openEngine, type RunResult } from "../../lab/engine/driver";
import { findPulumi } from "../../lab/engine/real/find";
import { skip } from "../skip";
import { withLab } from "./with-lab";

const CHECKOUT = resolve(__dirname, "../..");
const EXAMPLE = join(CHECKOUT, "examples/smoke-tests");
const PROGRAMS = join(CHECKOUT, "tests/fixtures/programs");
const CRON_JOB = { apiVersion: "batch/v1", kind: "CronJob" };

/** What a stack of the mesh tells, as far as a probe needs it and as a reader expects it. */
const TOLD = {
    routeHosts: { caller: "caller.apps.example.com", sample: "sample.apps.example.com" },
    urls: { caller: "http://caller.apps.example.com", sample: "http://sample.apps.example.com" },
    controlPlane: {
        name: "basic-install",
        namespace: "istio-system",
        generation: "1.1",
        version: "v1.1",
        mtls: "strict",
    },
    operators: { servicemeshoperator: "servicemeshoperator.v1.1.7" },
    members: ["microsvc-sample"],
    services: {},
};

for (const kind of ["stand-in", "pulumi"] as const) {
    describe(`another project reads a stack, on ${kind === "pulumi" ? "the real Pulumi" : "the stand-in engine"}`, function () {
        this.timeout(180_000);
        const used = withLab();
        const namespace = `smoke-tests-${kind}`;
        let home: string;
        let mesh: Engine;
        let probes: Engine;
        let reader: Engine;

        before(async function () {
            if (kind === "pulumi") {
                const found = await findPulumi(process.env, { download: false });
                if ("missing" in found) {
                    skip(this, found.missing);
                }
            }
            home = mkdtempSync(join(tmpdir(), "smoke-tests-"));
            const open = (programDir: string, configFile: string) =>
                openEngine({ programDir, stack: "dev", configFile, home, kubeconfig: used().lab.kubeconfig, kind });
            const config = join(home, "told.yaml");
            writeFileSync(config, stringify({ config: { "mesh:outputs": TOLD } }));
            mesh = await open(join(PROGRAMS, "outputs"), config);
            reader = await open(join(PROGRAMS, "reader"), join(home, "none.yaml"));
            probes = await open(EXAMPLE, join(EXAMPLE, "Pulumi.dev.yaml"));
        });
        after(() => home && rmSync(home, { recursive: true, force: true }));

        const telling = async (outputs: object) =>
            fine(await mesh.up({ config: { "mesh:outputs": json(outputs) }, skipPreview: true }));
        const up = (config: Record<string, string> = {}, more = {}) =>
            probes.up({ config: { "smoke-tests:namespace": namespace, ...config }, skipPreview: true, ...more });
        const json = (value: object) => JSON.stringify(value);
        const fine = (result: RunResult) => assert.equal(result.error, undefined);
        /** Only a preview: it is before anything is touched. */
        const refused = async (words: RegExp, config: Record<string, string> = {}) => {
            const wanted = { "reader:stack": "organization/mesh/dev", "reader:url": "caller" };
            const { error = "no error", messages } = await reader.preview({ config: { ...wanted, ...config } });
            assert.match(error, words);
            assert.ok(
                messages.every(({ text }) => !/^\s+at /m.test(text)),
                "a stack trace",
            );
        };
        const environment = async (name: string): Promise<Record<string, string>> => {
            const job = await used().kube.get({ ...CRON_JOB, namespace, name });
            const [container] = job?.spec.jobTemplate.spec.template.spec.containers ?? [];
            return Object.fromEntries((container?.env ?? []).map((e: any) => [e.name, e.value]));
        };

        it("a stack that there is none of is told by its name", async () => {
            await refused(/unknown stack "organization\/mesh\/dev"/);
        });

        it("a name without a project is refused before anything is asked", async () => {
            await refused(/"dev" does not name a stack of another project/, { "reader:stack": "dev" });
        });

        it("a stack that was not provisioned is told as such", async () => {
            await telling({});
            await refused(/stack organization\/mesh\/dev has no outputs/);
        });

        it("a stack of another kind is told as such, with what it has", async () => {
            await telling({ bucket: "b" });
            await refused(/organization\/mesh\/dev is not a stack of the mesh\n.*Its outputs are bucket;/);
        });

        it("a stack that is too old is told by what it lacks and what to do", async () => {
            await telling({ routeHosts: TOLD.routeHosts, urls: TOLD.urls });
            await refused(/has no output members[^]*older version[^]*pulumi up/);
        });

        it("a name that the mesh has no URL for is told with those that there are", async () => {
            await telling(TOLD);
            const cart = { "reader:url": "cart" };
            await refused(/organization\/mesh\/dev has no cart in urls\n {2}There is caller, sample\./, cart);
        });

        it("makes a CronJob for each probe, of the URLs that the stack tells", async () => {
            const result = await up();
            fine(result);
            assert.equal(result.outputs.asked, "basic-install v1.1");
            const { URL, METHOD, EXPECT } = await environment("caller");
            assert.deepEqual([URL, METHOD, EXPECT], ["http://caller.apps.example.com/api/caller/apply", "POST", "201"]);
            assert.equal((await environment("sample")).EXPECT, "403");
        });

        it("a second up finds nothing to do", async () => {
            const result = await up({}, { expectNoChanges: true });
            fine(result);
            assert.equal(changeCount(result.changes), 0);
        });

        it("a host that changed there is one update here", async () => {
            await telling({ ...TOLD, urls: { ...TOLD.urls, caller: "https://caller.example.org" } });
            const result = await up();
            fine(result);
            const changed = result.steps.filter(({ op }) => op !== "same" && op !== "read");
            assert.deepEqual(
                changed.map(({ urn, op }) => [op, urn.split("::").pop()]),
                [["update", "caller"]],
            );
            assert.equal((await environment("caller")).URL, "https://caller.example.org/api/caller/apply");
        });

        it("destroy leaves nothing, and the other stack as it was", async () => {
            fine(await probes.destroy());
            assert.equal(await used().kube.get({ apiVersion: "v1", kind: "Namespace", name: namespace }), undefined);
            assert.deepEqual(await probes.state(), []);
            assert.deepEqual((await mesh.outputs()).members, TOLD.members);
        });

        it("the source tree is as it was", () => {
            assert.deepEqual(
                readdirSync(EXAMPLE)
                    .filter((name) => name.startsWith("Pulumi."))
                    .sort(),
                ["Pulumi.dev.yaml", "Pulumi.yaml"],
            );
        });
    });
}
