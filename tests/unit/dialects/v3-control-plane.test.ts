import assert from "node:assert/strict";
import { loadConfig } from "../../../config/load";
import type { MeshConfig } from "../../../config/schema";
import { readStackFile } from "../../../config/stack-file";
import { v3 } from "../../../dialects/v3";
import { config, named, specOf } from "./v3-sample";

describe("dialect 3: the control plane", () => {
    it("the prod environment's, value by value, and what holds for the whole mesh", () => {
        const prod = loadConfig(readStackFile("Pulumi.prod.yaml"));
        const pieces = v3.controlPlane(prod);
        assert.deepEqual(named(pieces), [
            "Istio default",
            "IstioCNI default",
            "PeerAuthentication mesh-wide",
            "Telemetry mesh-default",
            "NetworkPolicy istio-mesh",
            "NetworkPolicy istio-expose-route",
            "NetworkPolicy istio-monitoring",
            "NetworkPolicy istio-istiod-default",
            "ServiceMonitor istiod",
        ]);
        assert.deepEqual(specOf(pieces, "Istio"), {
            version: "v1.27.9",
            namespace: "istio-system",
            updateStrategy: { type: "InPlace" },
            values: {
                global: {
                    proxy: {
                        autoInject: "disabled",
                        resources: {
                            requests: { cpu: "100m", memory: "128Mi" },
                            limits: { cpu: "1", memory: "512Mi" },
                        },
                    },
                },
                meshConfig: {
                    discoverySelectors: [{ matchLabels: { "istio-discovery": "default" } }],
                    extensionProviders: [
                        {
                            name: "otel",
                            opentelemetry: { service: "otel-collector.istio-system.svc.cluster.local", port: 4317 },
                        },
                    ],
                },
            },
        });
        assert.deepEqual(specOf(pieces, "IstioCNI"), { version: "v1.27.9", namespace: "istio-cni" });
        assert.deepEqual(specOf(pieces, "PeerAuthentication"), { mtls: { mode: "STRICT" } });
        assert.deepEqual(specOf(pieces, "Telemetry"), {
            tracing: [{ providers: [{ name: "otel" }], randomSamplingPercentage: 5 }],
        });
    });

    it("there is one IstioCNI a cluster, called default, which stays while any mesh needs it (trap 35)", () => {
        const cni = v3.controlPlane(config({ name: "shop" })).find(({ kind }) => kind === "IstioCNI");
        assert.equal(cni?.metadata.name, "default");
        assert.equal(cni?.shared, true);
        assert.deepEqual(cni?.usedBy, [{ apiVersion: "sailoperator.io/v1", kind: "Istio" }]);
    });

    it("no version is said when none is given: the operator has its own", () => {
        assert.equal(v3.version(config()), undefined);
        assert.equal(specOf(v3.controlPlane(config()), "Istio").version, undefined);
        assert.equal(specOf(v3.controlPlane(config()), "IstioCNI").version, undefined);
    });

    it("by revision: a tag that namespaces ask for, whatever the version", () => {
        const updateStrategy = { type: "RevisionBased", gracePeriodSeconds: 60 };
        const asked = config({ name: "shop", version: "v1.27.9", updateStrategy });
        const pieces = v3.controlPlane(asked);
        assert.deepEqual(specOf(pieces, "Istio").updateStrategy, {
            type: "RevisionBased",
            inactiveRevisionDeletionGracePeriodSeconds: 60,
        });
        const tag = pieces.find(({ kind }) => kind === "IstioRevisionTag");
        assert.deepEqual(tag?.metadata, { name: "shop-tag" });
        assert.deepEqual(tag?.body, { spec: { targetRef: { kind: "Istio", name: "shop" } } });
        assert.deepEqual(tag?.after, ["shop"], "it refers to the Istio, and goes first");
        assert.deepEqual(v3.memberLabels(asked)?.injected, { "istio.io/rev": "shop-tag" });
    });

    const modes: [MeshConfig["controlPlane"]["mtls"], string, boolean | undefined][] = [
        ["off", "DISABLE", false],
        ["permissive", "PERMISSIVE", undefined],
        ["strict", "STRICT", undefined],
    ];
    for (const [mtls, mode, auto] of modes) {
        it(`mTLS ${mtls}`, () => {
            const pieces = v3.controlPlane(config({ mtls }));
            assert.deepEqual(specOf(pieces, "PeerAuthentication"), { mtls: { mode } });
            assert.equal(specOf(pieces, "Istio").values.meshConfig.enableAutoMtls, auto);
        });
    }

    it("without tracing there is no Telemetry, no provider, nothing that keeps traces", () => {
        const asked = config({ tracing: { enabled: false } });
        assert.equal(specOf(v3.controlPlane(asked), "Telemetry"), undefined);
        assert.equal(specOf(v3.controlPlane(asked), "Istio").values.meshConfig.extensionProviders, undefined);
        assert.deepEqual(
            v3.operators(asked).map((o) => o.package),
            ["kiali-ossm", "servicemeshoperator3"],
        );
        assert.ok(!named(v3.consolePieces(asked)).some((name) => /Tempo|Telemetry/.test(name)));
        assert.deepEqual(Object.keys(v3.consoleRoutes(asked)), ["kiali"]);
    });

    it("what Istio's webhook looks at comes after the control plane that answers it", () => {
        for (const { kind, after } of v3.controlPlane(config({ name: "shop" }))) {
            assert.deepEqual(after, ["PeerAuthentication", "Telemetry"].includes(kind) ? ["shop"] : undefined, kind);
        }
    });

    it("needs three namespaces, of which the CNI plugin's is every mesh's", () => {
        assert.deepEqual(v3.homes(config({ name: "shop", namespace: "mesh" })), [
            { purpose: "control plane", name: "mesh", labels: { "istio-discovery": "shop" } },
            {
                purpose: "gateway",
                name: "mesh-ingress",
                labels: { "istio-discovery": "shop", "istio.io/rev": "shop" },
            },
            { purpose: "cni", name: "istio-cni", labels: {}, shared: true },
        ]);
    });
});

describe("dialect 3: versions that an operator offers (trap 34)", () => {
    const cases: [csv: string, offered: string[] | undefined, not: string[]][] = [
        ["servicemeshoperator3.v3.0.15", ["v1.24.6", "v1.24-latest"], ["v1.26.8"]],
        ["servicemeshoperator3.v3.1.12", ["v1.26.8", "v1.24.3"], ["v1.27.9"]],
        ["servicemeshoperator3.v3.2.9", ["v1.27.9", "v1.24.6", "v1.27-latest"], ["v1.28.10", "v1.27.4"]],
        ["servicemeshoperator3.v3.3.7", ["v1.28.10", "v1.26.2"], ["v1.24.6"]],
        ["servicemeshoperator3.v3.4.2", ["v1.30.3", "v1.28.4"], ["v1.24.6", "v1.29.0"]],
        ["servicemeshoperator3.v3.2.99", undefined, []],
        ["servicemeshoperator3.v3.5.0", undefined, []],
        ["servicemeshoperator.v2.6.8", undefined, []],
    ];
    for (const [csv, offered, not] of cases) {
        it(`${csv}: ${offered?.join(", ") ?? "not known"}`, () => {
            const versions = v3.versionsOf(csv);
            assert.equal(versions === undefined, offered === undefined);
            assert.ok((offered ?? []).every((version) => versions?.includes(version)));
            assert.ok(not.every((version) => !versions?.includes(version)));
        });
    }
});
