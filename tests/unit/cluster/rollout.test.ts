import assert from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import { judgeRollout, type RolloutSnapshot, type RolloutWant, selectorOf } from "../../../cluster/verdicts/rollout";

const WANT: RolloutWant = { kind: "Deployment", namespace: "shop", name: "cart", sidecar: true };
const REVISION = "deployment.kubernetes.io/revision";

interface Scene {
    generation?: number;
    status?: object;
    annotated?: boolean;
    member?: boolean;
    kind?: "Deployment" | "DeploymentConfig";
    conditions?: object[];
    pods?: KubeObject[];
}

function pod(
    name: string,
    hash: string,
    over: { sidecar?: boolean; ready?: boolean; status?: object; going?: boolean; annotated?: boolean } = {},
) {
    const { sidecar = true, ready = true, status = {}, going, annotated = true } = over;
    const containers = [{ name: "cart" }, ...(sidecar ? [{ name: "istio-proxy" }] : [])];
    const metadata = {
        name,
        namespace: "shop",
        annotations: { ...(annotated ? { "sidecar.istio.io/inject": "true" } : {}) },
        labels: { app: "cart", "pod-template-hash": hash, deployment: hash },
        ...(going ? { deletionTimestamp: "2026-11-23T00:00:00Z" } : {}),
    };
    const conditions = [{ type: "Ready", status: ready ? "True" : "False" }];
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata,
        spec: { containers },
        status: { phase: "Running", conditions, ...status },
    };
}

/** Revision 2 is the present one, of ReplicaSet "new". */
function scene(over: Scene = {}): RolloutSnapshot {
    const { generation = 2, annotated = true, member = true, kind = "Deployment", conditions = [] } = over;
    const status = {
        observedGeneration: 2,
        replicas: 1,
        updatedReplicas: 1,
        availableReplicas: 1,
        conditions,
        latestVersion: 2,
    };
    const annotations = annotated ? { "sidecar.istio.io/inject": "true" } : {};
    const selector = kind === "Deployment" ? { matchLabels: { app: "cart" } } : { app: "cart" };
    const workload = {
        apiVersion: "apps/v1",
        kind,
        metadata: { name: "cart", namespace: "shop", generation, annotations: { [REVISION]: "2" } },
        spec: { replicas: 1, selector, template: { metadata: { annotations } } },
        status: { ...status, ...over.status },
    };
    const replicaSet = (hash: string, revision: string) => ({
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        metadata: {
            name: `cart-${hash}`,
            labels: { "pod-template-hash": hash },
            annotations: { [REVISION]: revision },
            ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "cart", uid: "1" }],
        },
    });
    const labels: Record<string, string> = member ? { "maistra.io/member-of": "istio-system" } : {};
    return {
        workloads: [workload],
        replicaSets: [replicaSet("old", "1"), replicaSet("new", "2")],
        pods: over.pods ?? [pod("cart-new-1", "new")],
        namespaces: [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } }],
    };
}

const why = (seen: RolloutSnapshot, want = WANT): string => {
    const verdict = judgeRollout(seen, want);
    assert.ok(verdict.is === "waiting", JSON.stringify(verdict));
    return verdict.why;
};
const problem = (seen: RolloutSnapshot, want = WANT) => {
    const verdict = judgeRollout(seen, want);
    assert.ok(verdict.is === "failed", JSON.stringify(verdict));
    return verdict.problem;
};

describe("rollout verdict (trap 24)", () => {
    it("is ready when every pod is of the present template, ready, and has its sidecar", () => {
        assert.deepEqual(judgeRollout(scene(), WANT), {
            is: "ready",
            value: { replicas: 1 },
            say: "cart: 1 of 1 pods ready, each with its sidecar",
        });
    });

    it("waits for the controller to notice the change", () => {
        assert.match(why(scene({ generation: 3 })), /yet to notice generation 3/);
    });

    it("waits while a pod of the older template runs, also one without a sidecar", () => {
        const pods = [pod("cart-new-1", "new"), pod("cart-old-1", "old", { sidecar: false })];
        assert.match(why(scene({ pods, status: { replicas: 2 } })), /1 of 1 pods ready, 1 old/);
        const going = [pod("cart-new-1", "new"), pod("cart-old-1", "old", { sidecar: false, going: true })];
        assert.equal(judgeRollout(scene({ pods: going }), WANT).is, "ready", "a pod on its way out does not count");
    });

    it("fails at once on a present pod without a sidecar, before it is even ready, and says to make it anew", () => {
        const p = problem(scene({ pods: [pod("cart-new-1", "new", { sidecar: false, ready: false })] }));
        assert.equal(p.object, "Pod shop/cart-new-1");
        assert.match(p.todo.join("\n"), /made before its namespace was a member/);
        assert.match(p.todo.join("\n"), /oc rollout restart deployment\/cart -n shop/);
    });

    it("says when the annotation is missing, and when the namespace is no member", () => {
        const pods = [pod("cart-new-1", "new", { sidecar: false })];
        assert.match(
            problem(scene({ pods, annotated: false })).todo.join(),
            /lacks sidecar\.istio\.io\/inject: "true"/,
        );
        assert.match(problem(scene({ pods, member: false })).todo.join(), /shop is not a member of a mesh/);
    });

    it("asks for no sidecar where none is wanted", () => {
        const pods = [pod("cart-new-1", "new", { sidecar: false })];
        assert.equal(judgeRollout(scene({ pods }), { ...WANT, sidecar: false }).is, "ready");
    });

    it("takes a sidecar that is an init container for one", () => {
        const one = pod("cart-new-1", "new", { sidecar: false });
        const spec = { ...one.spec, initContainers: [{ name: "istio-proxy" }] };
        assert.equal(judgeRollout(scene({ pods: [{ ...one, spec }] }), WANT).is, "ready");
    });

    for (const reason of ["ImagePullBackOff", "CrashLoopBackOff"]) {
        it(`shows the kubelet's ${reason}, which can heal`, () => {
            const containerStatuses = [{ name: "cart", state: { waiting: { reason, message: "back-off 10s" } } }];
            const pods = [pod("cart-new-1", "new", { ready: false, status: { containerStatuses } })];
            const said = why(scene({ pods, status: { availableReplicas: 0 } }));
            assert.match(said, new RegExp(`0 of 1 pods ready, cart-new-1 cart: ${reason}: back-off 10s`));
        });
    }

    it("shows what the scheduler, and what the controller, cannot do", () => {
        const conditions = [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }];
        const pods = [pod("cart-new-1", "new", { ready: false, status: { conditions } })];
        assert.match(why(scene({ pods })), /0\/3 nodes are available/);
        const refused = [{ type: "ReplicaFailure", status: "True", message: "exceeded quota" }];
        assert.match(why(scene({ pods: [], conditions: refused })), /exceeded quota/);
    });

    it("judges a DeploymentConfig by its newest ReplicationController", () => {
        const want: RolloutWant = { ...WANT, kind: "DeploymentConfig" };
        const seen = scene({ kind: "DeploymentConfig", pods: [pod("cart-2-a", "cart-2")] });
        assert.equal(judgeRollout(seen, want).is, "ready");
        const bare = scene({ kind: "DeploymentConfig", pods: [pod("cart-2-a", "cart-2", { sidecar: false })] });
        assert.match(problem(bare, want).todo.join("\n"), /oc rollout latest dc\/cart -n shop/);
        const old = scene({ kind: "DeploymentConfig", pods: [pod("cart-1-a", "cart-1", { sidecar: false })] });
        assert.match(why(old, want), /1 old/);
    });

    it("takes a pod that was never meant to have a sidecar for one of an older template", () => {
        const want: RolloutWant = { ...WANT, kind: "DeploymentConfig" };
        const before = pod("cart-2-a", "cart-2", { sidecar: false, annotated: false });
        assert.match(why(scene({ kind: "DeploymentConfig", pods: [before] }), want), /1 old/);
    });

    it("says when a DeploymentConfig does not follow its template by itself", () => {
        const want: RolloutWant = { ...WANT, kind: "DeploymentConfig" };
        const seen = scene({ kind: "DeploymentConfig", pods: [pod("cart-1-a", "cart-1")] });
        seen.workloads[0].spec.triggers = [{ type: "ImageChange" }];
        assert.match(why(seen, want), /no ConfigChange trigger/);
    });

    it("reads selectors of every form", () => {
        const [workload] = scene().workloads;
        workload.spec.selector.matchExpressions = [
            { key: "tier", operator: "In", values: ["a", "b"] },
            { key: "old", operator: "DoesNotExist" },
        ];
        assert.equal(selectorOf(workload), "app=cart,tier in (a,b),!old");
    });

    it("waits for a workload that is not there", () => {
        assert.equal(why({ ...scene(), workloads: [] }), "Deployment shop/cart is not there");
    });
});
