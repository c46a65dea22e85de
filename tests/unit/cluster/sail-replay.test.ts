import assert from "node:assert/strict";
import { judgePiece, pieceJudge, type PieceReady } from "../../../cluster/verdicts/pieces";
import type { Verdict } from "../../../cluster/verdict";
import type { KubeObject } from "../../../kube";
import { follow as followIn, followAll, inWords, whys } from "./follow";
import type { Moment } from "./replay";

const follow = <T>(step: string, judge: (moment: Moment) => Verdict<T>) => followIn("sail", step, judge);

const piece =
    (kind: string, name = "default") =>
    (moment: Moment): Verdict<PieceReady> => {
        const ref = { apiVersion: "sailoperator.io/v1", kind, metadata: { name } };
        const judge = pieceJudge(ref);
        assert.ok(judge);
        return judgePiece(judge, ref, {
            pieces: moment.list(kind),
            revisions: moment.list(kind === "IstioRevisionTag" ? "Istio" : "IstioRevision"),
            workloads: [...moment.list("Deployment"), ...moment.list("DaemonSet").map(updated)],
            replicaSets: [],
            pods: [],
            namespaces: [],
        });
    };

/** The recordings keep no count of updated pods; none of their DaemonSets was ever changed. */
function updated(daemonSet: KubeObject): KubeObject {
    const { currentNumberScheduled } = daemonSet.status;
    return { ...daemonSet, status: { ...daemonSet.status, updatedNumberScheduled: currentNumberScheduled } };
}

const istio = piece("Istio");
const cni = piece("IstioCNI");
const tag = piece("IstioRevisionTag");

describe("Istio verdict against the recording of the Sail operator (traps 33, 36, 38, 39)", () => {
    it("S1a: Ready is True, but without IstioCNI it is never healthy; errors of a moment are waited for (trap 39)", () => {
        const said = follow("S1a", istio);
        assert.equal(inWords(said), "waiting");
        const all = whys(said);
        assert.ok(
            all.some((w) => /ReconcileError: failed to update IstioRevision "default"/.test(w)),
            all.join("\n"),
        );
        assert.equal(all.at(-1), "default: IstioCNINotFound: IstioCNI resource does not exist");
    });

    it("S1c: ready at the first moment when IstioCNI is healthy", () => {
        assert.equal(inWords(follow("S1c", istio)), "waiting ready@4008");
    });

    it("S1d: matching generation and Healthy are not believed before the roll-out has begun (trap 38)", () => {
        const said = follow("S1d", istio);
        assert.equal(inWords(said), "ready@0 waiting ready@3596");
        const believable = said.find((s) => s.t === 107);
        assert.ok(believable?.verdict.is === "waiting");
        assert.match(believable.verdict.why, /yet to notice generation 2 of IstioRevision default/);
    });

    it("S6b: nor with another version, in place", () => {
        const said = follow("S6b", istio);
        assert.equal(inWords(said), "ready@0 waiting ready@7641");
        const last = said.at(-1)?.verdict;
        assert.ok(last?.is === "ready");
        assert.deepEqual([last.value.version, last.value.revision], ["v1.27.9", "default"]);
    });

    it("S1e: a pod that is lost is seen in the Deployment, a second before the operator says so", () => {
        const lost = follow("S1e", istio).find((s) => s.verdict.is === "waiting");
        assert.ok(lost && lost.t < 200, `at ${lost?.t}`);
    });

    it("S3a, S3b: a namespace that is missing heals", () => {
        assert.match(whys(follow("S3a", istio)).at(-1) ?? "", /namespace "nowhere" doesn't exist/);
        const after = whys(follow("S3b", istio));
        assert.equal(after.at(-1), "default: IstioCNINotFound: IstioCNI resource does not exist");
    });

    it("S5a, S5d: by revision, the new revision counts as soon as it is the active one, and only it", () => {
        const first = follow("S5a", istio);
        assert.equal(inWords(first), "waiting ready@3321");
        const said = follow("S5d", istio);
        assert.equal(inWords(said), "ready@0 waiting ready@6323");
        const [before, after] = [first.at(-1)?.verdict, said.at(-1)?.verdict];
        assert.ok(before?.is === "ready" && after?.is === "ready");
        assert.deepEqual([before.value.revision, after.value.revision], ["default-v1-26-8", "default-v1-27-9"]);
        assert.equal(after.value.version, "v1.27.9");
    });

    it("S8a, S8b: without its operator nothing is said; with it, the status is believed again", () => {
        assert.equal(whys(follow("S8a", istio)).at(-1), "default: the operator has not begun");
        assert.equal(inWords(follow("S8b", istio)), "waiting ready@8019");
    });

    it("S10a: a revision that somebody deletes is made again", () => {
        assert.match(inWords(follow("S10a", istio)), /waiting ready@6543$/);
    });

    it("fails nowhere in the whole recording but when it is being deleted", () => {
        for (const [step, said] of followAll("sail", istio)) {
            for (const { verdict } of said) {
                assert.ok(verdict.is !== "failed" || verdict.problem.found === "is being deleted", step);
            }
        }
    });
});

describe("IstioCNI verdict against the recording of the Sail operator (traps 33, 48)", () => {
    it("S1b, S1c: its namespace is missing, and comes", () => {
        assert.match(whys(follow("S1b", cni)).at(-1) ?? "", /namespace "istio-cni" doesn't exist/);
        assert.equal(inWords(follow("S1c", cni)), "waiting ready@2727");
    });

    it("S1f: pods that are not ready, and are again", () => {
        assert.equal(inWords(follow("S1f", cni)), "ready@0 waiting ready@5615");
    });

    it("S2a, S7b: one that is being deleted is not waited for, also while no operator runs", () => {
        assert.match(inWords(follow("S2a", cni)), /^ready@0 failed@82/);
        const [first] = follow("S7b", cni);
        assert.ok(first.verdict.is === "failed");
        assert.match(first.verdict.problem.todo.join("\n"), /sailoperator\.io\/sail-operator.*running operator/);
    });

    it("Helm's refusal to take over what Service Mesh 2 made is final, and names it", () => {
        const said =
            'error reconciling resource: failed to install/update Helm chart "cni": Unable to continue with install: ' +
            'ClusterRoleBinding "istio-cni" in namespace "" exists and cannot be imported into the current release: ' +
            'invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by"';
        const object = {
            apiVersion: "sailoperator.io/v1",
            kind: "IstioCNI",
            metadata: { name: "default", generation: 1 },
            spec: { namespace: "istio-cni" },
            status: {
                observedGeneration: 1,
                state: "ReconcileError",
                conditions: [
                    { type: "Reconciled", status: "False", reason: "ReconcileError", message: said },
                    { type: "Ready", status: "False", reason: "DaemonSetNotReady", message: "not found" },
                ],
            },
        };
        const verdict = cni({ t: 0, list: (kind) => (kind === "IstioCNI" ? [object] : []) });
        assert.ok(verdict.is === "failed");
        assert.equal(verdict.problem.said, said);
        assert.match(verdict.problem.todo.join("\n"), /oc get clusterrolebinding istio-cni/);
    });
});

describe("IstioRevisionTag verdict against the recording of the Sail operator", () => {
    it("S5b: that nothing uses it yet is no fault", () => {
        const said = follow("S5b", tag);
        assert.equal(inWords(said), "waiting ready@442");
        const last = said.at(-1)?.verdict;
        assert.ok(last?.is === "ready");
        assert.equal(last.value.revision, "default-v1-26-8");
    });

    it("S5d: it is not ready while it still names the revision from before", () => {
        const said = follow("S5d", tag);
        assert.equal(inWords(said), "ready@0 waiting ready@2001");
        assert.match(whys(said).at(-1) ?? "", /points to default-v1-26-8, is to point to default-v1-27-9/);
    });

    it("S10b: a revision's name is refused for good; S10f: an Istio that is not there may come", () => {
        assert.match(inWords(follow("S10b", tag)), /^waiting failed@1195/);
        const missing = follow("S10f", piece("IstioRevisionTag", "prod"));
        assert.match(whys(missing).join("\n"), /RefNotFound: referenced Istio resource does not exist/);
        assert.doesNotMatch(inWords(missing), /failed@[0-3]\d{0,3}\b/);
    });
});
