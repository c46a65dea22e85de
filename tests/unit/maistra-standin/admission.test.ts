import { deepEqual, equal } from "node:assert/strict";
import {
    completeControlPlane,
    type ControlPlaneFacts,
    refuseControlPlane,
    refuseMember,
    refuseRoll,
    withoutOwnNamespace,
} from "../../../lab/standins/maistra/v1/admission";
import { refusals } from "./recording";

const object = (kind: string, metadata: object, spec: any) => ({
    apiVersion: "maistra.io/v1",
    kind,
    metadata: { name: "default", namespace: "istio-system", ...metadata },
    spec,
});
const mesh = (spec: any, metadata: object = {}) =>
    object("ServiceMeshControlPlane", { name: "basic", ...metadata }, spec);
const roll = (members: string[], metadata: object = {}) => object("ServiceMeshMemberRoll", metadata, { members });
const member = (controlPlaneRef: object, metadata: object = {}) =>
    object("ServiceMeshMember", { namespace: "a", ...metadata }, { controlPlaneRef });

const nothing: ControlPlaneFacts = { jaegerInstalled: true, kialiInstalled: true, others: [] };

function recorded(attempt: string): string {
    return refusals().find((refusal) => refusal.attempt.includes(attempt))!.said;
}

describe("Maistra stand-in: what the webhooks refuse", () => {
    it("a second control plane in a namespace (trap 20)", () => {
        equal(refuseControlPlane(mesh({}), { ...nothing, others: ["other"] }), recorded("a second"));
        equal(refuseControlPlane(mesh({}), { ...nothing, others: ["basic"] }), undefined);
    });

    it("a control plane beside the operator", () => {
        const there = mesh({ version: "v1.1" }, { namespace: "openshift-operators" });
        equal(refuseControlPlane(there, nothing), recorded("in the operator's namespace"));
    });

    it("versions that it does not know; v1.0, v1.1 and none are accepted (traps 17, 43)", () => {
        for (const version of ["v2.0", "1.1", "v1.2"]) {
            equal(refuseControlPlane(mesh({ version }), nothing), recorded("version v2.0"), version);
        }
        for (const version of ["v1.0", "v1.1", "", undefined]) {
            equal(refuseControlPlane(mesh({ version }), nothing), undefined);
        }
    });

    it("tracing or Kiali whose operator is missing, when they are asked for by name (trap 16)", () => {
        const facts = { ...nothing, jaegerInstalled: false, kialiInstalled: false };
        const jaeger = "please install the Jaeger operator before enabling tracing";
        const kiali = "please install the Kiali operator before enabling Kiali";
        const asking = (...names: string[]) =>
            mesh({ istio: Object.fromEntries(names.map((name) => [name, { enabled: true }])) });
        equal(refuseControlPlane(asking("tracing"), facts), jaeger);
        equal(refuseControlPlane(asking("kiali"), facts), kiali);
        equal(refuseControlPlane(asking("tracing", "kiali"), facts), `[${jaeger}, ${kiali}]`);
        equal(refuseControlPlane(asking(), facts), undefined);
        equal(refuseControlPlane(asking("tracing", "kiali"), nothing), undefined);
    });

    it("rolls: no control plane, another name, in two rolls, own namespace, operator's namespace (trap 21)", () => {
        const facts = { controlPlanes: 1, taken: ["taken"] };
        const orphan = roll(["a"], { namespace: "vtest" });
        equal(refuseRoll(orphan, { ...facts, controlPlanes: 0 }), recorded("without control plane"));
        equal(refuseRoll(roll(["a"], { name: "x" }), facts), "ServiceMeshMemberRoll must be named 'default'");
        equal(
            refuseRoll(roll(["a"], { namespace: "openshift-operators" }), facts),
            "ServiceMeshMemberRoll may not be created in the same project/namespace as the operator",
        );
        equal(
            refuseRoll(roll(["a", "taken"]), facts),
            "one or more members are already defined in another ServiceMeshMemberRoll",
        );
        equal(refuseRoll(roll(["istio-system"]), facts), "mesh project/namespace cannot be listed as a member");
        equal(refuseRoll(roll(["a", "b"]), facts), undefined);
    });

    it("members: of another name, beside the operator, pointed at another control plane", () => {
        const here = { name: "basic", namespace: "istio-system" };
        equal(refuseMember(member(here, { name: "x" }), undefined), 'ServiceMeshMember must be named "default"');
        equal(
            refuseMember(member(here, { namespace: "openshift-operators" }), undefined),
            "namespace where operator is installed cannot be added to any mesh",
        );
        equal(
            refuseMember(member({ ...here, name: "other" }), member(here)),
            "Mutation of .spec.controlPlaneRef isn't allowed",
        );
        equal(refuseMember(member(here), member(here)), undefined);
        equal(refuseMember(member(here), undefined), undefined);
    });
});

describe("Maistra stand-in: what the webhooks change", () => {
    const value = (patch: object[]) => (patch as { path: string; value: unknown }[]).map((p) => [p.path, p.value]);

    it("an empty version becomes v1.1 on creation only, the template default always (trap 43)", () => {
        const both = [
            ["/spec/version", "v1.1"],
            ["/spec/template", "default"],
        ];
        deepEqual(value(completeControlPlane(mesh({ istio: {} }), "CREATE")), both);
        deepEqual(value(completeControlPlane(mesh({ version: "", istio: {} }), "CREATE")), both);
        deepEqual(value(completeControlPlane(mesh({ istio: {} }), "UPDATE")), [both[1]]);
        deepEqual(completeControlPlane(mesh({ version: "v1.0", template: "mine" }), "CREATE"), []);
    });

    it("a roll can lose its own namespace", () => {
        deepEqual(value(withoutOwnNamespace(roll(["a", "istio-system"]))), [["/spec/members", ["a"]]]);
        deepEqual(withoutOwnNamespace(roll(["a"])), []);
    });
});
