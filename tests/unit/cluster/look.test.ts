import assert from "node:assert/strict";
import { look } from "../../../cluster/look";
import { KubeError, Unreachable } from "../../../kube";
import { FakeKube } from "./fake-kube";
import { cluster, messageOf, olm, WANTED } from "./look-cluster";

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
