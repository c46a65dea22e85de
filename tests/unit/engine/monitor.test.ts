import assert from "node:assert/strict";
import { credentials, type ServiceError, status } from "@grpc/grpc-js";
import { ResourceMonitorClient } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
    RegisterResourceRequest,
    ResourceInvokeRequest,
    SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Deployment } from "../../../lab/engine/deployment";
import { type Goal, goalOf, seconds } from "../../../lab/engine/goal";
import { serveMonitor } from "../../../lab/engine/monitor";
import { Stopped } from "../../../lab/engine/run";

/** Takes every goal and remembers it. */
class Taker {
    goals: Goal[] = [];
    refusal?: Error;

    async register(read: () => Goal): Promise<{ urn: string; id: string; outputs: object }> {
        try {
            this.goals.push(read());
        } catch (error) {
            this.refusal = error as Error;
            throw new Stopped();
        }
        return { urn: "urn:x", id: "x", outputs: { a: 1 } };
    }
}

describe("the resource monitor", () => {
    let taker: Taker;
    let client: ResourceMonitorClient;
    let close: () => void;
    beforeEach(async () => {
        taker = new Taker();
        const options = { organization: "organization", project: "p", stack: "dev", preview: true, parallel: 4 };
        const monitor = await serveMonitor(taker as unknown as Deployment, {
            ...options,
            config: { "p:a": "1" },
            configSecretKeys: ["p:a"],
            emit: () => undefined,
        });
        client = new ResourceMonitorClient(monitor.address, credentials.createInsecure());
        close = monitor.close;
    });
    afterEach(() => {
        client.close();
        close();
    });

    function request(change: (r: RegisterResourceRequest) => void = () => undefined): RegisterResourceRequest {
        const r = new RegisterResourceRequest();
        r.setType("kubernetes:core/v1:Namespace");
        r.setName("n");
        r.setCustom(true);
        r.setObject(Struct.fromJavaScript({ metadata: { name: "n" } }));
        change(r);
        return r;
    }
    const register = (r: RegisterResourceRequest) =>
        new Promise<ServiceError | undefined>((resolve) =>
            client.registerResource(r, (error) => resolve(error ?? undefined)),
        );

    it("says what kind of run it is and what can be used, hooks and transforms not", async () => {
        const info = await new Promise<any>((resolve, reject) =>
            client.getDeploymentInfo(new Empty(), (error, answer) => (error ? reject(error) : resolve(answer))),
        );
        assert.equal(info.getDryrun(), true);
        assert.equal(info.getConfigMap().get("p:a"), "1");
        const supports = (id: string) => {
            const ask = new SupportsFeatureRequest();
            ask.setId(id);
            return new Promise<boolean>((resolve, reject) =>
                client.supportsFeature(ask, (error, answer) =>
                    error ? reject(error) : resolve(answer.getHassupport()),
                ),
            );
        };
        assert.deepEqual(await Promise.all(["secrets", "deletedWith", "resourceHooks", "transforms"].map(supports)), [
            true,
            true,
            false,
            false,
        ]);
    });

    it("reads a registration whole", async () => {
        const error = await register(
            request((r) => {
                r.setProtect(true);
                r.setDependenciesList(["urn:y"]);
                r.setDeletedwith("urn:home");
                r.setIgnorechangesList(["spec"]);
                const timeouts = new RegisterResourceRequest.CustomTimeouts();
                timeouts.setDelete("1m30s");
                r.setCustomtimeouts(timeouts);
            }),
        );
        assert.equal(error, undefined);
        const [goal] = taker.goals;
        assert.deepEqual(
            [goal.protect, goal.dependencies, goal.deletedWith, goal.ignoreChanges, goal.timeoutSeconds.delete],
            [true, ["urn:y"], "urn:home", ["spec"], 90],
        );
        assert.equal(goal.deleteBeforeReplace, undefined, "unsaid is not false");
    });

    for (const [what, change] of [
        ["explicit providers", (r: RegisterResourceRequest) => r.setProvider("urn:p::id")],
        ["components of other packages", (r: RegisterResourceRequest) => r.setRemote(true)],
        ["the option import", (r: RegisterResourceRequest) => r.setImportid("ns/x")],
    ] as const) {
        it(`refuses ${what} by name, and tells the SDK only that it has stopped`, async () => {
            const error = await register(request(change));
            assert.equal(error?.code, status.UNAVAILABLE);
            assert.match(
                taker.refusal!.message,
                new RegExp(`does not have ${what} \\(kubernetes:core/v1:Namespace "n"\\)`),
            );
        });
    }

    it("refuses functions by name", async () => {
        const invoke = new ResourceInvokeRequest();
        invoke.setTok("kubernetes:helm:template");
        const error = await new Promise<ServiceError | null>((resolve) => client.invoke(invoke, (e) => resolve(e)));
        assert.match(error!.details, /does not have functions \(kubernetes:helm:template\)/);
    });
});

describe("a registration's options", () => {
    it("durations are read as Go writes them", () => {
        assert.deepEqual(["90s", "1h30m", "250ms", "", undefined].map(seconds), [90, 5400, 0.25, undefined, undefined]);
        assert.throws(() => seconds("soon"), /"soon" is not a duration/);
    });

    it("hooks are refused", () => {
        const r = new RegisterResourceRequest();
        const hooks = new RegisterResourceRequest.ResourceHooksBinding();
        hooks.addBeforeCreate("h");
        r.setHooks(hooks);
        assert.throws(() => goalOf(r), /does not have hooks/);
    });
});
