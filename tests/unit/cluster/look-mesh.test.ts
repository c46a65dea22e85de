import assert from "node:assert/strict";
import { hasMonitoring } from "../../../cluster/facts";
import { look } from "../../../cluster/look";
import { KubeError } from "../../../kube";
import { cluster, maistra, messageOf, object, STACK, WANTED } from "./look-cluster";

/** As much of a CRD's schema as enumerates versions. */
function enumerating(...versions: string[]): object {
    return { properties: { spec: { properties: { version: { enum: versions } } } } };
}

describe("the look at the mesh's own kinds, of every generation", () => {
    it("knows the objects of generation 3, and whose they are", async () => {
        const fake = cluster();
        const sail = (kind: string, name: string, spec: object, mark?: string) =>
            object("sailoperator.io/v1", kind, undefined, name, {
                spec,
                ...(mark ? { metadata: { annotations: { "openshift-mesh/stack": mark } } } : {}),
            });
        [
            sail("Istio", "v3", { namespace: "istio-system", version: "v1.27.9" }, STACK),
            sail("IstioRevision", "v3", { namespace: "istio-system", version: "v1.27.9" }),
            sail("IstioCNI", "default", { namespace: "istio-cni" }, "organization/mesh/other"),
            object("kiali.io/v1alpha1", "OSSMConsole", "istio-system", "ossmconsole"),
            object("apiextensions.k8s.io/v1", "CustomResourceDefinition", undefined, "istios.sailoperator.io", {
                spec: { versions: [{ name: "v1", schema: { openAPIV3Schema: enumerating("v1.27.9", "v1.26.8") } }] },
            }),
        ].forEach((one) => fake.put(one));
        const shared = [
            { apiVersion: "sailoperator.io/v1", kind: "IstioCNI", name: "default" },
            { apiVersion: "kiali.io/v1alpha1", kind: "OSSMConsole", name: "ossmconsole", namespace: "istio-system" },
            { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: "not-there" },
        ];
        const facts = await look(fake.kube, { ...WANTED, shared, homes: ["istio-cni"] });
        assert.deepEqual(
            facts.sail.map((s) => [s.kind, s.name, s.namespace, s.version, s.mark]),
            [
                ["Istio", "v3", "istio-system", "v1.27.9", STACK],
                ["IstioCNI", "default", "istio-cni", undefined, "organization/mesh/other"],
                ["IstioRevision", "v3", "istio-system", "v1.27.9", undefined],
                ["OSSMConsole", "ossmconsole", "istio-system", undefined, undefined],
            ],
        );
        const istio = facts.controlPlanes.find((c) => c.apiVersion === "sailoperator.io/v1");
        assert.deepEqual([istio?.namespace, istio?.name, istio?.mark], ["istio-system", "v3", STACK]);
        assert.deepEqual(facts.istioVersions, ["v1.27.9", "v1.26.8"]);
        assert.deepEqual(facts.shared, {
            "IstioCNI/default": { mark: "organization/mesh/other" },
            "OSSMConsole/ossmconsole": {},
        });
        assert.equal(facts.namespaces["istio-cni"].exists, false);
        assert.equal(hasMonitoring(facts), false);
    });

    it("does without the versions when their CRD may not be read; any other right that is missing is named", async () => {
        const fake = cluster();
        fake.put(object("sailoperator.io/v1", "Istio", undefined, "v3"));
        fake.before = (verb, { kind }) => {
            if (["CustomResourceDefinition", "Istio", "IstioCNI"].includes(kind)) {
                throw new KubeError(403, "Forbidden", `x is forbidden: User "viewer" cannot ${verb} resource`);
            }
        };
        const lines = (await messageOf(fake)).split("\n").map((l) => l.trim().replace(/ {2,}/g, " "));
        assert.deepEqual(lines.slice(1, -1).sort(), [
            "list istiocnis.sailoperator.io in the whole cluster",
            "list istios.sailoperator.io in the whole cluster",
        ]);
    });

    it("a pod template asks for its sidecar by label or by annotation; the label counts", async () => {
        const fake = cluster();
        const asking = (name: string, labels: object, annotations: object) =>
            object("apps/v1", "Deployment", "new", name, {
                spec: { template: { metadata: { labels, annotations } } },
            });
        const INJECT = "sidecar.istio.io/inject";
        fake.put(asking("a", { [INJECT]: "true" }, {}));
        fake.put(asking("b", { [INJECT]: "false" }, { [INJECT]: "true" }));
        const { workloads } = await look(fake.kube, WANTED);
        const injected = workloads.filter((w) => w.namespace === "new").map((w) => [w.name, w.injected]);
        assert.deepEqual(injected, [
            ["a", "true"],
            ["b", "false"],
        ]);
    });

    it("members of a roll that goes by selectors are those of its status", async () => {
        const fake = cluster();
        fake.put(
            maistra("ServiceMeshMemberRoll", "mesh", "default", {
                spec: { memberSelectors: [{ matchLabels: { mesh: "a" } }] },
                status: { members: ["one", "two"], configuredMembers: ["one"] },
            }),
        );
        const { members } = await look(fake.kube, WANTED);
        assert.deepEqual(
            members.filter((m) => m.controlPlaneNamespace === "mesh").map((m) => [m.namespace, m.configured]),
            [
                ["one", true],
                ["two", false],
            ],
        );
    });
});
