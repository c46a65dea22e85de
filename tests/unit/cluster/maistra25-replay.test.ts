import assert from "node:assert/strict";
import type { Verdict } from "../../../cluster/verdict";
import { judgeMembership, type MembershipReady, type MembershipWant } from "../../../cluster/verdicts/membership";
import { judgePiece, pieceJudge, type PieceReady } from "../../../cluster/verdicts/pieces";
import { follow as followIn, followAll, inWords, whys } from "./follow";
import type { Moment } from "./replay";

const follow = <T>(step: string, judge: (moment: Moment) => Verdict<T>) => followIn("maistra25", step, judge);

const plane =
    (namespace: string, name: string) =>
    (moment: Moment): Verdict<PieceReady> => {
        const ref = { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane", metadata: { namespace, name } };
        const judge = pieceJudge(ref);
        assert.ok(judge);
        return judgePiece(judge, ref, {
            pieces: moment.list(ref.kind, namespace),
            workloads: moment.list("Deployment", namespace),
            revisions: [],
            replicaSets: [],
            pods: [],
            namespaces: [],
        });
    };
const basic = plane("istio-system", "basic");

describe("control plane verdict against the recording of operator 2.5 (traps 19, 41, 42)", () => {
    it("M1b: ready at the end of the installation, with what the operator says it installed", () => {
        const said = follow("M1b", basic);
        assert.equal(inWords(said), "waiting ready@18041");
        const last = said.at(-1)?.verdict;
        assert.ok(last?.is === "ready");
        assert.equal(last.value.version, "2.5.1");
    });

    it("M1b: counts components, and names the Deployments that it waits for", () => {
        const all = whys(follow("M1b", basic));
        const wanted = "basic: PausingInstall, 3 of 5 components, waiting for istio-egressgateway";
        assert.ok(all.includes(wanted), all.join("\n"));
    });

    it("M3a, M3b: not ready on the old all-True status after a change (trap 19)", () => {
        for (const [step, at] of [
            ["M3a", 14057],
            ["M3b", 12463],
        ] as const) {
            const said = follow(step, basic);
            assert.equal(inWords(said), `ready@0 waiting ready@${at}`);
            const [changed] = whys(said);
            assert.match(changed, /yet to notice generation \d/);
        }
    });

    it("M4b, M4c: a kind that is missing is waited for, and healed minutes after it came (trap 42)", () => {
        const missing = follow("M4b", basic);
        assert.equal(inWords(missing), "ready@0 waiting");
        assert.match(whys(missing).at(-1) ?? "", /DependencyMissingError, Dependency "Jaeger CRD" is missing/);
        const last = missing.at(-1)?.verdict;
        assert.ok(last?.is === "waiting");
        assert.match(last.todo?.join("\n") ?? "", /growing pauses/);
        assert.equal(inWords(follow("M4c", basic)), "waiting ready@33615");
    });

    it("M1c: a pod that is lost, and comes again", () => {
        assert.equal(inWords(follow("M1c", basic)), "ready@0 waiting ready@9251");
    });

    it("M5c: a profile that does not exist fails, in the operator's words", () => {
        const failed = follow("M5c", plane("vtest", "t")).find((s) => s.verdict.is === "failed");
        assert.ok(failed?.verdict.is === "failed");
        assert.match(failed.verdict.problem.said, /^Error rendering helm charts: .*nosuch: no such file/);
    });

    it("M5d: another version, and back", () => {
        assert.equal(inWords(follow("M5d", basic)), "ready@0 waiting ready@12105 waiting ready@25946");
    });

    it("M9c: deleted with the operator stopped, its status stays all True and is not believed (trap 30)", () => {
        assert.equal(inWords(follow("M9c", basic)), "ready@0 failed@275");
    });

    it("M10a, M10b: without its operator nothing is said of it", () => {
        assert.equal(whys(follow("M10a", basic)).at(-1), "basic: the operator has not begun");
        assert.equal(inWords(follow("M10b", basic)), "waiting ready@14659");
    });

    it("fails nowhere in the whole recording but when it is being deleted", () => {
        for (const [step, said] of followAll("maistra25", basic)) {
            for (const { verdict } of said) {
                assert.ok(verdict.is !== "failed" || verdict.problem.found === "is being deleted", step);
            }
        }
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

describe("membership verdict against the recording of operator 2.5 (trap 22)", () => {
    it("R1, R2: what is configured is ready although another namespace is missing, which heals", () => {
        assert.equal(inWords(follow("R1", member({ namespaces: ["a1"] }))), "waiting ready@653");
        const both = member({ namespaces: ["a1", "a2"] });
        assert.equal(whys(follow("R1", both)).at(-1), "1 of 2 namespaces, namespace a2 does not exist");
        assert.equal(inWords(follow("R2", both)), "waiting ready@895");
    });

    it("R3: a namespace that is being deleted is no member, whatever the roll says meanwhile", () => {
        assert.equal(inWords(follow("R3", member({ namespaces: ["a1"] }))), "ready@0");
        const both = follow("R3", member({ namespaces: ["a1", "a2"] }));
        assert.equal(inWords(both), "ready@0 waiting");
        assert.match(whys(both).join("\n"), /namespace a2 is being deleted/);
    });

    it("R7: the roll's moment of doubt after an update of the control plane is none of the members'", () => {
        assert.equal(inWords(follow("R7", member({ namespaces: ["a1"] }))), "ready@0");
    });

    it("R4: by ServiceMeshMember", () => {
        assert.equal(inWords(follow("R4", member({ by: "member", namespaces: ["a3"] }))), "waiting ready@421");
    });

    it("R6: a member of no control plane waits, and shows why", () => {
        const said = follow("R6", member({ by: "member", namespaces: ["a4"] }));
        assert.equal(inWords(said), "waiting");
        assert.match(whys(said).at(-1) ?? "", /ErrorControlPlaneMissing/);
    });

    it("M7a: without its control plane a roll has no members (ErrSMCPMissing)", () => {
        const said = follow("M7a", member({ namespaces: ["bookinfo"] }));
        assert.equal(inWords(said), "ready@0 waiting");
        assert.match(whys(said).at(-1) ?? "", /ErrSMCPMissing: No ServiceMeshControlPlane exists/);
    });

    it("M8a: listed as configured while the control plane is not installed is not enough", () => {
        const roll = follow("M8a", member({ namespaces: ["bookinfo"] }));
        assert.equal(inWords(roll), "waiting ready@7627");
        assert.match(whys(roll).at(-1) ?? "", /its control plane is not installed yet/);
        assert.equal(inWords(follow("M8a", member({ by: "member", namespaces: ["member2"] }))), "waiting ready@7634");
    });

    it("R8: a member that somebody deletes is made again", () => {
        assert.equal(inWords(follow("R8", member({ namespaces: ["a1"] }))), "ready@0 waiting ready@268");
    });

    it("by selectors: the roll need not name a namespace, its status does", () => {
        assert.equal(inWords(follow("R2", member({ by: "selectors", namespaces: ["a1", "a2"] }))), "waiting ready@895");
        const roll = {
            apiVersion: "maistra.io/v1",
            kind: "ServiceMeshMemberRoll",
            metadata: { name: "default", namespace: "istio-system" },
            status: { members: ["a1"], configuredMembers: ["a1"], meshReconciledVersion: "2.5.1-1" },
        };
        const stranger = { apiVersion: "v1", kind: "Namespace", metadata: { name: "stranger" } };
        const verdict = judgeMembership(
            { rolls: [roll], members: [], namespaces: [stranger] },
            { controlPlane: { namespace: "istio-system", name: "basic" }, namespaces: ["stranger"], by: "selectors" },
        );
        assert.ok(verdict.is === "waiting");
        assert.equal(verdict.why, "0 of 1 namespaces, the roll's selectors do not find stranger");
    });
});
