import assert from "node:assert/strict";
import fc from "fast-check";
import { DIGEST, MARK } from "../../../cluster/facts";
import { loadConfig } from "../../../config/load";
import type { MeshConfig } from "../../../config/schema";
import { readStackFile } from "../../../config/stack-file";
import { assumedFacts } from "../../../render/assumed-facts";
import type { Recorded, Recording } from "../../../render/record";
import { renderConfig } from "../../../render/render";
import { assertAfter, before as allBefore, is, kindOf, parentKind } from "./recorded";

const ISTIO = /^kubernetes:(networking|security)\.istio\.io/;
const dev = readStackFile("Pulumi.dev.yaml");

describe("the graph of the dev environment", () => {
    let recording: Recording;
    before(async () => (recording = await renderConfig("dev", loadConfig(dev))));

    it("declares exactly what the scenario has", () => {
        const listed = recording.resources.filter((r) => r.custom).map((r) => `${kindOf(r)} ${r.name}`);
        assert.deepEqual(listed.sort(), [
            "AuthorizationPolicy microsvc-sample/sample",
            "ConfigMap microsvc-sample/caller",
            "Deployment microsvc-sample/caller",
            "Deployment microsvc-sample/sample",
            "Gateway microsvc-sample",
            "Namespace istio-system",
            "Namespace openshift-operators-redhat",
            "ObjectPatch microsvc-sample/caller",
            "ObjectPatch microsvc-sample/sample",
            "OperatorGroup openshift-operators-redhat",
            "OperatorRemoval elasticsearch-operator",
            "OperatorRemoval jaeger-product",
            "OperatorRemoval kiali-ossm",
            "OperatorRemoval servicemeshoperator",
            "Service microsvc-sample/caller",
            "Service microsvc-sample/sample",
            "ServiceAccount microsvc-sample/caller",
            "ServiceAccount microsvc-sample/sample",
            "ServiceMeshControlPlane basic-install",
            "ServiceMeshMemberRoll members",
            "Subscription elasticsearch-operator",
            "Subscription jaeger-product",
            "Subscription kiali-ossm",
            "Subscription servicemeshoperator",
            "VirtualService microsvc-sample/caller",
            "VirtualService microsvc-sample/sample",
        ]);
    });

    it("every object belongs to a component, and every component to the stack", () => {
        for (const r of recording.resources) {
            const parent = recording.resources.find((p) => p.urn === r.parent);
            assert.equal(parent?.type.startsWith("mesh:index:") ?? false, r.custom, `${r.urn} is in the wrong place`);
        }
    });

    it("every object says whose it is, so that a later run knows its own", () => {
        for (const r of recording.resources.filter((one) => one.type.startsWith("kubernetes:"))) {
            assert.equal(r.inputs.metadata.annotations[MARK], "organization/mesh/dev", r.urn);
        }
    });

    it("step 1: the Service Mesh operator's Subscription waits for the other three, which do not wait for each other", () => {
        const others = ["elasticsearch-operator", "jaeger-product", "kiali-ossm"];
        for (const name of others) {
            assertAfter(recording, is("Subscription", "servicemeshoperator"), is("Subscription", name));
            const waits = [...allBefore(recording, recording.resources.find(is("Subscription", name)) as Recorded)];
            assert.deepEqual(waits.filter(is("Subscription")), []);
        }
    });

    it("trap 5: a Subscription waits for the OperatorGroup of a namespace that is made here", () => {
        assertAfter(recording, is("Subscription", "elasticsearch-operator"), is("OperatorGroup"));
        assertAfter(recording, is("OperatorGroup"), is("Namespace", "openshift-operators-redhat"));
    });

    it("step 2: the control plane waits for every operator and stands on their removal (trap 30)", () => {
        assertAfter(recording, is("ServiceMeshControlPlane"), is("Subscription"));
        assertAfter(recording, is("ServiceMeshControlPlane"), parentKind("Operator"));
    });

    it("steps 3 and 5: the roll waits for the control plane and for the exceptions", () => {
        assertAfter(recording, is("ServiceMeshMemberRoll"), is("ServiceMeshControlPlane"));
        assertAfter(recording, is("ServiceMeshMemberRoll"), parentKind("ExposedListeners"));
    });

    it("step 6, trap 24: nothing with a sidecar is made before its namespace is a member", () => {
        assertAfter(recording, is("Deployment"), is("ServiceMeshMemberRoll"));
    });

    it("trap 15: no Istio object is made before the control plane that brings its kind", () => {
        assertAfter(recording, (r) => ISTIO.test(r.type), is("ServiceMeshControlPlane"));
    });

    it("step 10: a service that not everyone may call is never up, or reached, without its rule", () => {
        assertAfter(recording, is("Deployment", "microsvc-sample/sample"), is("AuthorizationPolicy"));
        assertAfter(recording, is("Gateway"), is("AuthorizationPolicy"));
    });

    it("step 7: the way in opens last", () => {
        assertAfter(recording, is("Gateway"), is("Deployment"));
        assertAfter(recording, is("Gateway"), is("Service"));
        assertAfter(recording, is("Gateway"), is("VirtualService"));
    });

    it("trap 29: declares none of the objects that the operator owns", () => {
        const owned = /ServiceMeshPolicy|DestinationRule|PeerAuthentication|NetworkPolicy|:Route$/;
        assert.deepEqual(
            recording.resources.filter((r) => owned.test(r.type)),
            [],
        );
    });

    it("trap 44: a preview does not ask webhooks that refuse dry runs about a mesh object that changes", async () => {
        const plane = (r: Recording) => r.resources.find(is("ServiceMeshControlPlane")) as Recorded;
        const digestOf = (r: Recorded) => r.inputs.metadata.annotations[DIGEST];
        const config = loadConfig(dev);
        const key = "ServiceMeshControlPlane istio-system/basic-install";
        const facts = { ...assumedFacts(config), digests: { [key]: digestOf(plane(recording)) } };
        const unchanged = await renderConfig("dev", config, facts);
        assert.deepEqual(plane(unchanged).inputs, plane(recording).inputs);
        config.controlPlane.tracing.sampling = 5;
        const changed = plane(await renderConfig("dev", config, facts));
        assert.equal(digestOf(changed), "[unknown]");
        assert.equal(changed.inputs.spec.istio.pilot.traceSampling, 5, "what changes is shown");
    });

    it("the outputs are the contract, and nothing else", () => {
        assert.deepEqual(recording.outputs, {
            routeHosts: {
                sample: "sample.apps.example.com",
                caller: "caller.apps.example.com",
                grafana: "grafana-istio-system.apps.example.com",
                ingressgateway: "istio-ingressgateway-istio-system.apps.example.com",
                jaeger: "jaeger-istio-system.apps.example.com",
                kiali: "kiali-istio-system.apps.example.com",
                prometheus: "prometheus-istio-system.apps.example.com",
            },
            urls: {
                sample: "http://sample.apps.example.com",
                caller: "http://caller.apps.example.com",
                grafana: "https://grafana-istio-system.apps.example.com",
                ingressgateway: "http://istio-ingressgateway-istio-system.apps.example.com",
                jaeger: "https://jaeger-istio-system.apps.example.com",
                kiali: "https://kiali-istio-system.apps.example.com",
                prometheus: "https://prometheus-istio-system.apps.example.com",
            },
            controlPlane: {
                name: "basic-install",
                namespace: "istio-system",
                generation: "1.1",
                version: "v1.1",
                mtls: "strict",
            },
            operators: recording.outputs.operators,
            members: ["microsvc-sample"],
            services: {
                caller: {
                    namespace: "microsvc-sample",
                    host: "caller.microsvc-sample.svc.cluster.local",
                    port: 8080,
                },
                sample: {
                    namespace: "microsvc-sample",
                    host: "sample.microsvc-sample.svc.cluster.local",
                    port: 8080,
                },
            },
        });
        assert.deepEqual(Object.keys(recording.outputs.operators).sort(), [
            "elasticsearch-operator",
            "jaeger-product",
            "kiali-ossm",
            "servicemeshoperator",
        ]);
    });
});

describe("the graph of a service whose image OpenShift builds", () => {
    const GIT = "https://git.example.com/shop/cart.git";
    const built = (namespaces: object) =>
        renderConfig("dev", loadConfig({ ...dev, "mesh:namespaces": JSON.stringify(namespaces) }));

    it("builds while the mesh is being made; the service waits for its image", async () => {
        const recording = await built({ shop: { services: { cart: { build: { git: GIT } } } } });
        assertAfter(recording, is("BuildConfig"), is("ImageStream"));
        assertAfter(recording, is("BuildConfig"), is("Namespace", "shop"));
        assertAfter(recording, is("Deployment"), is("BuildConfig"));
        const config = recording.resources.find(is("BuildConfig")) as Recorded;
        assert.deepEqual([...allBefore(recording, config)].filter(is("ServiceMeshControlPlane")), []);
        const deployment = recording.resources.find(is("Deployment")) as Recorded;
        const { image } = deployment.inputs.spec.template.spec.containers[0];
        const [, tag] = config.inputs.spec.output.to.name.split(":");
        assert.equal(image, `image-registry.openshift-image-registry.svc:5000/shop/cart:${tag}`);
    });

    it("the other services have neither", async () => {
        const services = { cart: { build: { git: GIT } }, stock: { image: "registry.example.com/stock:1" } };
        const recording = await built({ shop: { services } });
        assert.deepEqual(
            recording.resources.filter(is("BuildConfig")).map((r) => r.name),
            ["shop/cart"],
        );
        assert.deepEqual(
            recording.resources.filter(is("ImageStream")).map((r) => r.name),
            ["shop/cart"],
        );
    });
});

/** A config with some namespaces and services, in an order that may change. */
function withServices(names: [string, string][]): MeshConfig {
    const namespaces: Record<string, any> = {};
    for (const [namespace, service] of names) {
        namespaces[namespace] ??= { services: {} };
        namespaces[namespace].services[service] = {
            image: "registry.example.com/x:1",
            host: `${service}.apps.example.com`,
            allow: [{ namespaces: [namespace] }],
            properties: { a: "b" },
            env: { KEY: { generate: 16 } },
        };
    }
    return loadConfig({ ...dev, "mesh:namespaces": JSON.stringify(namespaces) });
}

describe("the graph of any environment", () => {
    const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
    const services = fc.uniqueArray(fc.tuple(name, name), { minLength: 1, maxLength: 5, selector: ([, s]) => s });

    it("keeps its names when the config is written in another order", async () => {
        await fc.assert(
            fc.asyncProperty(services, async (names) => {
                const urns = async (list: [string, string][]) =>
                    (await renderConfig("dev", withServices(list))).resources.map((r) => r.urn);
                assert.deepEqual(await urns(names), await urns([...names].reverse()));
            }),
            { numRuns: 5 },
        );
    });

    it("holds the order of the steps, and shows no secret", async () => {
        await fc.assert(
            fc.asyncProperty(services, async (names) => {
                const recording = await renderConfig("dev", withServices(names));
                assertAfter(recording, is("Deployment"), is("ServiceMeshMemberRoll"));
                assertAfter(recording, (r) => ISTIO.test(r.type), is("ServiceMeshControlPlane"));
                for (const secret of recording.resources.filter(is("Secret"))) {
                    assert.equal(secret.inputs.stringData, "[secret]");
                }
                const own = recording.resources.filter((r) => r.deletedWith !== undefined);
                assert.ok(own.every((r) => !is("Gateway")(r) && !is("ServiceMeshMemberRoll")(r)));
            }),
            { numRuns: 5 },
        );
    });
});
