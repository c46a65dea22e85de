import assert from "node:assert/strict";
import { type Verdict, waiting } from "../../../cluster/verdict";
import { type ControlPlaneReady, judgeControlPlane } from "../../../cluster/verdicts/control-plane";
import { judgeMembership, type MembershipReady, type MembershipWant } from "../../../cluster/verdicts/membership";
import { follow as followIn, followAll, inWords, whys } from "./follow";
import type { Moment } from "./replay";

const follow = <T>(step: string, judge: (moment: Moment) => Verdict<T>) => followIn("maistra117", step, judge);

const plane =
    (namespace: string, name: string) =>
    (moment: Moment): Verdict<ControlPlaneReady> =>
        judgeControlPlane(
            {
                controlPlanes: moment.list("ServiceMeshControlPlane", namespace),
                deployments: moment.list("Deployment", namespace),
            },
            { namespace, name },
        );

describe("control plane verdict against the recording of operator 1.1.7 (trap 19)", () => {
    it("N1: ready only after pruning, though every pod is ready 24 s before", () => {
        const said = follow("N1", plane("istio-system", "basic"));
        assert.equal(inWords(said), "waiting ready@39790");
        const pods = said.findLast(({ verdict }) => verdict.is === "waiting" && /waiting for istio-/.test(verdict.why));
        assert.ok(pods && pods.t < 16_000, `last pod awaited at ${pods?.t}`);
    });

    it("N1: shows which component is awaited and how many are done", () => {
        const all = whys(follow("N1", plane("istio-system", "basic")));
        assert.ok(
            all.some((w) => w === "basic: PausingInstall, 1 of 7 components, waiting for istio-citadel"),
            all.join("\n"),
        );
        assert.ok(
            all.some((w) => /^basic: PausingInstall, 3 of 7 components, waiting for istio-policy/.test(w)),
            all.join("\n"),
        );
    });

    it("N1: says that the operator is still at work when all pods are ready", () => {
        const all = whys(follow("N1", plane("istio-system", "basic")));
        assert.equal(
            all.at(-1),
            "basic: PausingInstall, 6 of 7 components, its pods are ready, the operator is still at work",
        );
    });

    it("N3: not ready on the old all-True status after a change, though nothing in it says so yet", () => {
        const said = follow("N3", plane("istio-system", "basic"));
        assert.equal(inWords(said), "ready@0 waiting ready@29130");
        const changed = said.find((s) => s.verdict.is === "waiting");
        assert.equal(changed?.t, 89, "at the very change of the spec");
        assert.ok(changed.verdict.is === "waiting");
        assert.match(changed.verdict.why, /yet to notice generation 2/);
    });

    it("N6a: a control plane that is being deleted never becomes ready", () => {
        assert.match(inWords(follow("N6a", plane("istio-system", "basic"))), /^ready@0 failed@71/);
    });

    it("N7a: the reinstallation is the same", () => {
        assert.equal(inWords(follow("N7a", plane("istio-system", "basic"))), "waiting ready@39728");
    });

    it("N7b: deleted with the operator stopped, its status stays all True and is not believed (trap 30)", () => {
        assert.match(inWords(follow("N7b", plane("istio-system", "basic"))), /failed@2247$/);
    });

    it("END: a spec that cannot be rendered fails at once, in the operator's words", () => {
        const said = follow("END", plane("vt1", "t"));
        const failed = said.find((s) => s.verdict.is === "failed");
        assert.equal(failed?.t, 15891);
        assert.ok(failed.verdict.is === "failed");
        assert.match(failed.verdict.problem.said, /^Error rendering helm charts/);
    });
});

const member =
    (want: Partial<MembershipWant>) =>
    (moment: Moment): Verdict<MembershipReady> =>
        judgeMembership(
            {
                rolls: moment.list("ServiceMeshMemberRoll"),
                members: moment.list("ServiceMeshMember"),
                namespaces: moment.list("Namespace"),
            },
            { controlPlane: { namespace: "istio-system", name: "basic" }, namespaces: [], by: "roll", ...want },
        );

describe("membership verdict against the recording of operator 1.1.7 (traps 22, 45)", () => {
    it("N2a: what is configured is ready although the roll is not, because another namespace is missing", () => {
        assert.equal(inWords(follow("N2a", member({ namespaces: ["bookinfo"] }))), "waiting ready@352");
        const both = follow("N2a", member({ namespaces: ["bookinfo", "later"] }));
        assert.equal(inWords(both), "waiting");
        assert.equal(whys(both).at(-1), "1 of 2 namespaces, namespace later does not exist");
    });

    it("N2b: a missing namespace heals when it comes", () => {
        assert.equal(inWords(follow("N2b", member({ namespaces: ["bookinfo", "later"] }))), "waiting ready@149");
    });

    it("N2c: by ServiceMeshMember, Reconciled is not yet Ready", () => {
        assert.equal(inWords(follow("N2c", member({ by: "member", namespaces: ["member2"] }))), "waiting ready@206");
    });

    it("N2d: a member of no control plane waits, and shows why", () => {
        const controlPlane = { namespace: "nowhere", name: "basic" };
        const said = follow("N2d", member({ by: "member", controlPlane, namespaces: ["member3"] }));
        assert.equal(inWords(said), "waiting");
        assert.match(whys(said).at(-1) ?? "", /CreateMemberRollFailed: Could not create ServiceMeshMemberRoll/);
    });

    it("N3: an update of the control plane does not make members doubtful", () => {
        assert.equal(inWords(follow("N3", member({ namespaces: ["bookinfo", "later"] }))), "ready@0");
    });

    it("N7a: a roll made before its control plane is ready waits for it", () => {
        const said = follow("N7a", member({ namespaces: ["bookinfo"] }));
        assert.match(inWords(said), /waiting ready@39764$/);
    });

    it("fails in words on a network where operator 1.1 configures nobody (trap 45)", () => {
        const want = { networkTypes: ["OpenShiftSDN", "Calico"], namespaces: ["bookinfo"] };
        const [first] = follow("N2a", member({ ...want, networkType: "OVNKubernetes" }));
        assert.ok(first.verdict.is === "failed");
        assert.match(first.verdict.problem.said, /unsupported network type: OVNKubernetes/);
        assert.equal(inWords(follow("N2a", member({ ...want, networkType: "OpenShiftSDN" }))), "waiting ready@352");
    });
});

describe("the recording itself", () => {
    it("has the steps that the tests above name", () => {
        const names = [...followAll("maistra117", () => waiting("")).keys()];
        for (const step of ["N1", "N2a", "N2b", "N2c", "N2d", "N3", "N6a", "N7a", "N7b", "END"]) {
            assert.ok(names.includes(step), step);
        }
    });
});
