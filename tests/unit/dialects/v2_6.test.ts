import assert from "node:assert/strict";
import { loadConfig } from "../../../config/load";
import type { MeshConfig } from "../../../config/schema";
import { readStackFile } from "../../../config/stack-file";
import { v2_6 } from "../../../dialects/v2_6";
import { sample } from "../config/sample";

function config(controlPlane: object = {}, more: Record<string, unknown> = {}): MeshConfig {
    return loadConfig(sample({ generation: "2.6", controlPlane, ...more }));
}

function specOf(controlPlane: object = {}): any {
    return v2_6.controlPlane(config(controlPlane))[0].body.spec;
}

describe("dialect 2.6", () => {
    it("the staging environment's control plane, value by value", () => {
        const staging = loadConfig(readStackFile("Pulumi.staging.yaml"));
        const [smcp, ...others] = v2_6.controlPlane(staging);
        assert.deepEqual(others, []);
        assert.deepEqual(smcp, {
            name: "basic",
            apiVersion: "maistra.io/v2",
            kind: "ServiceMeshControlPlane",
            metadata: { name: "basic", namespace: "istio-system" },
            body: {
                spec: {
                    version: "v2.6",
                    tracing: { type: "Jaeger", sampling: 10000 },
                    gateways: {
                        ingress: {
                            runtime: {
                                deployment: { autoScaling: { enabled: false } },
                                container: {
                                    resources: {
                                        requests: { cpu: "100m", memory: "128Mi" },
                                        limits: { cpu: "1", memory: "512Mi" },
                                    },
                                },
                            },
                        },
                        egress: { runtime: { deployment: { autoScaling: { enabled: false } } } },
                        openshiftRoute: { enabled: false },
                    },
                    proxy: {
                        runtime: {
                            container: {
                                resources: {
                                    requests: { cpu: "100m", memory: "128Mi" },
                                    limits: { cpu: "500m", memory: "256Mi" },
                                },
                            },
                        },
                    },
                    security: { dataPlane: { mtls: true, automtls: true } },
                    runtime: { components: { pilot: { deployment: { autoScaling: { enabled: false } } } } },
                    addons: {
                        prometheus: { enabled: true },
                        grafana: { enabled: true },
                        kiali: { enabled: true },
                        jaeger: {
                            name: "jaeger",
                            install: { storage: { type: "Memory" }, ingress: { enabled: true } },
                        },
                    },
                },
            },
            guarded: true,
        });
    });

    it("always sets spec.version, v2.6 unless told otherwise (trap 17)", () => {
        assert.equal(specOf().version, "v2.6");
        assert.equal(specOf({ version: "v2.5" }).version, "v2.5");
    });

    it("leaves out what is not set: the profile's values hold", () => {
        assert.doesNotMatch(JSON.stringify(specOf()), /\{\}|undefined|null/);
        assert.equal(specOf().proxy, undefined);
        assert.equal(specOf().runtime, undefined);
        assert.deepEqual(Object.keys(specOf().gateways), ["openshiftRoute"]);
    });

    const values: [what: string, given: object, path: string, expected: unknown][] = [
        ["sampling in hundredths of a percent", { tracing: { sampling: 0.55 } }, "tracing.sampling", 55],
        ["no tracing", { tracing: { enabled: false } }, "tracing", { type: "None" }],
        ["no tracing, so no Jaeger", { tracing: { enabled: false } }, "addons.jaeger", undefined],
        ["mTLS off", { mtls: "off" }, "security.dataPlane", { mtls: false, automtls: false }],
        ["mTLS permissive", { mtls: "permissive" }, "security.dataPlane", { mtls: false, automtls: true }],
        ["Routes by the mesh (trap 26)", { routes: "gateways" }, "gateways.openshiftRoute.enabled", true],
        ["Routes by nobody", { routes: "none" }, "gateways.openshiftRoute.enabled", false],
        [
            "Jaeger with Elasticsearch",
            { tracing: { storage: "elasticsearch" } },
            "addons.jaeger.install.storage.type",
            "Elasticsearch",
        ],
        ["no consoles, so no Prometheus", { consoles: ["jaeger"] }, "addons.prometheus.enabled", false],
        [
            "a gateway that grows",
            { gateways: { ingress: { replicas: { min: 2, max: 4 } } } },
            "gateways.ingress.runtime.deployment",
            { autoScaling: { enabled: true, minReplicas: 2, maxReplicas: 4 } },
        ],
        [
            "a gateway of a size",
            { gateways: { ingress: { autoscale: false, replicas: { min: 3 } } } },
            "gateways.ingress.runtime.deployment",
            { replicas: 3, autoScaling: { enabled: false } },
        ],
    ];
    for (const [what, given, path, expected] of values) {
        it(what, () => {
            const value = path.split(".").reduce((at, key) => at?.[key], specOf(given));
            assert.deepEqual(value, expected);
        });
    }

    it("has Tempo and a collector made beside it, and tells the mesh of them", () => {
        const asked = config({ tracing: { backend: "tempo", sampling: 5 } });
        const spec = v2_6.controlPlane(asked)[0].body.spec as any;
        assert.deepEqual(spec.tracing, { type: "None" });
        assert.deepEqual(spec.meshConfig.extensionProviders, [
            { name: "otel", opentelemetry: { service: "otel-collector.istio-system.svc.cluster.local", port: 4317 } },
        ]);
        const pieces = v2_6.consolePieces(asked);
        assert.deepEqual(
            pieces.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
            [
                "TempoMonolithic basic",
                "OpenTelemetryCollector otel",
                "NetworkPolicy tempo-basic-ui",
                "Telemetry mesh-tracing",
                "DestinationRule otel-collector",
            ],
        );
        assert.deepEqual(pieces.find(({ kind }) => kind === "Telemetry")?.body, {
            spec: { tracing: [{ providers: [{ name: "otel" }], randomSamplingPercentage: 5 }] },
        });
        assert.deepEqual(v2_6.consoleRoutes(asked).jaeger, { namespace: "istio-system", name: "tempo-basic-jaegerui" });
        assert.deepEqual(v2_6.consolePieces(config()), []);
    });

    const operators: [what: string, given: object, packages: string[]][] = [
        ["by default", {}, ["jaeger-product", "kiali-ossm", "servicemeshoperator"]],
        [
            "with Elasticsearch",
            { tracing: { storage: "elasticsearch" } },
            ["elasticsearch-operator", "jaeger-product", "kiali-ossm", "servicemeshoperator"],
        ],
        [
            "with Tempo",
            { tracing: { backend: "tempo" } },
            ["kiali-ossm", "tempo-product", "opentelemetry-product", "servicemeshoperator"],
        ],
        ["without tracing and consoles", { tracing: { enabled: false }, consoles: [] }, ["servicemeshoperator"]],
    ];
    for (const [what, given, packages] of operators) {
        it(`operators ${what}: Service Mesh's last, for it uses the others' kinds`, () => {
            const specs = v2_6.operators(config(given));
            assert.deepEqual(
                specs.map((o) => o.package),
                packages,
            );
            const before = specs.slice(0, -1).map(({ key }) => key);
            assert.deepEqual(specs.at(-1)?.after, before);
            assert.ok(specs.slice(0, -1).every(({ after }) => after.length === 0));
        });
    }

    it("members are listed, ask, or are found by a label", () => {
        assert.equal(v2_6.memberLabels(config()), undefined);
        assert.equal(v2_6.memberLabels(config({}, { membership: "member" })), undefined);
        assert.deepEqual(v2_6.memberLabels(config({}, { membership: "selectors" })), {
            known: { "openshift-mesh/member-of": "istio-system" },
            injected: {},
            leaving: {},
        });
    });

    it("pods ask for their sidecars by label", () => {
        assert.deepEqual(v2_6.sidecar(config()), { annotations: {}, labels: { "sidecar.istio.io/inject": "true" } });
    });

    it("knows the Routes that a control plane comes with", () => {
        assert.deepEqual(Object.keys(v2_6.consoleRoutes(config({ consoles: ["kiali"] }))), [
            "kiali",
            "prometheus",
            "ingressgateway",
        ]);
        assert.deepEqual(Object.keys(v2_6.consoleRoutes(config({ consoles: ["jaeger"] }))), [
            "jaeger",
            "ingressgateway",
        ]);
    });

    it("who makes the Routes", () => {
        assert.equal(v2_6.routes(config()), "stack");
        assert.equal(v2_6.routes(config({ routes: "gateways" })), "mesh");
        assert.equal(v2_6.routes(config({ routes: "none" })), "nobody");
    });

    const versions: [csv: string, versions: string[] | undefined][] = [
        ["servicemeshoperator.v1.0.11", ["v1.0"]],
        ["servicemeshoperator.v1.1.7", ["v1.0", "v1.1"]],
        ["servicemeshoperator.v2.5.1", ["v2.2", "v2.3", "v2.4", "v2.5"]],
        ["servicemeshoperator.v2.6.8", undefined],
        ["servicemeshoperator3.v3.2.9", undefined],
        ["somebody-elses", undefined],
    ];
    for (const [csv, expected] of versions) {
        it(`${csv} takes ${expected?.join(", ") ?? "what is not known"} (trap 43)`, () =>
            assert.deepEqual(v2_6.versionsOf(csv), expected));
    }
});
