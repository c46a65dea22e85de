import assert from "node:assert/strict";
import { hasMonitoring } from "../../../cluster/facts";
import { look, LookError, type Wanted } from "../../../cluster/look";
import { KubeError, type KubeObject, Unreachable } from "../../../kube";
import { FakeKube } from "./fake-kube";

const STACK = "organization/mesh/dev";
const WANTED: Wanted = {
    packages: [
        { package: "kiali-ossm", namespace: "openshift-operators", csvPrefix: "kiali-operator." },
        { package: "jaeger-product", namespace: "openshift-operators", csvPrefix: "jaeger-operator." },
    ],
    namespaces: ["microsvc-sample", "new"],
    controlPlaneNamespace: "istio-system",
    stackId: STACK,
};

type Body = Partial<Omit<KubeObject, "metadata">> & { metadata?: Partial<KubeObject["metadata"]> };

function object(
    apiVersion: string,
    kind: string,
    namespace: string | undefined,
    name: string,
    body: Body = {},
): KubeObject {
    return { apiVersion, kind, ...body, metadata: { name, namespace, ...body.metadata } };
}

const olm = (kind: string, namespace: string, name: string, body: Body = {}) =>
    object("operators.coreos.com/v1alpha1", kind, namespace, name, body);
const maistra = (kind: string, namespace: string, name: string, body: Body = {}) =>
    object("maistra.io/v1", kind, namespace, name, body);

/** A cluster in which a bit of everything stands. */
function cluster(): FakeKube {
    const fake = new FakeKube();
    fake.served = [
        "route.openshift.io/v1",
        "operators.coreos.com/v1",
        "operators.coreos.com/v1alpha1",
        "packages.operators.coreos.com/v1",
        "triggers.tekton.dev/v1alpha1",
        "triggers.tekton.dev/v1beta1",
    ];
    const ns = "microsvc-sample";
    const expose = { "maistra.io/expose-route": "true" };
    const admitted = { ingress: [{ conditions: [{ type: "Admitted", status: "True" }] }] };
    const route = (name: string, to: string, namespace = ns) =>
        object("route.openshift.io/v1", "Route", namespace, name, {
            spec: { host: `${name}.apps.example.com`, to: { name: to }, port: { targetPort: 8080 } },
            status: admitted,
        });
    for (const one of [
        object("config.openshift.io/v1", "Ingress", undefined, "cluster", { spec: { domain: "apps.example.com" } }),
        object("config.openshift.io/v1", "Network", undefined, "cluster", {
            spec: { networkType: "OpenShiftSDN" },
            status: { networkType: "OVNKubernetes" },
        }),
        object("v1", "Namespace", undefined, ns, { metadata: { labels: { team: "a" } } }),
        object("v1", "Namespace", undefined, "openshift-operators"),
        object("v1", "Namespace", undefined, "shop-ab12", {
            metadata: { annotations: { "openshift-mesh/stack": STACK } },
        }),
        object("v1", "Namespace", undefined, "istio-system", { status: { phase: "Terminating" } }),
        object("operators.coreos.com/v1", "OperatorGroup", "openshift-operators", "global-operators", { spec: {} }),
        olm("CatalogSource", "openshift-marketplace", "redhat-operators", {
            status: { connectionState: { lastObservedState: "READY" } },
        }),
        olm("Subscription", "openshift-operators", "my-kiali", {
            metadata: { annotations: { "openshift-mesh/stack": "organization/mesh/prod" } },
            spec: { name: "kiali-ossm", source: "redhat-operators", sourceNamespace: "openshift-marketplace" },
            status: { installedCSV: "kiali-operator.v1.12.15" },
        }),
        olm("Subscription", "openshift-operators", "web-terminal", { spec: { name: "web-terminal" } }),
        olm("ClusterServiceVersion", "openshift-operators", "kiali-operator.v1.12.15", {
            status: { phase: "Succeeded" },
        }),
        // A copy means nothing (trap 10), with or without OLM's label.
        olm("ClusterServiceVersion", "default", "kiali-operator.v1.12.15", {
            status: { phase: "Succeeded", reason: "Copied" },
        }),
        olm("ClusterServiceVersion", "elsewhere", "jaeger-operator.v1.20.0", {
            status: { phase: "Failed", reason: "X" },
        }),
        object("packages.operators.coreos.com/v1", "PackageManifest", "openshift-marketplace", "kiali-ossm", {
            status: {
                packageName: "kiali-ossm",
                catalogSource: "redhat-operators",
                catalogSourceNamespace: "openshift-marketplace",
                defaultChannel: "stable",
                channels: [{ name: "stable", currentCSV: "kiali-operator.v1.12.15" }],
            },
        }),
        route("sample", "sample"),
        route("el-sample", "el-sample"),
        route("report", "report"),
        route("other", "web", "other-team"),
        object("v1", "Service", ns, "el-sample", {
            metadata: { ownerReferences: [{ apiVersion: "t", kind: "EventListener", name: "sample", uid: "1" }] },
        }),
        object("v1", "Service", ns, "report", { spec: { selector: { app: "report" } } }),
        object("triggers.tekton.dev/v1beta1", "EventListener", ns, "sample", { metadata: { labels: expose } }),
        object("apps/v1", "Deployment", ns, "report", {
            spec: {
                template: {
                    metadata: {
                        labels: { app: "report", ...expose },
                        annotations: { "sidecar.istio.io/inject": "true" },
                    },
                    spec: { containers: [{ name: "main" }] },
                },
            },
        }),
        object("apps/v1", "Deployment", "other-team", "web"),
        maistra("ServiceMeshControlPlane", "istio-system", "basic", { spec: { version: "v1.1" } }),
        maistra("ServiceMeshMemberRoll", "istio-system", "default", {
            metadata: { annotations: { "openshift-mesh/stack": STACK, "openshift-mesh/digest": "abc" } },
            spec: { members: ["microsvc-sample", "later"] },
            status: { configuredMembers: ["microsvc-sample"] },
        }),
        maistra("ServiceMeshMember", "asked", "default", { spec: { controlPlaneRef: { namespace: "other-mesh" } } }),
    ]) {
        fake.put(one);
    }
    return fake;
}

/** As much of a CRD's schema as enumerates versions. */
function enumerating(...versions: string[]): object {
    return { properties: { spec: { properties: { version: { enum: versions } } } } };
}

async function messageOf(fake: FakeKube, seconds?: number): Promise<string> {
    const error = await look(fake.kube, WANTED, seconds).then(
        () => assert.fail("the look succeeded"),
        (e) => e,
    );
    assert.ok(error instanceof LookError, String(error));
    return error.message;
}

describe("the look", () => {
    it("finds packages, whose they are, and what is offered; copies count for nothing (trap 10)", async () => {
        const { packages } = await look(cluster().kube, WANTED);
        const kiali = packages["kiali-ossm"];
        assert.deepEqual(
            kiali.subscriptions.map((s) => [s.name, s.mark]),
            [["my-kiali", "organization/mesh/prod"]],
        );
        assert.deepEqual(
            kiali.csvs.map((c) => [c.namespace, c.phase]),
            [["openshift-operators", "Succeeded"]],
        );
        assert.deepEqual(kiali.offered?.[0].channels, [
            {
                name: "stable",
                currentCSV: "kiali-operator.v1.12.15",
                csvs: ["kiali-operator.v1.12.15"],
                complete: false,
            },
        ]);
        const jaeger = packages["jaeger-product"];
        assert.deepEqual(
            jaeger.csvs.map((c) => c.namespace),
            ["elsewhere"],
            "in any namespace, also without Subscription",
        );
    });

    it("tells operators of the same name apart by their package (step 1)", async () => {
        const fake = cluster();
        const at = "openshift-operators";
        const installed = { status: { installedCSV: "kiali-operator.v1.24.0" } };
        fake.put(olm("Subscription", at, "kiali", { spec: { name: "kiali" }, ...installed }));
        fake.put(olm("ClusterServiceVersion", at, "kiali-operator.v1.24.0", { status: { phase: "Succeeded" } }));
        const labels = { "operators.coreos.com/kiali.openshift-operators": "" };
        fake.put(olm("ClusterServiceVersion", at, "kiali-operator.v1.25.0", { metadata: { labels } }));
        const { csvs } = (await look(fake.kube, WANTED)).packages["kiali-ossm"];
        assert.deepEqual(Object.fromEntries(csvs.map((c) => [c.name, c.otherPackage])), {
            "kiali-operator.v1.12.15": undefined,
            "kiali-operator.v1.24.0": "kiali",
            "kiali-operator.v1.25.0": "kiali",
        });
    });

    it("reads the cluster's domain and network", async () => {
        const facts = await look(cluster().kube, WANTED);
        assert.equal(facts.appsDomain, "apps.example.com");
        assert.equal(facts.networkType, "OVNKubernetes", "what is, before what was asked for");
    });

    it("finds every Route, and what is behind those of the members", async () => {
        const { routes, listeners } = await look(cluster().kube, WANTED);
        const found = Object.fromEntries(routes.map((r) => [`${r.namespace}/${r.name}`, r]));
        assert.equal(found["microsvc-sample/el-sample"].listener, "sample");
        assert.equal(found["microsvc-sample/sample"].listener, undefined);
        assert.equal(found["microsvc-sample/report"].exposed, true);
        assert.equal(found["other-team/other"].admitted, true);
        assert.deepEqual(listeners, [
            { apiVersion: "triggers.tekton.dev/v1beta1", namespace: "microsvc-sample", name: "sample", exposed: true },
        ]);
    });

    it("knows namespaces that were asked about, and all of our own", async () => {
        const { namespaces } = await look(cluster().kube, WANTED);
        assert.deepEqual(
            Object.entries(namespaces).map(([name, n]) => [name, n.exists, n.terminating]),
            [
                ["istio-system", true, true],
                ["microsvc-sample", true, false],
                ["new", false, false],
                ["openshift-operators", true, false],
                ["shop-ab12", true, false],
            ],
        );
    });

    it("knows control planes, members and workloads", async () => {
        const { controlPlanes, members, workloads, operatorGroups, digests } = await look(cluster().kube, WANTED);
        assert.deepEqual(
            controlPlanes.map((c) => [c.namespace, c.name, c.version]),
            [["istio-system", "basic", "v1.1"]],
        );
        assert.deepEqual(
            members.map((m) => [m.namespace, m.controlPlaneNamespace, m.configured]),
            [
                ["asked", "other-mesh", false],
                ["microsvc-sample", "istio-system", true],
                ["later", "istio-system", false],
            ],
        );
        assert.deepEqual(
            workloads.map((w) => [w.name, w.containers, w.injected]),
            [["report", ["main"], "true"]],
        );
        assert.deepEqual(Object.keys(operatorGroups), ["openshift-operators"]);
        assert.deepEqual(digests, { "ServiceMeshMemberRoll istio-system/default": "abc" }, "only of our own");
    });

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

    it("takes kinds that are not there yet for empty", async () => {
        const fake = cluster();
        for (const kind of ["ServiceMeshControlPlane", "ServiceMeshMemberRoll", "ServiceMeshMember"]) {
            fake.missing.add(`maistra.io/v1 ${kind}`);
        }
        fake.missing.add("triggers.tekton.dev/v1beta1 EventListener");
        const facts = await look(fake.kube, WANTED);
        assert.deepEqual([facts.controlPlanes, facts.members, facts.listeners], [[], [], []]);
    });

    it("only reads", async () => {
        const fake = cluster();
        await look(fake.kube, WANTED);
        assert.deepEqual(fake.patches, []);
        assert.ok(fake.reads.every((r) => r.startsWith("list ") || r.startsWith("get ")));
    });

    it("names every right that is missing, not only the first", async () => {
        const fake = cluster();
        fake.before = (verb, { kind }) => {
            if (["Subscription", "Route", "Ingress", "Deployment"].includes(kind)) {
                throw new KubeError(403, "Forbidden", `x is forbidden: User "viewer" cannot ${verb} resource`);
            }
        };
        const lines = (await messageOf(fake)).split("\n");
        assert.equal(lines[0], "viewer may not read what this stack must know; nothing was touched");
        const rights = lines.slice(1, -1).map((l) => l.trim().replace(/ {2,}/g, " "));
        assert.deepEqual(rights.sort(), [
            "get ingresses.config.openshift.io in the whole cluster",
            "list deployments.apps in namespace microsvc-sample",
            "list deployments.apps in namespace new",
            "list routes.route.openshift.io in the whole cluster",
            "list subscriptions.operators.coreos.com in the whole cluster",
        ]);
    });

    it("does without PackageManifests, and then knows nothing of offers", async () => {
        const fake = cluster();
        fake.before = (_verb, { kind }) => {
            if (kind === "PackageManifest") {
                throw new KubeError(503, "ServiceUnavailable", "the server is currently unable to handle the request");
            }
        };
        assert.equal((await look(fake.kube, WANTED)).packages["kiali-ossm"].offered, undefined);
    });

    it("says in one line where it is when nothing answers", async () => {
        const fake = cluster();
        fake.before = () => {
            throw new Unreachable(fake.server, "ECONNREFUSED", new Error("connect ECONNREFUSED 127.0.0.1:6443"));
        };
        const [first] = (await messageOf(fake)).split("\n");
        assert.match(
            first,
            /^https:\/\/fake\.invalid:6443 cannot be reached: connect ECONNREFUSED .*; nothing was touched$/,
        );
    });

    it("ends after its time limit", async () => {
        const fake = cluster();
        fake.groupVersions = () => new Promise(() => undefined);
        assert.match(await messageOf(fake, 0.05), /did not answer within 0\.05 s; nothing was touched/);
    });

    it("says when the cluster has no OLM, or is no OpenShift", async () => {
        const plain = new FakeKube();
        assert.match(await messageOf(plain), /is not an OpenShift cluster: it serves no Routes/);
        plain.served = ["route.openshift.io/v1"];
        assert.match(await messageOf(plain), /has no Operator Lifecycle Manager \(operators\.coreos\.com\)/);
    });

    it("says when nobody is logged in", async () => {
        const fake = cluster();
        fake.before = () => {
            throw new KubeError(401, "Unauthorized", "Unauthorized");
        };
        assert.match(await messageOf(fake), /does not know who is asking.*\n.*oc login/);
    });
});
