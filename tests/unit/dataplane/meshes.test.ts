import { deepEqual, equal } from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import { type ControlPlane, controlPlaneOf, controlPlanes, type MeshObjects } from "../../../lab/dataplane/meshes";

function cluster(more: Partial<MeshObjects>): ControlPlane[] {
    return controlPlanes({ namespaces: [], controlPlanes: [], rolls: [], revisions: [], ...more });
}

function namespace(name: string, labels: Record<string, string> = {}): KubeObject {
    return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

function maistra(root: string, name: string, spec: object): KubeObject {
    return { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane", metadata: { namespace: root, name }, spec };
}

function roll(root: string, configuredMembers: string[]): KubeObject {
    const metadata = { namespace: root, name: "default" };
    return { apiVersion: "maistra.io/v1", kind: "ServiceMeshMemberRoll", metadata, status: { configuredMembers } };
}

function revision(name: string, root: string, meshConfig: object = {}): KubeObject {
    const spec = { namespace: root, values: { meshConfig } };
    return { apiVersion: "sailoperator.io/v1", kind: "IstioRevision", metadata: { name }, spec };
}

function pod(of: string, annotations: Record<string, string> = {}, labels: Record<string, string> = {}): KubeObject {
    return { apiVersion: "v1", kind: "Pod", metadata: { name: "pod", namespace: of, annotations, labels } };
}

const injected = (by: string) => ({ "sidecar.istio.io/status": JSON.stringify({ revision: by }) });
const discovering = (mesh: string) => ({ discoverySelectors: [{ matchLabels: { "istio-discovery": mesh } }] });
const known = ({ namespaces }: ControlPlane): string[] => [...namespaces].sort();

describe("control planes of a cluster", () => {
    it("1.1: the members that its roll has configured, no revision, no auto mTLS", () => {
        const spec = { version: "v1.1", istio: { global: { mtls: { enabled: true } } } };
        const [plane, ...others] = cluster({
            controlPlanes: [maistra("mesh", "basic", spec)],
            rolls: [roll("mesh", ["shop"])],
            namespaces: [namespace("shop"), namespace("elsewhere")],
        });
        equal(others.length, 0);
        deepEqual(known(plane), ["mesh", "shop"]);
        deepEqual([plane.root, plane.revision, plane.autoMtls, plane.retriesOn503], ["mesh", undefined, false, true]);
    });

    it("2.6: its name is its revision, and clients use mTLS where they can unless it is turned off", () => {
        const planes = cluster({
            controlPlanes: [
                maistra("one", "basic", { version: "v2.6" }),
                maistra("two", "basic", { security: { dataPlane: { automtls: false } } }),
            ],
            rolls: [roll("one", ["shop"]), roll("two", ["office"])],
        });
        deepEqual(
            planes.map(({ root, revision, autoMtls }) => [root, revision, autoMtls]),
            [
                ["one", "basic", true],
                ["two", "basic", false],
            ],
        );
        equal(controlPlaneOf(pod("office", injected("basic")), planes)?.root, "two");
    });

    it("without a roll the members are those that are labelled so", () => {
        const [plane] = cluster({ namespaces: [namespace("shop", { "maistra.io/member-of": "mesh" })] });
        deepEqual(known(plane), ["mesh", "shop"]);
        equal(controlPlaneOf(pod("shop", { "sidecar.istio.io/status": "{}" }), [plane]), plane);
    });

    it("3: the namespaces that its discovery selectors take; without selectors all", () => {
        const namespaces = [
            namespace("v3-system"),
            namespace("shop", { "istio-discovery": "v3" }),
            namespace("office", { "istio-discovery": "other" }),
        ];
        const [some, all] = cluster({
            namespaces,
            revisions: [revision("v3", "v3-system", discovering("v3")), revision("wide", "wide-system")],
        });
        // Also its own namespace must carry the label: without it what is said there for the mesh is not heard.
        deepEqual(known(some), ["shop"]);
        deepEqual(known(all), ["office", "shop", "v3-system"]);
        deepEqual([some.root, some.revision, some.autoMtls, some.retriesOn503], ["v3-system", "v3", true, false]);
    });

    it("3: auto mTLS can be turned off; selectors can be expressions", () => {
        const matchExpressions = [{ key: "team", operator: "In", values: ["a", "b"] }];
        const [plane] = cluster({
            namespaces: [namespace("x", { team: "b" }), namespace("y", { team: "c" }), namespace("z")],
            revisions: [revision("r", "s", { enableAutoMtls: false, discoverySelectors: [{ matchExpressions }] })],
        });
        deepEqual([known(plane), plane.autoMtls], [["x"], false]);
    });

    describe("from 2.6 to 3, in one namespace", () => {
        const planes = cluster({
            controlPlanes: [maistra("mesh", "basic", { version: "v2.6" })],
            rolls: [roll("mesh", ["shop"])],
            namespaces: [
                namespace("mesh", { "istio-discovery": "v3" }),
                namespace("shop", { "istio-discovery": "v3", "maistra.io/member-of": "mesh" }),
            ],
            revisions: [revision("v3", "mesh", discovering("v3"))],
        });

        it("both know the namespace; each pod belongs to the one that injected it", () => {
            deepEqual(planes.map(known), [
                ["mesh", "shop"],
                ["mesh", "shop"],
            ]);
            equal(controlPlaneOf(pod("shop", injected("basic")), planes)?.operator, "maistra");
            equal(controlPlaneOf(pod("shop", injected("v3")), planes)?.operator, "sail");
            equal(controlPlaneOf(pod("shop", { "istio.io/rev": "v3" }), planes)?.operator, "sail");
            equal(controlPlaneOf(pod("shop", {}, { "istio.io/rev": "basic" }), planes)?.operator, "maistra");
        });

        it("what the injector wrote counts, not the tag that was asked for", () => {
            const asked = pod("shop", injected("v3"), { "istio.io/rev": "v3-tag" });
            equal(controlPlaneOf(asked, planes)?.name, "IstioRevision v3");
        });

        it("a pod of neither, or where its control plane does not look, has none", () => {
            equal(controlPlaneOf(pod("elsewhere", injected("v3")), planes), undefined);
            equal(controlPlaneOf(pod("shop", injected("gone")), planes), undefined);
            equal(controlPlaneOf(pod("shop"), planes)?.operator, "maistra");
        });
    });
});
