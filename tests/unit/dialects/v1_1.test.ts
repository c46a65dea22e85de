import assert from "node:assert/strict";
import { loadConfig } from "../../../config/load";
import type { MeshConfig } from "../../../config/schema";
import { readStackFile } from "../../../config/stack-file";
import { v1_1 } from "../../../dialects/v1_1";

const base = {
    "mesh:generation": "1.1",
    "mesh:namespaces": JSON.stringify({ a: { services: { b: { image: "c:1" } } } }),
};

function config(controlPlane: object = {}): MeshConfig {
    return loadConfig({ ...base, "mesh:controlPlane": JSON.stringify(controlPlane) });
}

function specOf(config: MeshConfig): any {
    return v1_1.controlPlane(config)[0].body.spec;
}

describe("dialect 1.1", () => {
    it("step 2: the dev environment's control plane has the scenario's values, and nothing else", () => {
        const dev = loadConfig(readStackFile("Pulumi.dev.yaml"));
        assert.deepEqual(specOf(dev), {
            version: "v1.1",
            istio: {
                global: {
                    proxy: {
                        resources: {
                            requests: { cpu: "100m", memory: "128Mi" },
                            limits: { cpu: "500m", memory: "128Mi" },
                        },
                    },
                    mtls: { enabled: true },
                },
                gateways: {
                    "istio-egressgateway": { autoscaleEnabled: false },
                    "istio-ingressgateway": { autoscaleEnabled: false, ior_enabled: true },
                },
                mixer: {
                    policy: { autoscaleEnabled: false },
                    telemetry: {
                        autoscaleEnabled: false,
                        resources: {
                            requests: { cpu: "100m", memory: "1G" },
                            limits: { cpu: "500m", memory: "4G" },
                        },
                    },
                },
                pilot: { autoscaleEnabled: false, traceSampling: 100 },
                kiali: { enabled: true },
                grafana: { enabled: true },
                tracing: { enabled: true, jaeger: { template: "all-in-one" } },
            },
        });
    });

    it("always sets spec.version: an empty one means the newest that the operator knows (trap 17)", () => {
        assert.equal(specOf(config()).version, "v1.1");
        assert.equal(specOf(config({ version: "v1.0" })).version, "v1.0");
    });

    it("leaves out what is not set: an empty map would override the template's defaults below it", () => {
        const text = JSON.stringify(specOf(config()));
        assert.doesNotMatch(text, /\{\}|undefined|null/);
        assert.equal(specOf(config()).istio.global.proxy, undefined);
    });

    const mtls: [MeshConfig["controlPlane"]["mtls"], object][] = [
        ["off", { enabled: false }],
        ["permissive", { enabled: false, auto: true }],
        ["strict", { enabled: true }],
    ];
    for (const [mode, expected] of mtls) {
        it(`step 9: mTLS ${mode}`, () => {
            const spec = specOf(config({ mtls: mode }));
            assert.deepEqual(spec.istio.global.mtls, expected);
        });
    }

    it("makes Routes from Gateways unless told not to (trap 26)", () => {
        const ior = (routes?: string): unknown =>
            specOf(config({ ...(routes ? { routes } : {}) })).istio.gateways["istio-ingressgateway"].ior_enabled;
        assert.equal(ior(), true);
        assert.equal(ior("none"), false);
    });

    const ingress = (given: object): any =>
        specOf(config({ gateways: { ingress: given } })).istio.gateways["istio-ingressgateway"];

    it("keys that are not given are as the operator's own defaults", () => {
        const { istio } = specOf(config());
        assert.deepEqual(ingress({}), { autoscaleEnabled: true, ior_enabled: true });
        assert.deepEqual(istio.mixer, { policy: { autoscaleEnabled: true }, telemetry: { autoscaleEnabled: true } });
        assert.equal(istio.pilot.autoscaleEnabled, true);
    });

    it("the gateway's size: how many, or between how many", () => {
        assert.deepEqual(ingress({ autoscale: false, replicas: { min: 3 } }), {
            autoscaleEnabled: false,
            replicaCount: 3,
            ior_enabled: true,
        });
        assert.deepEqual(ingress({ replicas: { min: 2, max: 4 }, limits: { cpu: "1" } }), {
            autoscaleEnabled: true,
            autoscaleMin: 2,
            autoscaleMax: 4,
            resources: { limits: { cpu: "1" } },
            ior_enabled: true,
        });
        assert.equal(ingress({ replicas: { min: 6 } }).autoscaleMax, 6, "the operator's own default is 5");
    });

    it("who makes the Routes", () => {
        assert.equal(v1_1.routes(config()), "mesh");
        assert.equal(v1_1.routes(config({ routes: "stack" })), "stack");
        assert.equal(v1_1.routes(config({ routes: "none" })), "nobody");
    });

    it("without tracing there is no console for it, which would never come", () => {
        const routes = v1_1.consoleRoutes(config({ tracing: { enabled: false } }));
        assert.ok(!("jaeger" in routes));
    });

    it("step 7: knows the Routes that a control plane comes with", () => {
        assert.deepEqual(v1_1.consoleRoutes(config({ consoles: ["kiali", "jaeger"] })), {
            kiali: { namespace: "istio-system", name: "kiali" },
            jaeger: { namespace: "istio-system", name: "jaeger" },
            prometheus: { namespace: "istio-system", name: "prometheus" },
            ingressgateway: { namespace: "istio-system", name: "istio-ingressgateway" },
        });
    });

    it("step 1: the Service Mesh operator comes after the other three, which come together", () => {
        const after = Object.fromEntries(v1_1.operators(config()).map((o) => [o.package, o.after]));
        assert.deepEqual(after, {
            "elasticsearch-operator": [],
            "jaeger-product": [],
            "kiali-ossm": [],
            servicemeshoperator: ["elasticsearch", "jaeger", "kiali"],
        });
    });
});
