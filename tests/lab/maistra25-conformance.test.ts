import { deepEqual, equal } from "node:assert/strict";
import type { Kube, KubeObject } from "../../kube";
import { Journal } from "./maistra/journal";
import { BASIC, type Happening, KINDS_25, ofControlPlane } from "./maistra/kinds25";
import {
    deployOperator2,
    member,
    mesh2,
    namespace,
    removeNamespaces,
    removeOperators,
    roll,
    says,
    until,
    webhooksAnswer,
} from "./maistra/operator";
import { recorded, seen, tell, toldEvents } from "./maistra/telling";
import { withLab } from "./with-lab";

const MESH = "conf2-mesh";
const NAMES = {
    "istio-system": MESH,
    a1: "conf2-a1",
    a2: "conf2-a2",
    a3: "conf2-a3",
    a4: "conf2-a4",
    a5: "conf2-a5",
    nowhere: "conf2-nowhere",
};
const OURS = new Set(Object.values(NAMES));
/** The controllers work side by side: each one's doings have an order, all together have none. */
const PARTS: Record<string, (happening: Happening) => boolean> = {
    "control plane": ofControlPlane(MESH),
    roll: (h) => h.kind === "ServiceMeshMemberRoll",
    member: (h) =>
        h.kind === "ServiceMeshMember" ||
        (h.kind === "Namespace" && h.name !== MESH) ||
        (OURS.has(h.namespace) && h.namespace !== MESH && h.kind !== "ServiceMeshMemberRoll"),
};
const PLANE = { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane", namespace: MESH, name: "basic" };
const ROLL = { apiVersion: "maistra.io/v1", kind: "ServiceMeshMemberRoll", namespace: MESH, name: "default" };
const MEMBER = { apiVersion: "maistra.io/v1", kind: "ServiceMeshMember", name: "default" };
const is = (kind: string, test: (object: KubeObject) => boolean) => (entry: { event: string; object: KubeObject }) =>
    entry.object.kind === kind && entry.event !== "DELETED" && test(entry.object);
const gone = (kind: string, namespaceOf: string) => (entry: { event: string; object: KubeObject }) =>
    entry.event === "DELETED" && entry.object.kind === kind && entry.object.metadata.namespace === namespaceOf;
/** Pods of these become ready when the test has seen that they were waited for, however slow the machine is. */
const ISTIOD = "pilot-rhel8";
const PROXY = "proxyv2-rhel8";
const pausedFor = (...components: string[]) =>
    is(PLANE.kind, ({ status }) =>
        status?.conditions?.some(({ message }: { message?: string }) =>
            message?.endsWith(`become ready: [${components.join(" ")}]`),
        ),
    );
const homeOf = (name: string) => ({ apiVersion: "v1", kind: "Namespace", name });
const updated = (generation: number) =>
    is(PLANE.kind, (smcp) => smcp.status?.observedGeneration === generation && says(smcp, "Ready", true));
const pending = (...names: string[]) =>
    is(ROLL.kind, ({ status }) => JSON.stringify(status?.pendingMembers) === JSON.stringify(names));

/** Those of the recorded moments that were seen, in the recorded order. */
function inOrder(recordedOnes: string[], seenOnes: string[]): string[] {
    let at = 0;
    return recordedOnes.filter((told) => told === seenOnes[at] && ++at > 0);
}

describe("Maistra stand-in: as recorded from the real operator 2.5", function () {
    this.timeout(60_000);
    const lab = withLab({ openshift: "4.18", kubelet: { neverReadyImages: [ISTIOD, PROXY] } }, "maistra25");
    let kube: Kube;
    let journal: Journal;

    before(async () => {
        ({ kube } = lab());
        await deployOperator2(kube);
        await webhooksAnswer(kube);
        journal = await Journal.of(kube, KINDS_25, ({ kind, metadata }) =>
            metadata.namespace === undefined
                ? OURS.has(metadata.name) || (kind !== "Namespace" && metadata.name.endsWith(MESH))
                : OURS.has(metadata.namespace),
        );
    });

    after(async () => {
        journal?.end();
        await removeNamespaces(kube, [...OURS]);
        await removeOperators(kube);
    });

    /** Compares everything that happened since the last time with a recorded step. */
    async function conforms(
        step: string,
        parts: (keyof typeof PARTS)[] = Object.keys(PARTS),
        counts: (told: string) => boolean = () => true,
        // Of these a moment may be skipped, where two controllers' timing decides; nothing else may show, and the end is the same.
        skipping: (keyof typeof PARTS)[] = [],
    ): Promise<void> {
        await journal.rest();
        const happened = seen(journal.take());
        const expected = recorded(step, NAMES, "maistra25");
        for (const part of parts) {
            const [was, is] = [happened, expected].map((all) => tell(all, PARTS[part]).filter(counts));
            const kept = skipping.includes(part) && was.at(-1) === is.at(-1) ? inOrder(is, was) : is;
            deepEqual(was, kept, `${step}: ${part}`);
        }
        for (const where of OURS) {
            for (const kind of ["ServiceMeshControlPlane", "ServiceMeshMember"]) {
                const told = toldEvents(happened, kind, where);
                deepEqual(told, toldEvents(expected, kind, where), `${step}: events of ${kind} in ${where}`);
            }
        }
    }

    it("M1b: installs a control plane (trap 15)", async () => {
        await kube.create(namespace(MESH));
        await kube.create(mesh2("basic", MESH, BASIC));
        await journal.until("a pause", pausedFor("istio-discovery"));
        const oneByOne = { maistra: { stuckComponent: "istio-egress" } };
        await lab().lab.set({ kubelet: { neverReadyImages: [PROXY] }, ...oneByOne });
        await journal.until("another", pausedFor("istio-egress", "istio-ingress"));
        await lab().lab.set({ kubelet: { neverReadyImages: [] } });
        await journal.until("a third", pausedFor("istio-egress"));
        await lab().lab.set({ maistra: { stuckComponent: "" } });
        await journal.until(
            "Ready",
            is(PLANE.kind, (smcp) => says(smcp, "Ready", true)),
        );
        // Istio's kinds have only just come: a watch looks for a missing kind once a second.
        await journal.rest(1_100);
        // The recording's watch of the new kind came too late for the first of it.
        await conforms("03-M1b", ["control plane"], (told) => !told.includes("PeerAuthentication"));
        const crd = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
        const gateways = await kube.get({ ...crd, name: "gateways.networking.istio.io" });
        equal(gateways?.metadata.annotations?.["helm.sh/resource-policy"], "keep");
        equal(gateways?.metadata.ownerReferences, undefined);
    });

    it("M1c: a pod of istiod is lost, and comes again", async () => {
        const [istiod] = await kube.list(
            { apiVersion: "v1", kind: "Pod" },
            { namespace: MESH, labelSelector: "app=istiod" },
        );
        await lab().lab.set({ kubelet: { neverReadyImages: [ISTIOD] } });
        await kube.delete({ apiVersion: "v1", kind: "Pod", namespace: MESH, name: istiod.metadata.name });
        await journal.until(
            "not Ready",
            is(PLANE.kind, (smcp) => says(smcp, "Ready", "ComponentsNotReady")),
        );
        await lab().lab.set({ kubelet: { neverReadyImages: [] } });
        await until("Ready again", async () => says(await kube.get(PLANE), "Ready", true));
        await conforms("04-M1c", ["control plane"]);
    });

    it("is updated, and one of the recording's steps is thereby caught up with", async () => {
        await kube.mergePatch(PLANE, { spec: { proxy: { accessLogging: { file: { name: "/dev/stdout" } } } } });
        await journal.until("the update", updated(2));
        await journal.rest();
        journal.take();
    });

    it("R1: a roll with a namespace that does not exist (trap 22)", async () => {
        await kube.create(namespace(NAMES.a1));
        await kube.create(roll(MESH, [NAMES.a1, NAMES.a2]));
        await journal.until("a1 configured", pending(NAMES.a2));
        await conforms("43-R1");
    });

    it("R2: the missing namespace appears, and the roll heals (trap 22)", async () => {
        await kube.create(namespace(NAMES.a2));
        await journal.until("Configured", pending());
        await conforms("44-R2");
    });

    it("R3: a member's namespace is deleted", async () => {
        await kube.delete({ apiVersion: "v1", kind: "Namespace", name: NAMES.a2 });
        await until("the namespace to go", async () => !(await kube.get(homeOf(NAMES.a2))), 30_000);
        await journal.rest();
        const said = tell(seen(journal.take()), PARTS.member).filter((line) => line.includes("ServiceMeshMember "));
        const expected = tell(recorded("45-R3", NAMES, "maistra25"), PARTS.member);
        // What the namespace controller deletes meanwhile, and when, depends on its version.
        deepEqual(
            said,
            expected.filter((line) => line.includes("ServiceMeshMember ")),
        );
        deepEqual((await kube.get(ROLL))?.status.pendingMembers, [NAMES.a2]);
    });

    it("R4: a member made by hand shows up in the roll's status, not in its spec (trap 23)", async () => {
        await kube.create(namespace(NAMES.a3));
        await kube.create(member(NAMES.a3, { name: "basic", namespace: MESH }));
        await journal.until(
            "a3 configured",
            is(ROLL.kind, ({ status }) => status?.configuredMembers?.includes(NAMES.a3)),
        );
        await conforms("46-R4");
    });

    it("R5: it goes again", async () => {
        await kube.delete({ ...MEMBER, namespace: NAMES.a3 });
        await journal.until("the member to go", gone(MEMBER.kind, NAMES.a3));
        await conforms("47-R5");
    });

    it("R6: a member of a control plane that is nowhere", async () => {
        await kube.create(namespace(NAMES.a4));
        await kube.create(member(NAMES.a4, { name: "basic", namespace: NAMES.nowhere }));
        await journal.until(
            "an error",
            is(MEMBER.kind, (object) => says(object, "Ready", "ErrorControlPlaneMissing")),
        );
        await conforms("48-R6");
    });

    it("R7: after an update of the control plane the roll is not Ready for a moment (traps 19, 22)", async () => {
        await kube.mergePatch(PLANE, { spec: { proxy: { accessLogging: { file: { name: "/dev/null" } } } } });
        await journal.until("the update", updated(3));
        await journal.until("the roll to follow", pending(NAMES.a2));
        await conforms("49-R7", ["roll"]);
    });

    it("R8: a member that the roll made is made again", async () => {
        await kube.delete({ ...MEMBER, namespace: NAMES.a1 });
        await journal.until("the member to go", gone(MEMBER.kind, NAMES.a1));
        await journal.until("a1 configured", pending(NAMES.a2));
        await conforms("50-R8");
    });

    it("R9: the roll goes, and its members with it", async () => {
        await kube.delete(ROLL);
        await journal.until("the member to go", gone(MEMBER.kind, NAMES.a1));
        await conforms("51-R9");
    });

    it("R10: a member makes the roll that is not there", async () => {
        await kube.create(namespace(NAMES.a5));
        await kube.create(member(NAMES.a5, { name: "basic", namespace: MESH }));
        await journal.until("Configured", pending());
        await conforms("52-R10", undefined, undefined, ["roll"]);
    });

    it("R11: the control plane goes first; what a member made by hand got stays (trap 30)", async () => {
        await kube.delete(PLANE);
        await journal.until("the control plane to go", gone(PLANE.kind, MESH));
        await journal.until(
            "the member to say so",
            is(MEMBER.kind, (object) => says(object, "Ready", "ErrorControlPlaneMissing")),
        );
        // The last of what the control plane owned: the garbage collector takes it away in its own time.
        const users = {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "RoleBinding",
            namespace: MESH,
            name: "mesh-users",
        };
        await until("what it owned to go", async () => (await kube.get(users)) === undefined);
        await conforms("53-R11", undefined, undefined, ["roll"]);
        equal((await kube.get(homeOf(NAMES.a5)))?.metadata.labels?.["maistra.io/member-of"], MESH);
    });
});
