import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { type Engine, openEngine } from "../../lab/engine/driver";
import { withLab } from "../lab/with-lab";
import { devUp } from "./dev";
import type { Stack } from "./stack";

const EXAMPLE = resolve(__dirname, "../../examples/smoke-tests");
const CRON_JOB = { apiVersion: "batch/v1", kind: "CronJob" };

describe("smoke tests of the dev environment, another project", function () {
    this.timeout(600_000);
    const used = withLab({}, "e2e");
    let stack: Stack;
    let probes: Engine;

    before(async () => {
        stack = await devUp(used().lab);
        probes = await openEngine({
            programDir: EXAMPLE,
            stack: "dev",
            configFile: join(EXAMPLE, "Pulumi.dev.yaml"),
            // The same backend: that is all that the two have in common.
            home: stack.home,
            kubeconfig: used().lab.kubeconfig,
            kind: stack.engine.kind,
        });
    });
    after(async () => {
        await probes?.destroy();
    });

    it("ask the hosts that the stack tells", async () => {
        const result = await probes.up({ skipPreview: true });
        assert.equal(result.error, undefined);
        assert.equal(result.outputs.asked, "basic-install v1.1");
        const jobs = await used().kube.list(CRON_JOB, { namespace: "smoke-tests" });
        const urls = jobs.map(({ metadata, spec }) => {
            const [container] = spec.jobTemplate.spec.template.spec.containers;
            return [metadata.name, container.env.find((e: any) => e.name === "URL").value];
        });
        assert.deepEqual(urls.sort(), [
            ["caller", "http://caller.apps.example.com/api/caller/apply"],
            ["sample", "http://sample.apps.example.com/api/sample/apply"],
        ]);
    });

    it("leave the environment as it is", async () => {
        await stack.preview({ expectNoChanges: true });
    });
});
