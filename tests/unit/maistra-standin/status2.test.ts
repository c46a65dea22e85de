import { deepEqual, equal, match } from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import {
    begun,
    componentWritten,
    type ControlPlaneStatus,
    finished,
    isReconciled,
    reconciledSaying,
    reconciledVersionOf,
    rendered,
    withReadiness,
} from "../../../lab/standins/maistra/v2/control-plane-status";
import { isGateway, proxyPatch, wantsProxy } from "../../../lab/standins/maistra/v2/injection";
import { isManaged, routeName, routeOf } from "../../../lab/standins/maistra/v2/ior";
import { rollStatus } from "../../../lab/standins/maistra/v2/member-roll-status";
import { comparable, statuses } from "./recording";

/** What the fixtures leave out. */
function told(status: ControlPlaneStatus): object {
    const { components: _, ...rest } = status;
    return comparable(rest);
}

describe("Maistra stand-in 2.x: the status of a control plane", () => {
    const all = ["istio-discovery", "mesh-config", "telemetry-common", "istio-ingress", "istio-egress"];

    it("goes through the recorded states of an installation (M1b)", () => {
        const expected = statuses("03-M1b", "ServiceMeshControlPlane", "maistra25");
        let { status } = begun({}, 1, "2.5.1");
        deepEqual(told(status), expected[0]);
        equal(reconciledVersionOf(status), "-0");
        status = componentWritten(rendered(status, all, {}), "istio-discovery", true);
        status = withReadiness(status, new Map([["istio-discovery", false]])).status;
        deepEqual(told(status), expected[1]);
        const message = "Paused until the following components become ready: [istio-discovery]";
        status = reconciledSaying(status, { reason: "PausingInstall", message });
        status = withReadiness(status, new Map([["istio-discovery", false]])).status;
        deepEqual(told(status), expected[2]);
        for (const [component, waited] of [
            ["mesh-config", false],
            ["telemetry-common", false],
            ["istio-ingress", true],
            ["istio-egress", true],
        ] as const) {
            status = componentWritten(status, component, waited);
        }
        const ready = new Map(["istio-discovery", "istio-ingress", "istio-egress"].map((name) => [name, true]));
        const done = finished(status, 1, { operator: "2.5.1", charts: "2.5.1" });
        const last = withReadiness(reconciledSaying(done.status, done.said), ready);
        deepEqual(told(last.status), expected.at(-1));
        deepEqual(last.event?.reason, "Ready");
        equal(isReconciled(last.status, 1, "2.5.1"), true);
        equal(isReconciled(last.status, 1, "2.6.8"), false);
    });

    it("keeps observedGeneration until the end of an update, and names the reason of it (trap 19)", () => {
        const [, old] = statuses("04-M1c", "ServiceMeshControlPlane", "maistra25");
        const { status } = begun(old, 2, "2.5.1");
        equal(status.observedGeneration, 1);
        deepEqual(
            status.conditions?.map(({ type, reason }) => `${type} ${reason}`),
            ["Installed InstallSuccessful", "Reconciled SpecUpdated", "Ready SpecUpdated"],
        );
        match(begun(old, 1, "2.6.8").message, /operator version change \(2\.5\.1 to 2\.6\.8\)$/);
    });
});

describe("Maistra stand-in 2.x: the status of a roll", () => {
    const roll: KubeObject = {
        apiVersion: "maistra.io/v1",
        kind: "ServiceMeshMemberRoll",
        metadata: { name: "default", namespace: "mesh", generation: 1 },
        spec: { members: ["a", "b"] },
    };
    const mesh: KubeObject = {
        apiVersion: "maistra.io/v2",
        kind: "ServiceMeshControlPlane",
        metadata: { name: "basic", namespace: "mesh" },
        status: { observedGeneration: 2, operatorVersion: "2.5.1" },
    };
    const member = (namespace: string, version: string): KubeObject => ({
        apiVersion: "maistra.io/v1",
        kind: "ServiceMeshMember",
        metadata: { name: "default", namespace },
        spec: { controlPlaneRef: { name: "basic", namespace: "mesh" } },
        status: { conditions: [{ type: "Reconciled", status: "True" }], meshReconciledVersion: version },
    });
    const wants = [
        { namespace: "a", exists: true },
        { namespace: "b", exists: false },
    ];

    it("waits for a namespace that is not there (trap 22)", () => {
        const members = [member("a", "2.5.1-2")];
        const status = rollStatus({ roll, mesh, required: ["a", "b"], wants, members });
        deepEqual([status.configuredMembers, status.pendingMembers], [["a"], ["b"]]);
        equal(status.annotations?.configuredMemberCount, "1/2");
        equal(status.conditions?.[0].reason, "ReconcileError");
        equal(status.memberStatuses?.[1].conditions[0].message, "Namespace b does not exist");
    });

    it("calls a member pending that has not followed the last update (recorded: R7; trap 22)", () => {
        const picture = { roll, mesh, required: ["a"], wants: [wants[0]] };
        const late = rollStatus({ ...picture, members: [member("a", "2.5.1-1")] });
        deepEqual([late.configuredMembers, late.pendingMembers, late.conditions?.[0].status], [["a"], ["a"], "False"]);
        const done = rollStatus({ ...picture, members: [member("a", "2.5.1-2")] });
        equal(done.conditions?.[0].reason, "Configured");
    });

    it("says that there is no control plane, all its members pending (recorded: M6a)", () => {
        const status = rollStatus({ roll, required: ["a", "b"], wants: [], members: [] });
        equal(status.conditions?.[0].reason, "ErrSMCPMissing");
        deepEqual(status.pendingMembers, ["a", "b"]);
    });
});

describe("Maistra stand-in 2.x: injector and IOR", () => {
    const pod = (metadata: object, image = "app"): KubeObject => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "", ...metadata },
        spec: { containers: [{ name: image === "auto" ? "istio-proxy" : "app", image }] },
    });
    const inject = { "sidecar.istio.io/inject": "true" };
    const applied = { version: "v2.5", proxy: { runtime: { container: { imageName: "proxy:1" } } } };
    const mesh = { name: "basic", namespace: "mesh", charts: "2.5.1", applied };

    it("asks the label, then the annotation", () => {
        equal(wantsProxy(pod({ labels: inject })), true);
        equal(wantsProxy(pod({ annotations: inject })), true);
        equal(wantsProxy(pod({ labels: { "sidecar.istio.io/inject": "false" }, annotations: inject })), false);
        equal(wantsProxy(pod({})), false);
    });

    it("a sidecar is added, a gateway's container gets its image; both say whose they are", () => {
        const [sidecar, , annotated] = proxyPatch(pod({ labels: inject }), mesh) as any[];
        deepEqual(
            sidecar.value.map(({ name }: { name: string }) => name),
            ["app", "istio-proxy"],
        );
        equal(annotated.value["istio.io/rev"], "basic");
        const gateway = pod({ labels: inject, annotations: { "inject.istio.io/templates": "gateway" } }, "auto");
        equal(isGateway(gateway), true);
        const [only] = proxyPatch(gateway, mesh) as any[];
        deepEqual(
            only.value.map(({ name, image, args }: any) => [name, image, args[1]]),
            [["istio-proxy", "proxy:1", "router"]],
        );
    });

    it("a host's Route has a name that is always the same, and what the Gateway says (trap 26)", () => {
        const gateway: KubeObject = {
            apiVersion: "networking.istio.io/v1beta1",
            kind: "Gateway",
            metadata: { name: "gw", namespace: "app", resourceVersion: "7", labels: { foo: "bar" } },
            spec: { selector: { istio: "ingressgateway" } },
        };
        match(routeName(gateway, "a.example.com"), /^app-gw-[0-9a-f]{16}$/);
        equal(routeName(gateway, "a.example.com"), routeName(gateway, "a.example.com"));
        const route = routeOf(gateway, { tls: { httpsRedirect: true } }, "*.example.com");
        deepEqual(route.spec, {
            host: "wildcard.example.com",
            port: { targetPort: "https" },
            tls: { termination: "passthrough", insecureEdgeTerminationPolicy: "Redirect" },
            wildcardPolicy: "Subdomain",
        });
        deepEqual([route.metadata.labels?.foo, route.metadata.labels?.["maistra.io/generated-by"]], ["bar", "ior"]);
        equal(isManaged({ ...gateway, spec: { selector: { istio: "egressgateway" } } }), false);
    });
});
