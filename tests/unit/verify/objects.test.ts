import assert from "node:assert/strict";
import { KubeError, type Ref } from "../../../kube";
import { MEMBER, meshPolicy, OUTPUTS, OWN, policy, Scenario, SENDING, TO_SAMPLE, verified } from "./scenario";

const csvRef = (name: string): Ref => ({
    apiVersion: "operators.coreos.com/v1alpha1",
    kind: "ClusterServiceVersion",
    namespace: "openshift-operators",
    name,
});
const MESH = csvRef("servicemeshoperator.v1.1.7");
const PLANE: Ref = {
    apiVersion: "maistra.io/v1",
    kind: "ServiceMeshControlPlane",
    namespace: OWN,
    name: "basic-install",
};
const ROLL: Ref = { apiVersion: "maistra.io/v1", kind: "ServiceMeshMemberRoll", namespace: OWN, name: "default" };
const NAMESPACE: Ref = { apiVersion: "v1", kind: "Namespace", name: MEMBER };
const POD: Ref = { apiVersion: "v1", kind: "Pod", namespace: MEMBER, name: "sample-1-x" };
const deployment = (name: string): Ref => ({ apiVersion: "apps/v1", kind: "Deployment", namespace: MEMBER, name });
const LISTENER: Ref = {
    apiVersion: "triggers.tekton.dev/v1alpha1",
    kind: "EventListener",
    namespace: MEMBER,
    name: "sample",
};
const routeRef = (namespace: string, name: string): Ref => ({
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    namespace,
    name,
});
const POLICY: Ref = { apiVersion: TO_SAMPLE.apiVersion, kind: TO_SAMPLE.kind, namespace: MEMBER, name: "to-sample" };

describe("verify: the objects of an environment", () => {
    it("all of it holds when the environment is as the scenario leaves it", async () => {
        const checks = await verified(new Scenario());
        assert.deepEqual(
            checks.filter((c) => c.result === "failed"),
            [],
        );
        const groups = [...new Set(checks.map((c) => c.group))];
        assert.deepEqual(groups, [
            "operators",
            "control plane",
            "membership",
            "services",
            "ingress",
            "exceptions",
            "security",
            "requests",
        ]);
    });

    it("each check is about something of its own", async () => {
        const names = (await verified(new Scenario())).map((c) => `${c.group} ${c.subject}`);
        assert.equal(new Set(names).size, names.length);
    });

    /** What is wrong; how it came about; the check that says so, and no other; what it says it saw. */
    const table: [what: string, spoil: (kube: Scenario) => unknown, subject: string, seen: RegExp][] = [
        ["an operator is gone", (k) => k.remove(MESH), "servicemeshoperator", /not there/],
        [
            "an operator has failed",
            (k) =>
                k.change(MESH, (c) => (c.status = { phase: "Failed", reason: "InstallCheckFailed", message: "slow" })),
            "servicemeshoperator",
            /Failed, slow/,
        ],
        [
            "trap 10: only a copy of it is left",
            (k) => k.change(MESH, (c) => (c.metadata.labels = { "olm.copiedFrom": "x" })),
            "servicemeshoperator",
            /not there/,
        ],
        [
            "trap 19: the control plane has yet to notice a change",
            (k) => k.change(PLANE, (c) => (c.metadata.generation = 2)),
            `${OWN}/basic-install`,
            /yet to notice generation 2/,
        ],
        [
            "the control plane is of another version",
            (k) => k.change(PLANE, (c) => (c.spec.version = "v1.0")),
            `version of ${OWN}/basic-install`,
            /v1\.0/,
        ],
        [
            "a namespace is not configured",
            (k) => k.change(ROLL, (r) => (r.status.configuredMembers = [])),
            MEMBER,
            /microsvc-sample/,
        ],
        [
            "a namespace has lost its label",
            (k) => k.change(NAMESPACE, (n) => (n.metadata.labels = {})),
            MEMBER,
            /microsvc-sample/,
        ],
        [
            "trap 24: a pod has no sidecar",
            (k) => k.change(POD, (p) => p.spec.containers.pop()),
            `${MEMBER}/sample`,
            /no container istio-proxy/,
        ],
        [
            "a pod is not ready",
            (k) => k.change(POD, (p) => (p.status.conditions[0].status = "False")),
            `${MEMBER}/sample`,
            /0 of 1 pods ready/,
        ],
        [
            "a Route is not admitted",
            (k) => k.change(routeRef(OWN, `${MEMBER}-sample-gateway-caller`), (r) => (r.status = {})),
            "caller.apps.example.com",
            /admitted/,
        ],
        ["a console has no Route", (k) => k.remove(routeRef(OWN, "grafana")), "console grafana", /not there/],
        [
            "trap 28: an exception has lost its label",
            (k) => k.change(LISTENER, (l) => (l.metadata.labels = {})),
            `Route ${MEMBER}/el-sample`,
            /not on EventListener sample/,
        ],
        [
            "trap 27: the pods of an exception are without the label",
            (k) =>
                k.change(
                    deployment("el-sample"),
                    (d) => delete d.spec.template.metadata.labels["maistra.io/expose-route"],
                ),
            `Route ${MEMBER}/el-sample`,
            /not on its pods/,
        ],
        [
            "an exception's Route is gone",
            (k) => k.remove(routeRef(MEMBER, "el-caller")),
            `Route ${MEMBER}/el-caller`,
            /no such Route/,
        ],
        [
            "mTLS is permissive",
            (k) => k.put(meshPolicy({ mode: "PERMISSIVE" })),
            "mtls",
            /plain text taken, clients use mTLS/,
        ],
        ["nothing is said of mTLS", (k) => k.put(meshPolicy(undefined)), "mtls", /plain text taken/],
        [
            "clients send plain text",
            (k) => k.remove({ ...SENDING, ...SENDING.metadata }),
            "mtls",
            /plain text refused, clients use plain text/,
        ],
        ["a policy is gone", (k) => k.remove(POLICY), `callers of ${MEMBER}/sample`, /^anyone$/],
        [
            "a policy lets in more than it should",
            (k) => k.change(POLICY, (p) => p.spec.rules[0].from[0].source.namespaces.push("shop")),
            `callers of ${MEMBER}/sample`,
            /microsvc-sample, shop/,
        ],
        [
            "somebody else's policy is about an open service",
            (k) => k.put(policy("theirs", { selector: { matchLabels: { app: "caller" } } })),
            `callers of ${MEMBER}/caller`,
            /theirs: nobody/,
        ],
    ];
    for (const [what, spoil, subject, seen] of table) {
        it(`says it when ${what}`, async () => {
            const kube = new Scenario();
            await spoil(kube);
            const failed = (await verified(kube)).filter((c) => c.result === "failed");
            assert.deepEqual(
                failed.map((c) => c.subject),
                [subject],
            );
            assert.match(failed[0].seen, seen);
        });
    }

    it("a newer operator is as good where upgrades come by themselves, and is named", async () => {
        const kube = new Scenario();
        const old = (await kube.get(MESH)) as any;
        kube.remove(MESH);
        kube.put({ ...old, metadata: { ...old.metadata, name: "servicemeshoperator.v1.1.8" } });
        const checks = await verified(kube);
        const check = checks.find((c) => c.subject === "servicemeshoperator");
        assert.equal(check?.result, "passed");
        assert.equal(check?.seen, "servicemeshoperator.v1.1.8 Succeeded");
    });

    it("what the cluster may not tell ends it in one message, not in a wrong verdict", async () => {
        const kube = new Scenario();
        kube.before = (verb, kind) => {
            if (kind.kind === "Pod") {
                throw new KubeError(403, "Forbidden", 'User "viewer" cannot list resource "pods"');
            }
        };
        await assert.rejects(verified(kube), /viewer may not read .*\n.*pods/s);
    });

    it("writes nothing", async () => {
        const kube = new Scenario();
        const verbs = new Set<string>();
        kube.before = (verb) => verbs.add(verb);
        await verified(kube);
        assert.deepEqual([...verbs].sort(), ["get", "list"]);
    });

    it("a stack without outputs was never brought up", async () => {
        await assert.rejects(verified(new Scenario(), {}, {}), /no outputs: bring it up first/);
        const { controlPlane: _, ...rest } = OUTPUTS;
        await assert.rejects(verified(new Scenario(), {}, rest), /not the outputs .*: controlPlane/);
    });
});
