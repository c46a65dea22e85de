import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReadResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { Deployment } from "../../../lab/engine/deployment";
import { STACK_TYPE } from "../../../lab/engine/plan/urn";
import { readStack, referenceOf, stateFileOf } from "../../../lab/engine/reference";
import { Stopped } from "../../../lab/engine/run";
import { StateFile } from "../../../lab/engine/state";
import { type Props, secret } from "../../../lab/engine/values";

describe("a reference to another stack, with the stand-in engine", () => {
    let home: string;
    beforeEach(() => (home = mkdtempSync(join(tmpdir(), "engine-reference-"))));
    afterEach(() => rmSync(home, { recursive: true }));

    function stackOf(project: string, name: string): StateFile {
        return StateFile.open(stateFileOf(home, project, name));
    }

    /** A stack whose last run left these outputs. */
    async function withOutputs(project: string, name: string, outputs: Props): Promise<void> {
        const state = stackOf(project, name);
        state.put({
            urn: `urn:pulumi:${name}::${project}::${STACK_TYPE}::${project}-${name}`,
            type: STACK_TYPE,
            custom: false,
            inputs: {},
            outputs,
            dependencies: [],
            propertyDependencies: {},
            additionalSecretOutputs: [],
        });
        await state.save();
    }

    const asking = () => ({ home, project: "probes" });

    it("reads the outputs as the last run left them, secrets as secrets", async () => {
        await withOutputs("mesh", "dev", { urls: { a: "http://a" }, key: secret("hidden") });
        assert.deepEqual(readStack("organization/mesh/dev", asking()), {
            name: "organization/mesh/dev",
            outputs: { urls: { a: "http://a" }, key: secret("hidden") },
            secretOutputNames: ["key"],
        });
    });

    it("a name alone is a stack of the asking project", async () => {
        await withOutputs("probes", "dev", { mine: true });
        assert.deepEqual(readStack("dev", asking()).outputs, { mine: true });
        assert.throws(() => readStack("prod", asking()), /^Error: unknown stack "prod"$/);
    });

    for (const name of ["organization/mesh/prod", "organization/../dev", "organization/mesh/dev/x", ""]) {
        it(`"${name}" is unknown, in Pulumi's words`, async () => {
            await withOutputs("mesh", "dev", {});
            assert.throws(() => readStack(name, asking()), new Error(`unknown stack "${name}"`));
        });
    }

    it("there is one organization, as in every file backend", () => {
        assert.throws(() => readStack("acme/mesh/dev", asking()), /organization name must be 'organization'/);
        assert.throws(() => readStack("mesh/dev", asking()), /organization name must be 'organization'/);
    });

    it("is remembered, counts as no change, and is forgotten without anything being deleted", async () => {
        await withOutputs("mesh", "dev", { a: 1 });
        const run = (state: StateFile) =>
            new Deployment({
                project: "probes",
                stack: "dev",
                preview: false,
                state,
                providerOf: (type) => assert.fail(`a provider was asked for ${type}`),
                readStack: (name) => readStack(name, asking()),
                emit: () => undefined,
                onFailure: () => undefined,
                signal: new AbortController().signal,
            });
        const up = run(stackOf("probes", "dev"));
        const { id, outputs } = await up.read(() => referenceOf(request("organization/mesh/dev")));
        await up.removeLeftovers();
        assert.deepEqual([id, outputs.outputs, up.changes], ["organization/mesh/dev", { a: 1 }, { read: 1 }]);
        assert.equal(stackOf("probes", "dev").resources.length, 1);
        const down = run(stackOf("probes", "dev"));
        await down.destroy();
        assert.deepEqual([down.changes, stackOf("probes", "dev").resources], [{}, []]);
    });

    it("anything else that is to be read is refused by name", async () => {
        const run = new Deployment({
            project: "probes",
            stack: "dev",
            preview: true,
            state: stackOf("probes", "dev"),
            providerOf: () => assert.fail("a provider was asked"),
            readStack: () => assert.fail("a stack was read"),
            emit: () => undefined,
            onFailure: () => undefined,
            signal: new AbortController().signal,
        });
        const read = run.read(() => referenceOf(request("ns/x", "kubernetes:core/v1:ConfigMap")));
        await assert.rejects(read, Stopped);
        assert.match(run.failure!.message, /does not have reading what others made \(kubernetes:core\/v1:ConfigMap/);
    });

    function request(id: string, type = "pulumi:pulumi:StackReference"): ReadResourceRequest {
        const r = new ReadResourceRequest();
        r.setType(type);
        r.setName("mesh");
        r.setId(id);
        return r;
    }
});
