import assert from "node:assert/strict";
import { type Kube, KubeError, type KubeObject } from "../../../kube";
import { Providers } from "../../../lab/engine/providers";
import { KubernetesProvider } from "../../../lab/engine/providers/kubernetes";
import { endpoints, gone, rollOut } from "../../../lab/engine/providers/kubernetes-await";
import { complete, diffObject, refuse } from "../../../lab/engine/providers/kubernetes-rules";
import { FIELD_MANAGER, takenOver } from "../../../lab/engine/providers/managed-fields";
import type { Work } from "../../../lab/engine/providers/provider";
import { randomText, RandomProvider } from "../../../lab/engine/providers/random";
import { refuseFarServers } from "../../../lab/engine/stand-in";
import { type Props, secret, UNKNOWN } from "../../../lab/engine/values";

const work = (more: Partial<Work> = {}): Work => ({
    urn: "urn:pulumi:dev::p::kubernetes:core/v1:ConfigMap::c",
    preview: false,
    ignoreChanges: [],
    signal: new AbortController().signal,
    report: () => undefined,
    ...more,
});
const configMap = (data: Props, more: Props = {}): Props => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "c", namespace: "n" },
    data,
    ...more,
});

describe("what the stand-in does with Kubernetes objects", () => {
    it("an object without a name gets one, and keeps it", () => {
        const made = { name: "logical", namespaced: true, suffix: "0badcafe" };
        const first = complete({ apiVersion: "v1", kind: "ConfigMap" }, undefined, made);
        assert.deepEqual(first.metadata, {
            name: "logical-0badcafe",
            namespace: "default",
            annotations: { "pulumi.com/autonamed": "true" },
        });
        const again = complete({ apiVersion: "v1", kind: "ConfigMap" }, first, { ...made, suffix: "other" });
        assert.deepEqual(again, first);
    });

    it("patches, lists and what it cannot await are refused by name", () => {
        const inputs = (kind: string, annotations: Props = {}): Props => ({
            apiVersion: "apps/v1",
            kind,
            metadata: { annotations },
        });
        assert.throws(
            () => refuse("kubernetes:apps/v1:DeploymentPatch", inputs("Deployment")),
            /no patches.*DeploymentPatch/,
        );
        assert.throws(() => refuse("kubernetes:apps/v1:DeploymentList", inputs("DeploymentList")), /lists/);
        assert.throws(() => refuse("kubernetes:helm.sh/v3:Release", {}), /does not know the resource type/);
        assert.throws(
            () => refuse("kubernetes:apps/v1:StatefulSet", inputs("StatefulSet")),
            /when a StatefulSet is ready/,
        );
        refuse("kubernetes:apps/v1:StatefulSet", inputs("StatefulSet", { "pulumi.com/skipAwait": "true" }));
    });

    it("ConfigMaps with new data are replaced, and deleted first, as the real provider does", () => {
        const old = { inputs: configMap({ a: "1" }), outputs: configMap({ a: "1" }) };
        const diff = diffObject(old, configMap({ a: "2" }));
        assert.deepEqual([diff.replaces, diff.deleteBeforeReplace], [["data.a"], true]);
        const elsewhere = { ...configMap({ a: "1" }), metadata: { name: "c", namespace: "other" } };
        assert.deepEqual(diffObject(old, elsewhere).deleteBeforeReplace, false);
    });

    it("custom resources are compared with what the cluster made of them, so that a webhook's change shows", () => {
        const inputs: Props = { apiVersion: "maistra.io/v1", kind: "X", metadata: { name: "x" }, spec: { size: 1 } };
        const outputs = { ...inputs, spec: { size: 2, added: true }, status: {} };
        assert.deepEqual(diffObject({ inputs, outputs }, inputs).keys, ["spec.size"]);
        const builtIn = { ...inputs, apiVersion: "apps/v1" };
        assert.deepEqual(diffObject({ inputs: builtIn, outputs }, builtIn).keys, []);
    });

    it("metadata that is not known yet means a replacement", () => {
        const old = { inputs: configMap({}), outputs: configMap({}) };
        assert.deepEqual(diffObject(old, { ...configMap({}), metadata: UNKNOWN }).replaces, ["metadata"]);
    });

    it("rolled out is: seen, available, and by the newest ReplicaSet", () => {
        const deployment = (status: object): KubeObject => ({
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name: "d", generation: 2 },
            spec: { replicas: 1 },
            status,
        });
        const available = { type: "Available", status: "True" };
        const progressing = { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" };
        const ready = { observedGeneration: 2, updatedReplicas: 1, conditions: [available, progressing] };
        assert.equal(rollOut(deployment(ready)), undefined);
        assert.match(rollOut(deployment({ ...ready, observedGeneration: 1 }))!, /not yet seen/);
        assert.match(rollOut(deployment({ ...ready, conditions: [progressing] }))!, /0 of 1 replicas/);
        assert.match(rollOut(deployment({ ...ready, updatedReplicas: 0 }))!, /replicas/);
        assert.equal(rollOut(undefined), "it is not there");
    });

    it("a Service waits for unready Pods; a thing is gone when it is, and says what holds it", () => {
        const object = (more: object) => ({ apiVersion: "v1", kind: "X", metadata: { name: "x" }, ...more });
        assert.match(endpoints(object({ subsets: [{ notReadyAddresses: [{}] }] }))!, /1 of its Pods/);
        assert.equal(endpoints(object({ subsets: [] })), undefined);
        assert.equal(gone(undefined), undefined);
        assert.match(
            gone(object({ metadata: { name: "x", finalizers: ["maistra.io/f"] } }))!,
            /held by finalizers maistra.io\/f/,
        );
    });

    it("what was posted counts as applied from the first update on", () => {
        const posted = { manager: FIELD_MANAGER, operation: "Update", fieldsV1: { "f:data": { "f:a": {} } } };
        const theirs = { manager: "other", operation: "Update", fieldsV1: {} };
        const live = {
            ...configMap({}),
            metadata: { name: "c", resourceVersion: "7", managedFields: [theirs, posted] },
        };
        const operations = takenOver(live as unknown as KubeObject) as { path: string; value: unknown }[];
        assert.deepEqual(operations[1].value, [theirs, { ...posted, operation: "Apply" }]);
        const applied = { ...posted, operation: "Apply" };
        assert.deepEqual(takenOver({ ...live, metadata: { ...live.metadata, managedFields: [applied] } } as never), []);
    });
});

describe("a create that meets an object", () => {
    function provider(there: Partial<KubeObject["metadata"]>): KubernetesProvider {
        const object = { ...configMap({}), metadata: { name: "c", namespace: "n", ...there } };
        const kube = {
            resources: async () => [{ kind: "ConfigMap", name: "configmaps", namespaced: true }],
            create: async () => {
                throw new KubeError(409, "AlreadyExists", 'configmaps "c" already exists');
            },
            get: async () => object,
        };
        return new KubernetesProvider(kube as unknown as Kube);
    }
    const ours = { managedFields: [{ manager: FIELD_MANAGER, operation: "Update" }] };

    it("fails, in the API server's words", async () => {
        await assert.rejects(
            provider(ours).create(configMap({}), work()),
            /ConfigMap n\/c was not created.*already exists/,
        );
    });

    it("takes it over if a run that was cut off had begun to make it, and it is its own", async () => {
        const made = await provider(ours).create(configMap({}), work({ begunBefore: true }));
        assert.equal(made.id, "n/c");
        await assert.rejects(provider({}).create(configMap({}), work({ begunBefore: true })), /already exists/);
    });
});

describe("a preview of a create", () => {
    function answered(error: KubeError): Promise<unknown> {
        const kube = {
            resources: async () => [{ kind: "ConfigMap", name: "configmaps", namespaced: true }],
            create: async () => {
                throw error;
            },
        };
        return new KubernetesProvider(kube as unknown as Kube).create(configMap({}), work({ preview: true }));
    }
    const missing = (kind: string) => new KubeError(404, "NotFound", `${kind} "x" not found`, { details: { kind } });

    it("shows what the program says where it may not ask, or where the namespace is yet to come", async () => {
        await answered(new KubeError(403, "Forbidden", "may not create"));
        await answered(missing("namespaces"));
    });

    it("fails where something else is missing, such as the Role of a RoleBinding for who may not bind it", async () => {
        await assert.rejects(answered(missing("roles")), /roles "x" not found/);
    });
});

describe("random values", () => {
    const password = "urn:pulumi:dev::p::random:index/randomPassword:RandomPassword::x";
    const rules = {
        lower: true,
        upper: true,
        numeric: true,
        special: true,
        minLower: 0,
        minUpper: 0,
        minNumeric: 0,
        minSpecial: 0,
    };

    it("keep the rules", () => {
        for (let i = 0; i < 200; i++) {
            const text = randomText({ ...rules, length: 8, special: false, minNumeric: 3, minUpper: 2 });
            assert.match(text, /^[a-zA-Z0-9]{8}$/);
            assert.ok(text.replace(/\D/g, "").length >= 3 && text.replace(/[^A-Z]/g, "").length >= 2, text);
        }
        assert.match(
            randomText({ ...rules, length: 40, lower: false, upper: false, numeric: false, overrideSpecial: "-" }),
            /^-{40}$/,
        );
    });

    it("that nothing can fulfil are refused", async () => {
        const random = new RandomProvider();
        await assert.rejects(
            random.check(password, undefined, { length: 2, minLower: 3 }),
            /no random text of length 2/,
        );
        await assert.rejects(
            random.check(password.replaceAll("Password", "Pet"), undefined, {}),
            /does not make .*RandomPet/,
        );
    });

    it("are made anew when any input changes, and never in a preview", async () => {
        const random = new RandomProvider();
        const old = { id: "none", inputs: { length: 8 }, outputs: {} };
        assert.deepEqual(
            (await random.diff(old, { length: 8, keepers: { a: "1" } })).replaces,
            ["keepers.a"].map(() => "keepers"),
        );
        const preview = await random.create({ length: 8 }, work({ urn: password, preview: true }));
        assert.deepEqual(preview, { id: "", outputs: { length: 8 } });
        const made = await random.create({ length: 8, keepers: { a: secret("x") } }, work({ urn: password }));
        assert.equal(made.id, "none");
        assert.equal(String(made.outputs.result).length, 8);
    });
});

describe("what the stand-in refuses", () => {
    it("API servers on other machines", () => {
        for (const server of ["https://127.0.0.1:6443", "http://localhost:1", "https://[::1]:6443"]) {
            refuseFarServers({ server });
        }
        for (const server of [
            "https://api.cluster.example.com:6443",
            "https://10.0.0.1",
            "https://127.evil.example.com",
        ]) {
            assert.throws(
                () => refuseFarServers({ server }),
                /only with an API server on this machine.*use the Pulumi CLI/,
            );
        }
    });

    it("providers that it does not have, by name", () => {
        assert.throws(() => new Providers({} as never).of("aws:s3:Bucket"), /no provider for aws:s3:Bucket/);
    });
});
