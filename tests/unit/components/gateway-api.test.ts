import assert from "node:assert/strict";
import { loadConfig } from "../../../config/load";
import { readStackFile } from "../../../config/stack-file";
import type { Recorded, Recording } from "../../../render/record";
import { renderConfig } from "../../../render/render";
import { assertAfter, is } from "./recorded";

const prod = readStackFile("Pulumi.prod.yaml");

/** prod with its gateway made in this way. */
function render(api: string): Promise<Recording> {
    const controlPlane = JSON.parse(prod["mesh:controlPlane"]);
    controlPlane.gateways.ingress.api = api;
    return renderConfig("prod", loadConfig({ ...prod, "mesh:controlPlane": JSON.stringify(controlPlane) }));
}

const ofApi = (kind: string) => (r: Recorded) => r.type === `kubernetes:gateway.networking.k8s.io/v1:${kind}`;
const inMember = (kind: string) => (r: Recorded) => is(kind)(r) && r.name.startsWith("microsvc-sample/");

describe("the graph of the prod environment with its gateway by the Gateway API", () => {
    let recording: Recording;
    let istio: Recording;
    before(async () => {
        recording = await render("gateway-api");
        istio = await render("istio");
    });

    it("the Gateway is made once there is a control plane to make its pods, and its parameters are there", () => {
        assertAfter(recording, ofApi("Gateway"), is("Istio"));
        assertAfter(recording, ofApi("Gateway"), is("IstioCNI"));
        assertAfter(recording, ofApi("Gateway"), is("ConfigMap", "ingress-parameters"));
    });

    it("an HTTPRoute comes after the Gateway that is to take it in, and after its service and who may call it", () => {
        assertAfter(recording, ofApi("HTTPRoute"), ofApi("Gateway"));
        for (const name of ["caller", "sample"]) {
            const own = (r: Recorded) => ofApi("HTTPRoute")(r) && r.name === `microsvc-sample/${name}`;
            assertAfter(recording, own, is("Deployment", `microsvc-sample/${name}`));
            assertAfter(recording, own, is("AuthorizationPolicy", `microsvc-sample/${name}`));
        }
    });

    it("a Route opens last: after the Gateway that it leads to, and every HTTPRoute", () => {
        assertAfter(recording, inMember("Route"), ofApi("Gateway"));
        assertAfter(recording, inMember("Route"), ofApi("HTTPRoute"));
    });

    it("of Istio's kinds none says anything of hosts", () => {
        const kinds = recording.resources.filter((r) =>
            /networking\.istio\.io.*:(Gateway|VirtualService)$/.test(r.type),
        );
        assert.deepEqual(kinds, []);
        assert.equal(recording.resources.filter(ofApi("HTTPRoute")).length, 2);
        assert.equal(recording.resources.filter(ofApi("Gateway")).length, 1);
    });

    it("changing the way keeps the Routes: the same objects, which lead elsewhere", () => {
        const routes = (all: Recording) => all.resources.filter(inMember("Route"));
        assert.deepEqual(
            routes(recording).map((r) => [r.urn, r.inputs.metadata, r.inputs.spec.host]),
            routes(istio).map((r) => [r.urn, r.inputs.metadata, r.inputs.spec.host]),
        );
        const targets = [recording, istio].map((all) => routes(all).map((r) => r.inputs.spec.to.name));
        assert.deepEqual(targets, [
            ["istio-ingressgateway-istio", "istio-ingressgateway-istio"],
            ["istio-ingressgateway", "istio-ingressgateway"],
        ]);
    });

    it("changing the way touches nothing of the services, whose pods stay", () => {
        const services = (all: Recording) =>
            all.resources
                .filter((r) => r.parent?.includes("mesh:index:MeshedService"))
                .map(({ urn, inputs }) => [urn, inputs]);
        assert.ok(services(istio).length > 0);
        assert.deepEqual(services(recording), services(istio));
    });
});

describe("the graph of a stack that moves from 2.6 to 3 with its gateway by the Gateway API", () => {
    const { "mesh:operators": _theirs, ...staging } = readStackFile("Pulumi.staging.yaml");
    const moved = (namespaces: string[]): Promise<Recording> => {
        const controlPlane = {
            name: "v3",
            consoles: ["kiali"],
            tracing: { enabled: false, backend: "tempo" },
            gateways: { ingress: { api: "gateway-api" } },
        };
        const next = JSON.stringify({ generation: "3", controlPlane, namespaces });
        return renderConfig("staging", loadConfig({ ...staging, "mesh:next": next }));
    };
    const ofHosts = (all: Recording) =>
        all.resources
            .filter((r) => /:(VirtualService|HTTPRoute)$/.test(r.type))
            .map((r) => `${r.type.split(":").at(-1)} ${r.name}`);

    it("a namespace's hosts are told by the kinds of the mesh that it is in", async () => {
        const [beside, there] = [await moved([]), await moved(["microsvc-sample"])];
        assert.equal(beside.resources.filter(ofApi("Gateway")).length, 1, "it is there before anybody moves");
        assert.deepEqual(ofHosts(beside), [
            "VirtualService microsvc-sample/caller",
            "VirtualService microsvc-sample/sample",
        ]);
        assert.deepEqual(ofHosts(there), ["HTTPRoute microsvc-sample/caller", "HTTPRoute microsvc-sample/sample"]);
    });

    it("policies let in what comes by either gateway", async () => {
        const { resources } = await moved(["microsvc-sample"]);
        const [{ inputs }] = resources.filter(is("AuthorizationPolicy", "microsvc-sample/caller"));
        const accounts = inputs.spec.rules[0].from[0].source.principals.map((p: string) => p.split("/sa/")[1]);
        assert.deepEqual(accounts, [
            "istio-ingressgateway-service-account",
            "istio-ingressgateway-istio",
            "istio-ingressgateway",
        ]);
    });
});
