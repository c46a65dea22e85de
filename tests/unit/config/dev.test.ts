import assert from "node:assert/strict";
import { join } from "node:path";
import { loadConfig } from "../../../config/load";
import { readStackFile } from "../../../config/stack-file";

const DEV = join(__dirname, "..", "..", "..", "Pulumi.dev.yaml");

const operator = { install: "auto", approval: "Automatic" };
const probes = { liveness: "/health/live", readiness: "/health/ready" };
/** What is said by what is not written. */
const ingress = { api: "istio", antiAffinity: "none" };
const service = {
    antiAffinity: "none",
    port: 8080,
    replicas: 1,
    container: "spring-boot",
    properties: {},
    env: {},
    probes,
};
const check = (name: string) => ({
    method: "POST",
    path: `/api/${name}/apply`,
    body: '{"user_name":"Taro","store_id":1111,"store_name":"Shop_A"}',
    contentType: "application/json",
    expect: 201,
});
const image = (name: string) => (value: string) =>
    assert.match(value, new RegExp(`^registry\\.example\\.com/microsvc-sample/${name}@sha256:[a-f0-9]{64}$`));

describe("Pulumi.dev.yaml is the scenario", () => {
    const config = loadConfig(readStackFile(DEV), { file: "Pulumi.dev.yaml" });
    const { "microsvc-sample": member, ...otherMembers } = config.namespaces;
    assert.ok(member);

    it("step 1: four operators from Red Hat's catalogue", () => {
        assert.deepEqual(config.catalog, { source: "redhat-operators", sourceNamespace: "openshift-marketplace" });
        assert.deepEqual(config.operators, {
            elasticsearch: { ...operator, channel: "4.5" },
            jaeger: operator,
            kiali: operator,
            opentelemetry: operator,
            servicemesh: operator,
            tempo: operator,
        });
    });

    it("steps 2 and 9: the control plane, value by value", () => {
        assert.equal(config.generation, "1.1");
        assert.deepEqual(config.controlPlane, {
            name: "basic-install",
            namespace: "istio-system",
            version: "v1.1",
            mtls: "strict",
            tracing: { enabled: true, sampling: 100, backend: "jaeger", storage: "memory" },
            consoles: ["kiali", "grafana", "jaeger"],
            proxy: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
            gateways: { ingress: { ...ingress, autoscale: false }, egress: { autoscale: false } },
            mixer: {
                policy: { autoscale: false },
                telemetry: {
                    autoscale: false,
                    requests: { cpu: "100m", memory: "1G" },
                    limits: { cpu: "500m", memory: "4G" },
                },
            },
            pilot: { autoscale: false },
            routes: "gateways",
        });
    });

    it("step 3: an answer for each of the four Routes", () => {
        assert.deepEqual(member.existingRoutes, {
            caller: "managed",
            "el-caller": "exception",
            "el-sample": "exception",
            sample: "managed",
        });
    });

    it("step 5: one member, by the roll", () => {
        assert.equal(config.membership, "roll");
        assert.deepEqual(otherMembers, {});
    });

    it("steps 4, 6, 7, 8 and 10: the services, their hosts, and who may call them", () => {
        const { sample, caller, ...others } = member.services;
        assert.ok(sample && caller);
        assert.deepEqual(others, {});
        image("sample")(sample.image ?? "");
        image("caller")(caller.image ?? "");
        assert.equal(member.gateway, "sample-gateway");
        assert.deepEqual(
            { ...sample, image: "" },
            {
                ...service,
                image: "",
                host: "sample.apps.example.com",
                allow: [{ namespaces: ["microsvc-sample"] }],
                deny: [],
                check: check("sample"),
            },
        );
        assert.deepEqual(
            { ...caller, image: "" },
            {
                ...service,
                image: "",
                host: "caller.apps.example.com",
                properties: { "sample_api.base_path": "http://sample.microsvc-sample.svc.cluster.local:8080" },
                allow: "anyone",
                deny: [],
                check: check("caller"),
            },
        );
    });

    it("nothing else differs from the defaults", () => {
        assert.equal(config.uniqueNames, false);
        assert.equal(config.appsDomain, undefined);
        assert.deepEqual(config.secrets, {});
        const timeouts = { operator: 600, controlPlane: 900, membership: 300, build: 900, rollout: 600, routes: 120 };
        assert.deepEqual(config.timeouts, timeouts);
    });
});
