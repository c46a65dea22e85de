import assert from "node:assert/strict";
import { withLab } from "../lab/with-lab";
import { devDown } from "./dev";
import { CONTROL_PLANE, CSV, DEPLOYMENT, GATEWAY, ROLL, ROUTE } from "./kinds";
import { assertLines } from "./messages";
import { changesOf, DEV_FILE, Stack } from "./stack";
import { conditionOf, isAdmitted, isAvailable } from "./status";

const APPS = "microsvc-sample";
const MESH = "istio-system";
const SERVICES = `mesh:namespaces.${APPS}.services`;

describe("a life with obstacles: every run says what holds it, and the next one goes on from there", function () {
    this.timeout(600_000);
    // The operator's webhook answers late: three seconds as time goes here.
    const used = withLab({ maistra: { webhookDelay: 60_000 } }, "e2e");
    const kube = () => used().kube;
    let stack: Stack;

    before(async () => {
        await devDown(used().lab);
        stack = await Stack.open(used().lab, "dev", DEV_FILE);
    });

    after(async () => {
        await used().lab.set({ kubelet: { neverReadyImages: [] }, maistra: { injectorDown: false, iorDown: false } });
        await stack.destroy();
    });

    it("one that is cut off while the operator's webhook does not answer yet (trap 13)", async () => {
        const cut = new AbortController();
        const result = await stack.run("up", {
            signal: cut.signal,
            onEvent: (event) => {
                if (event.type === "message" && event.ephemeral && /webhook/.test(event.text)) {
                    cut.abort();
                }
            },
        });
        assert.equal(result.ok, false);
        assert.equal(result.error, "interrupted");
        const csv = { ...CSV, namespace: "openshift-operators", name: "servicemeshoperator.v1.1.7" };
        assert.equal((await kube().get(csv))?.status.phase, "Succeeded");
        assert.equal(await kube().get({ ...CONTROL_PLANE, namespace: MESH, name: "basic-install" }), undefined);
    });

    it("a control plane whose pods do not become ready", async () => {
        await used().lab.set({ kubelet: { neverReadyImages: ["mixer"] } });
        const message = await stack.refused("up", { config: { "mesh:timeouts.controlPlane": "10" } });
        assertLines(message, [
            /^control plane istio-system\/basic-install did not become ready \(waited 1\d s\)$/,
            /^last seen: basic-install: .*waiting for (istio-policy|istio-telemetry)/,
            "Its pods say why they are not ready:",
            "oc get pods -n istio-system",
            "The operator's own log:",
            "oc logs -n openshift-operators deployment/istio-operator",
        ]);
        // Nothing goes ahead.
        assert.equal(await kube().get({ ...ROLL, namespace: MESH, name: "default" }), undefined);
        assert.equal(await kube().get({ ...DEPLOYMENT, namespace: APPS, name: "sample" }), undefined);
    });

    it("when they are, up finishes what was begun", async () => {
        await used().lab.set({ kubelet: { neverReadyImages: [] } });
        const changes = changesOf(await stack.up());
        assert.ok(changes.includes("create ServiceMeshMemberRoll members"));
        assert.ok(!changes.some((change) => /Subscription|ControlPlane/.test(change)), changes.join("\n"));
        assert.deepEqual((await stack.engine.outputs()).members, [APPS]);
    });

    it("Routes that the mesh does not make (trap 25: it says nothing itself)", async () => {
        await used().lab.set({ maistra: { iorDown: true } });
        const config = { [`${SERVICES}.caller.host`]: "hello.apps.example.com", "mesh:timeouts.routes": "4" };
        assertLines(await stack.refused("up", { config }), [
            /^hello\.apps\.example\.com, .* did not get a Route \(waited \d s\)$/,
            "last seen: hello.apps.example.com: the mesh has made no Route yet",
            /^The mesh makes Routes only for Gateways in member namespaces/,
            /^A failure is only a line in its log:/,
            "oc get gateways.networking.istio.io -A",
            "oc get routes -A -l maistra.io/generated-by=ior",
        ]);
    });

    it("pods that the sidecar injector's webhook refuses", async () => {
        await used().lab.set({ maistra: { iorDown: true, injectorDown: true } });
        const config = {
            [`${SERVICES}.caller.host`]: "hello.apps.example.com",
            [`${SERVICES}.caller.image`]: "registry.example.com/microsvc-sample/caller:2",
            "mesh:timeouts.rollout": "8",
        };
        assertLines(await stack.refused("up", { config }), [
            /^Deployment microsvc-sample\/caller did not roll out \(waited \d+ s\)$/,
            /^last seen: caller: .* failed calling webhook "sidecar-injector\.istio\.io"/,
            /^oc describe pods -n microsvc-sample/,
            /^oc get events -n microsvc-sample/,
        ]);
    });

    it("and when all is well again, everything is as it was asked for", async () => {
        await used().lab.set({ maistra: { iorDown: false, injectorDown: false } });
        await stack.up({ config: { [`${SERVICES}.caller.host`]: "hello.apps.example.com" } });
        const routes = await kube().list(ROUTE, { namespace: MESH });
        assert.ok(routes.some((r) => r.spec.host === "hello.apps.example.com" && isAdmitted(r)));
        const caller = await kube().get({ ...DEPLOYMENT, namespace: APPS, name: "caller" });
        assert.ok(caller && isAvailable(caller));
        assert.ok(await kube().get({ ...GATEWAY, namespace: APPS, name: "sample-gateway" }));
        const plane = await kube().get({ ...CONTROL_PLANE, namespace: MESH, name: "basic-install" });
        assert.equal(conditionOf(plane, "Ready")?.status, "True");
    });
});
