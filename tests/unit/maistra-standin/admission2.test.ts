import { deepEqual, equal } from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import {
    completeControlPlane,
    refuseControlPlane,
    refuseMember,
    refuseRoll,
    withoutOwnNamespace,
} from "../../../lab/standins/maistra/v2/admission";
import { appliedSpec, isTraced } from "../../../lab/standins/maistra/v2/applied-spec";
import { converted } from "../../../lab/standins/maistra/v2/conversion";
import { atLeast, newestVersion, releaseOf, supportedVersions } from "../../../lab/standins/maistra/v2/release";
import { isMember } from "../../../lab/standins/maistra/v2/selection";
import { refusals } from "./recording";

const R25 = releaseOf("registry.example.com/istio-operator:2.5.1-0");
const R26 = releaseOf("registry.example.com/istio-operator:2.6.8-0");
const told = (part: string) => refusals("maistra25").find(({ said }) => said.includes(part))!.said;

function plane(spec: object | undefined, version = "v2"): KubeObject {
    const metadata = { name: "basic", namespace: "mesh" };
    return { apiVersion: `maistra.io/${version}`, kind: "ServiceMeshControlPlane", metadata, spec };
}

function roll(spec: object, name = "default"): KubeObject {
    return { apiVersion: "maistra.io/v1", kind: "ServiceMeshMemberRoll", metadata: { name, namespace: "mesh" }, spec };
}

function space(name: string, labels: Record<string, string> = {}): KubeObject {
    return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

describe("Maistra stand-in 2.x: admission", () => {
    it("takes the versions that its charts make, and says differently of known and unknown others (trap 43)", () => {
        const said = (version: string, release = R25) => refuseControlPlane(plane({ version }), [], release);
        for (const version of ["v2.2", "v2.5"]) {
            equal(said(version), undefined);
        }
        for (const version of ["v1.1", "v2.0"]) {
            equal(said(version), told("Only '"));
        }
        for (const version of ["v1.0", "v2.6", "v2.9", "2.5"]) {
            equal(said(version), told("invalid Version"));
        }
        equal(refuseControlPlane(plane({ istio: {} }, "v1"), [], R25), told("Only '"));
        deepEqual([said("v2.6", R26), said("v2.2", R26)?.slice(0, 6)], [undefined, "Only '"]);
    });

    it("refuses Mixer, a second control plane and the operator's namespace (traps 18, 20)", () => {
        const version = "v2.5";
        equal(refuseControlPlane(plane({ version, policy: { type: "Mixer" } }), [], R25), told('policy.type "Mixer"'));
        equal(refuseControlPlane(plane({ version }), ["basic", "other"], R25), told("only one service mesh"));
        const there = plane({ version });
        there.metadata.namespace = "openshift-operators";
        equal(refuseControlPlane(there, [], R25), told("in the same project"));
    });

    it("completes version, profiles and openshiftRoute, the last from v2.5 on and on creation only (trap 26)", () => {
        const completed = (spec: object, before?: KubeObject) =>
            completeControlPlane(plane(spec), before, R25)[0]?.value as Record<string, any> | undefined;
        const none = { openshiftRoute: { enabled: false } };
        deepEqual(completed({}), { version: "v2.5", gateways: none, profiles: ["default"] });
        deepEqual(completed({ version: "v2.4" }), { version: "v2.4", profiles: ["default"] });
        equal(completed({ gateways: { openshiftRoute: { enabled: true } } })?.gateways.openshiftRoute.enabled, true);
        const before = plane({ version: "v2.4", profiles: ["default"] });
        deepEqual(completed({ profiles: ["default"] }, before), { version: "v2.4", profiles: ["default"] });
        equal(completed(before.spec, before), undefined);
    });

    it("judges rolls in the recorded words, its own namespace being dropped first (trap 21)", () => {
        equal(refuseRoll(roll({ members: ["a"] }, "x"), []), told("must be named 'default'"));
        equal(refuseRoll(roll({ members: ["Bad_Name"] }), []), told("Bad_Name"));
        equal(refuseRoll(roll({ members: ["a"] }), ["a"]), told("one or more members"));
        equal(refuseRoll(roll({ members: ["*"] }), ["a"]), told("one or more members"));
        equal(refuseRoll(roll({ members: ["a", "b"] }), ["c"]), undefined);
        const both = { members: ["a"], memberSelectors: [{ matchLabels: { a: "b" } }] };
        equal(refuseRoll(roll(both), []), "combining .spec.members and .spec.memberSelectors is not allowed");
        deepEqual(withoutOwnNamespace(roll({ members: ["a", "mesh"] })), [
            { op: "replace", path: "/spec/members", value: ["a"] },
        ]);
    });

    it("judges members in the recorded words", () => {
        const member = (name: string, mesh: string): KubeObject => ({
            apiVersion: "maistra.io/v1",
            kind: "ServiceMeshMember",
            metadata: { name, namespace: "app" },
            spec: { controlPlaneRef: { name: "basic", namespace: mesh } },
        });
        equal(refuseMember(member("x", "mesh"), undefined), told('must be named "default"'));
        equal(refuseMember(member("default", "other"), member("default", "mesh")), told("mutation of"));
        equal(refuseMember(member("default", "mesh"), undefined), undefined);
    });
});

describe("Maistra stand-in 2.x: releases, selection, conversion", () => {
    it("is told by the image's tag", () => {
        deepEqual([R25.operator, R26.operator], ["2.5.1", "2.6.8"]);
        deepEqual([newestVersion(R25), newestVersion(R26)], ["v2.5", "v2.6"]);
        deepEqual(supportedVersions(R25), ["v2.2", "v2.3", "v2.4", "v2.5"]);
        deepEqual([atLeast("v2.10", "v2.5"), atLeast("v2.4", "v2.5")], [true, false]);
    });

    it("tracing is off by default from v2.6 on, all consoles are on", () => {
        const traced = (version: string) => isTraced(appliedSpec({ version }, R26));
        deepEqual([traced("v2.5"), traced("v2.6")], [true, false]);
        equal(appliedSpec({ version: "v2.6" }, R26).addons.kiali.enabled, true);
        equal(appliedSpec({ version: "v2.5", addons: { kiali: { enabled: false } } }, R25).addons.kiali.enabled, false);
    });

    it("selects namespaces by name, asterisk and labels, never the system's nor the roll's own", () => {
        const by = (spec: object, namespace: KubeObject) => isMember(roll(spec), namespace);
        equal(by({ members: ["a"] }, space("a")), true);
        equal(by({ members: ["*"] }, space("a")), true);
        equal(by({ members: ["*"] }, space("openshift-monitoring")), false);
        equal(by({ members: ["*"] }, space("mesh")), false);
        const expressions = [{ key: "team", operator: "In", values: ["x"] }];
        const spec = { memberSelectors: [{ matchLabels: { mesh: "prod" }, matchExpressions: expressions }] };
        equal(by(spec, space("a", { mesh: "prod", team: "x" })), true);
        equal(by(spec, space("a", { mesh: "prod", team: "y" })), false);
    });

    it("converts what means the same in both versions", () => {
        const spec = {
            version: "v2.5",
            profiles: ["default"],
            security: { dataPlane: { mtls: true } },
            tracing: { type: "Jaeger", sampling: 10_000 },
            gateways: { openshiftRoute: { enabled: false } },
        };
        const v1 = converted(plane(spec), "maistra.io/v1");
        equal(v1.apiVersion, "maistra.io/v1");
        deepEqual(v1.spec.istio.pilot, { traceSampling: 100 });
        deepEqual(converted(v1, "maistra.io/v2").spec, spec);
    });
});
