import { deepEqual, equal, throws } from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import { concreteVersion, sailReleaseOf } from "../../../lab/crds/sail-versions";
import { conditionOf, no, stateOf, unknown, withConditions, yes } from "../../../lab/standins/sail/conditions";
import { templateOf, wantsProxy, workloadName } from "../../../lab/standins/sail/injector/selection";
import { activeRevisionName } from "../../../lab/standins/sail/istio";
import { dueForPruning } from "../../../lab/standins/sail/prune";
import { namedByNamespace, namedByPod, revisionInUse, tagInUse } from "../../../lab/standins/sail/references";
import { needsCni, revisionValues } from "../../../lab/standins/sail/values";

type Labels = Record<string, string>;
const ASKS = { "sidecar.istio.io/inject": "true" };
const REFUSES = { "sidecar.istio.io/inject": "false" };

function object(metadata: object, spec: object = {}, status: object = {}): KubeObject {
    return { apiVersion: "v1", kind: "Thing", metadata: { name: "x", ...metadata }, spec, status };
}

describe("Sail stand-in: who gets a proxy", () => {
    const pod = (labels: Labels, annotations?: Labels, spec = {}) => object({ labels, annotations }, spec);

    it("the label decides, then the old annotation, then the policy", () => {
        equal(wantsProxy(pod(ASKS), "shop", "disabled"), true);
        equal(wantsProxy(pod({}), "shop", "disabled"), false);
        equal(wantsProxy(pod({}), "shop", "enabled"), true);
        equal(wantsProxy(pod(REFUSES), "shop", "enabled"), false);
        equal(wantsProxy(pod(REFUSES, ASKS), "shop", "enabled"), false);
        equal(wantsProxy(pod({}, ASKS), "shop", "disabled"), true);
    });

    it("nobody on the host's network, in Kubernetes' own namespaces, or twice", () => {
        equal(wantsProxy(pod(ASKS, undefined, { hostNetwork: true }), "shop", "enabled"), false);
        equal(wantsProxy(pod(ASKS), "kube-system", "enabled"), false);
        equal(wantsProxy(pod(ASKS, { "sidecar.istio.io/status": "{}" }), "shop", "enabled"), false);
    });

    it("a template is one that there is", () => {
        equal(templateOf(pod({})), "sidecar");
        equal(templateOf(pod({}, { "inject.istio.io/templates": "gateway" })), "gateway");
        throws(() => templateOf(pod({}, { "inject.istio.io/templates": "other" })), /"other" not found/);
    });

    it("a workload is the Deployment behind the ReplicaSet", () => {
        const owner = { kind: "ReplicaSet", name: "shop-5d9", controller: true };
        equal(workloadName(object({ labels: { "pod-template-hash": "5d9" }, ownerReferences: [owner] })), "shop");
        equal(workloadName(object({ name: "alone" })), "alone");
    });
});

describe("Sail stand-in: who uses a revision", () => {
    const namespace = (name: string, labels: Labels) => object({ name, labels });

    it("istio-injection=enabled means default, and goes before istio.io/rev", () => {
        equal(namedByNamespace({ "istio-injection": "enabled", "istio.io/rev": "v3" }), "default");
        equal(namedByNamespace({ "istio.io/rev": "v3" }), "v3");
        equal(namedByNamespace(undefined), "");
    });

    it("a pod names one only where its namespace does not, and a proxy counts anywhere", () => {
        equal(namedByPod(ASKS), "default");
        equal(namedByPod({ ...REFUSES, "istio.io/rev": "v3" }), "");
        const plain = [namespace("shop", {})];
        const asking = object({ namespace: "shop", labels: { "istio.io/rev": "v3" } });
        equal(revisionInUse("v3", plain, [asking]), true);
        equal(revisionInUse("v3", [namespace("shop", { "istio.io/rev": "v2" })], [asking]), false);
        const running = object({ namespace: "shop", annotations: { "istio.io/rev": "v3" } });
        equal(revisionInUse("v3", plain, [running]), true);
        equal(tagInUse("v3", plain, [running]), false);
        equal(revisionInUse("v3", plain, [{ ...running, status: { phase: "Succeeded" } }]), false);
    });
});

describe("Sail stand-in: states, names and values", () => {
    it("a state is the reason of the first condition that is not True", () => {
        equal(
            stateOf([yes("Reconciled"), no("Ready", "IstiodNotReady", ""), no("DependenciesHealthy", "X", "")]),
            "IstiodNotReady",
        );
        equal(stateOf([yes("Reconciled"), yes("Ready")]), "Healthy");
        equal(stateOf([unknown("Reconciled")]), undefined);
    });

    it("a condition keeps its place, and its time while its status stays", () => {
        const before = withConditions(undefined, [no("Ready", "A", "a"), yes("InUse")]);
        before[0].lastTransitionTime = "2020-01-01T00:00:00Z";
        const same = withConditions(before, [no("Ready", "B", "b")]);
        deepEqual(same[0], {
            type: "Ready",
            status: "False",
            reason: "B",
            message: "b",
            lastTransitionTime: "2020-01-01T00:00:00Z",
        });
        const other = withConditions(same, [yes("Ready")]);
        equal(conditionOf(other, "Ready").lastTransitionTime === "2020-01-01T00:00:00Z", false);
        deepEqual(
            other.map(({ type }) => type),
            ["Ready", "InUse"],
        );
    });

    it("revisions are named by strategy and version", () => {
        const spec = (type: string, version: string) => object({ name: "v3" }, { updateStrategy: { type }, version });
        equal(activeRevisionName(spec("InPlace", "v1.27.9")), "v3");
        equal(activeRevisionName(spec("RevisionBased", "v1.27.9")), "v3-v1-27-9");
        equal(activeRevisionName(spec("RevisionBased", "v1.27-latest")), "v3-v1-27-latest");
    });

    it("an alias is the newest patch; each release of the operator has its own versions (trap 34)", () => {
        equal(concreteVersion("v1.24-latest"), "v1.24.6");
        equal(concreteVersion("v1.27.5"), "v1.27.5");
        equal(sailReleaseOf("servicemeshoperator3.v3.1.12").default, "v1.26.8");
        equal(sailReleaseOf("servicemeshoperator3.v3.1.12").offered.includes("v1.27.9"), false);
        equal(sailReleaseOf("servicemeshoperator3.v3.2.9").default, "v1.27.9");
    });

    it("values are laid over what the operator knows", () => {
        const values = { pilot: { env: { A: "b" } }, global: { proxy: { autoInject: "disabled" } } };
        const istio = object({ name: "v3" }, { namespace: "mesh", values });
        const made = revisionValues(istio, "v1.27.9", "v3");
        deepEqual(
            [made.revision, made.global.istioNamespace, made.global.proxy.autoInject],
            ["v3", "mesh", "disabled"],
        );
        equal(made.global.proxy.image.endsWith(":v1.27.9"), true);
        equal(revisionValues(istio, "v1.27.9", "default").revision, "");
        deepEqual([needsCni(values), needsCni({ pilot: { cni: { enabled: false } } })], [true, false]);
    });

    it("an unused revision is pruned a grace period after its last use, and the active one never", () => {
        const revision = (name: string, status: "True" | "False", at: string) =>
            object({ name }, {}, { conditions: [{ type: "InUse", status, lastTransitionTime: at }] });
        const now = Date.parse("2026-01-01T00:01:00Z");
        const revisions = [
            revision("active", "False", "2026-01-01T00:00:00Z"),
            revision("used", "True", "2026-01-01T00:00:00Z"),
            revision("old", "False", "2026-01-01T00:00:29Z"),
            revision("waiting", "False", "2026-01-01T00:00:40Z"),
        ];
        const { expired, next } = dueForPruning(revisions, "active", 30_000, now);
        deepEqual(
            expired.map(({ metadata }) => metadata.name),
            ["old"],
        );
        equal(next, 10_000);
    });
});
