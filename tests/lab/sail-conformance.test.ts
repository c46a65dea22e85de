import { deepEqual, equal, ok } from "node:assert/strict";
import type { Kube } from "../../kube";
import { Journal } from "./maistra/journal";
import {
    CNI,
    cni,
    deployOperator,
    gone,
    inState,
    ISTIO,
    istio,
    namespace,
    refusal,
    removeMesh,
    removeNamespaces,
    removeOperator,
    TAG,
    tag,
    until,
} from "./sail/operator";
import { everythingRecorded, flicker, type Happening, KINDS, messages, recorded, seen, tell } from "./sail/telling";
import { refusals } from "./sail/recording";
import { withLab } from "./with-lab";

const MESH = "istio-system";
const NAMESPACES = [MESH, "istio-cni", "nowhere", "default", ""];

describe("Sail stand-in: as recorded from the real operator 3.2", function () {
    this.timeout(90_000);
    // Slow pods, so that every state can be seen.
    const lab = withLab({ openshift: "4.18", kubelet: { readyDelay: 16_000 } });
    let kube: Kube;
    let journal: Journal;
    /** Every message that the stand-in has written. */
    const words: string[] = [];

    before(async () => {
        ({ kube } = lab());
        await deployOperator(kube);
        journal = await Journal.of(
            kube,
            KINDS,
            ({ kind, metadata }) =>
                NAMESPACES.includes(metadata.namespace ?? "") &&
                (kind.startsWith("Istio") || metadata.labels?.["managed-by"] === "sail-operator"),
        );
    });

    after(async () => {
        journal?.end();
        await removeMesh(kube);
        await removeNamespaces(kube, [MESH, "istio-cni", "nowhere", "bookinfo"]);
        await removeOperator(kube);
    });

    function take(): Happening[] {
        const happened = seen(journal.take());
        words.push(...messages(happened));
        return happened;
    }

    /** Compares everything that happened since the last time with a recorded step. */
    async function conforms(step: string, parts: (part: string) => boolean = () => true): Promise<Happening[]> {
        await journal.rest(400);
        const happened = take();
        const [now, then] = [tell(happened), tell(recorded(step))];
        for (const part of new Set([...Object.keys(now), ...Object.keys(then)])) {
            if (parts(part)) {
                deepEqual(now[part], then[part], `${step}: ${part}`);
            }
        }
        return happened;
    }

    async function istioReaches(state: string, generation?: number, name = "default"): Promise<void> {
        await journal.until(`Istio ${name} ${state}`, inState("Istio", state, name, generation), 40_000);
    }

    it("S1a: Istio without IstioCNI is Ready and not Healthy (traps 35, 39)", async () => {
        await kube.create(namespace(MESH));
        await kube.create(istio({ namespace: MESH }));
        await istioReaches("IstioCNINotFound");
        const happened = await conforms("02-S1a");
        deepEqual(flicker(happened), flicker(recorded("02-S1a")), "at first an error that passes");
    });

    it("S1b: IstioCNI whose namespace is missing (trap 33)", async () => {
        await kube.create(cni());
        await istioReaches("IstioCNINotHealthy");
        await conforms("03-S1b");
    });

    it("S1c: the namespace appears, and all heals", async () => {
        await kube.create(namespace("istio-cni"));
        await istioReaches("Healthy");
        await conforms("04-S1c");
    });

    it("S1d: after a change the new generation looks Healthy before it is rolled out (trap 38)", async () => {
        await kube.mergePatch(ISTIO, { spec: { values: { pilot: { env: { FOO: "bar" } } } } });
        await istioReaches("IstiodNotReady");
        await journal.until("the roll-out", inState("IstioRevision", "IstiodNotReady"));
        const rolledOut = async () => (await kube.get(ISTIO))?.status?.state === "Healthy";
        await until("Healthy again", rolledOut, 40_000);
        const happened = await conforms("05-S1d");
        const states = happened.filter(({ kind, changed }) => kind === "Istio" && changed.status);
        const { state, observedGeneration } = states[0].changed.status;
        deepEqual([state, observedGeneration], ["Healthy", 2]);
    });

    it("S2a: nothing guards IstioCNI; Istio stays Ready", async () => {
        await kube.delete(CNI);
        await istioReaches("IstioCNINotFound");
        await conforms("08-S2a");
    });

    it("S2b: IstioCNI made again", async () => {
        await kube.create(cni());
        await istioReaches("Healthy");
        await conforms("09-S2b");
    });

    it("S2c: Istio goes at once, its revision with the finalizer after it (trap 36)", async () => {
        await kube.delete(ISTIO, { propagationPolicy: "Background" });
        await journal.until("the revision to go", gone("IstioRevision"));
        await conforms("10-S2c");
    });

    it("S2d: deleted in the foreground, Istio waits for its revision; another start", async () => {
        await lab().lab.set({ sail: { flicker: "not-found" } });
        await kube.create(istio({ namespace: MESH }));
        await istioReaches("Healthy");
        const made = take();
        await lab().lab.set({ sail: { flicker: null } } as any);
        await kube.delete(ISTIO, { propagationPolicy: "Foreground" });
        await journal.until("Istio to go", gone("Istio"));
        await journal.rest(400);
        deepEqual(flicker(made), flicker(recorded("11-S2d")), "at first it does not find its own revision");
        const happened = [...made, ...take()];
        const [now, then] = [tell(happened), tell(recorded("11-S2d"))];
        for (const part of ["Istio default", "in any order"]) {
            deepEqual(now[part], then[part], part);
        }
        const ends = (all: Happening[]) =>
            all.filter(({ event, kind }) => event === "DELETED" && kind.startsWith("Istio")).map(({ kind }) => kind);
        deepEqual(ends(happened), ends(recorded("11-S2d")));
    });

    it("S2e: IstioCNI takes all it installed with it", async () => {
        await kube.delete(CNI);
        await journal.until("IstioCNI to go", gone("IstioCNI"));
        await conforms("12-S2e");
    });

    it("S3a: Istio whose namespace is missing (trap 33)", async () => {
        await kube.create(istio({ namespace: "nowhere" }));
        const told = ({ object }: any) =>
            object.kind === "Istio" &&
            object.status?.conditions?.some(({ message = "" }) =>
                message.includes(`namespace "nowhere" doesn't exist`),
            );
        await journal.until("the reason", told);
        await conforms("13-S3a");
    });

    it("S3b: the namespace appears", async () => {
        await kube.create(namespace("nowhere"));
        await istioReaches("IstioCNINotFound");
        await conforms("14-S3b");
    });

    it("S3c: the namespace is deleted under it, and S3d: the Istio can still go", async () => {
        await removeNamespaces(kube, ["nowhere"]);
        const told = ({ object }: any) =>
            object.kind === "Istio" &&
            object.status?.conditions?.some(({ message = "" }) =>
                message.includes(`namespace "nowhere" doesn't exist`),
            );
        await journal.until("the reason", told);
        await journal.rest(400);
        const last = tell(recorded("16-S3d"))["Istio default"][0];
        // Whether the Deployment is seen to have gone before its namespace is a matter of moments.
        const seldom = (line: string) => line.includes("is being deleted") && line.includes("Deployment not found");
        const now = tell(take())["Istio default"].filter((line) => !seldom(line));
        const then = [...tell(recorded("15-S3c"))["Istio default"].filter((line) => !seldom(line)), last];
        deepEqual(now, then);
        await kube.delete(ISTIO);
        await journal.until("the revision to go", gone("IstioRevision"));
        await journal.rest(400);
        take();
    });

    it("S4: what the API server refuses (trap 34)", async () => {
        const said = (attempt: string) => refusals().find((entry) => entry.attempt.startsWith(attempt))!.said;
        const version = await refusal(() => kube.create(istio({ namespace: MESH, version: "v1.99.0" }, "bad")));
        // kubectl writes each problem on a line of its own, the API server all of them in brackets.
        ok(version?.includes(said("an Istio with version").split("is invalid: ")[1]), version);
        const other = await refusal(() => kube.create(cni({ namespace: "istio-cni" }, "other")));
        ok(other?.includes("metadata.name must be 'default'"), other);
        const values = { pilot: { replicaCount: "string" } };
        const typed = await refusal(() => kube.create(istio({ namespace: MESH, values }, "bad")));
        ok(typed?.includes(said("a string")), typed);
        const strict = await refusal(() =>
            kube.create(istio({ namespace: MESH, values: { nosuch: 1 } }, "bad"), { fieldValidation: "Strict" }),
        );
        ok(strict?.includes(said("an unknown field")), strict);
    });

    it("S7, S8: without the operator nothing has a status and nothing goes (trap 36)", async () => {
        await kube.create(namespace("bookinfo"));
        await kube.create(istio({ namespace: MESH }));
        await kube.create(cni());
        await istioReaches("Healthy");
        await removeOperator(kube);
        take();
        await kube.delete(ISTIO, { propagationPolicy: "Background" });
        await kube.delete(CNI);
        await conforms("34-S7a");
        await kube.create(istio({ namespace: MESH }, "later"));
        await journal.rest(400);
        deepEqual(
            tell(take())["Istio later"].map((line) => line.split(" ")[0]),
            ["ADDED"],
        );
        equal((await kube.get({ ...ISTIO, name: "later" }))?.status, undefined);
        await kube.delete({ ...ISTIO, name: "later" });
        await deployOperator(kube);
        await journal.until("the revision to go", gone("IstioRevision"));
        await journal.until("IstioCNI to go", gone("IstioCNI"));
        await journal.rest(400);
        take();
    });

    it("S10b, S10f: tags that cannot be", async () => {
        await kube.create(tag("default", "nosuch"));
        await journal.until("the reason", inState("IstioRevisionTag", "RefNotFound"));
        await kube.delete(TAG);
        await journal.until("the tag to go", gone("IstioRevisionTag"));
        await journal.rest(400);
        const [, then] = Object.entries(tell(recorded("51-S10f"))).find(([part]) =>
            part.startsWith("IstioRevisionTag"),
        )!;
        deepEqual(tell(take())["IstioRevisionTag default"], then);
        await kube.create(istio({ namespace: MESH, values: { pilot: { cni: { enabled: false } } } }));
        await istioReaches("Healthy");
        take();
        await kube.create(tag("default", "default"));
        await journal.until("the reason", inState("IstioRevisionTag", "NameAlreadyExists"));
        await kube.delete(TAG);
        await journal.until("the tag to go", gone("IstioRevisionTag"));
        await conforms("46-S10b", (part) => part.startsWith("IstioRevisionTag"));
        await kube.delete(ISTIO);
        await journal.until("the revision to go", gone("IstioRevision"));
        take();
    });

    it("has no words of its own", () => {
        const real = new Set(messages(everythingRecorded()));
        const used = [...new Set(words)];
        ok(used.length > 10, "the steps have been run");
        deepEqual(
            used.filter((message) => !real.has(message)),
            [],
        );
    });
});
