import { deepEqual, equal, ok } from "node:assert/strict";
import type { Kube, KubeObject } from "../../kube";
import { Journal } from "./maistra/journal";
import {
    deployOperators,
    member,
    mesh,
    namespace,
    refusal,
    removeNamespaces,
    removeOperators,
    roll,
    says,
    until,
    webhooksAnswer,
} from "./maistra/operator";
import { recorded, seen, tell, toldEvents } from "./maistra/telling";
import { withLab } from "./with-lab";

const MESH = "conf-mesh";
const NAMES = {
    "istio-system": MESH,
    bookinfo: "conf-bookinfo",
    later: "conf-later",
    member2: "conf-member2",
    member3: "conf-member3",
    nowhere: "conf-nowhere",
};
const OURS = new Set(Object.values(NAMES));
const KINDS = [
    ...["ServiceMeshControlPlane", "ServiceMeshMemberRoll", "ServiceMeshMember"].map((kind) => ["maistra.io/v1", kind]),
    ...["Namespace", "Event"].map((kind) => ["v1", kind]),
    ...["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"].map((kind) => [
        "admissionregistration.k8s.io/v1",
        kind,
    ]),
    ["apps/v1", "Deployment"],
    ["networking.k8s.io/v1", "NetworkPolicy"],
    ["rbac.authorization.k8s.io/v1", "RoleBinding"],
    ["route.openshift.io/v1", "Route"],
    ["networking.istio.io/v1alpha3", "DestinationRule"],
    ["authentication.maistra.io/v1", "ServiceMeshPolicy"],
].map(([apiVersion, kind]) => ({ apiVersion, kind }));

type Happening = ReturnType<typeof seen>[number];
/** The controllers work side by side: each one's doings have an order, all together have none. */
const PARTS: Record<string, (happening: Happening) => boolean> = {
    "control plane": (h) =>
        h.kind === "ServiceMeshControlPlane" ||
        (h.kind === "Namespace" && h.name === MESH) ||
        (h.namespace === MESH && !["ServiceMeshMemberRoll", "RoleBinding"].includes(h.kind)) ||
        h.kind.endsWith("WebhookConfiguration"),
    roll: (h) =>
        h.kind === "ServiceMeshMemberRoll" ||
        (h.kind === "Namespace" && h.name !== MESH) ||
        (OURS.has(h.namespace) && h.namespace !== MESH && h.kind !== "ServiceMeshMember"),
    member: (h) => h.kind === "ServiceMeshMember",
};
const BASIC = {
    global: { mtls: { enabled: false }, proxy: { accessLogFile: "/dev/stdout" } },
    grafana: { enabled: false },
    kiali: { enabled: false },
    prometheus: { enabled: false },
    tracing: { enabled: false },
};
const PLANE = { apiVersion: "maistra.io/v1", kind: "ServiceMeshControlPlane", namespace: MESH, name: "basic" };
const HOME = { apiVersion: "v1", kind: "Namespace", name: MESH };
const ROLL = { apiVersion: "maistra.io/v1", kind: "ServiceMeshMemberRoll", namespace: MESH, name: "default" };
const is = (kind: string, test: (object: KubeObject) => boolean) => (entry: { event: string; object: KubeObject }) =>
    entry.object.kind === kind && entry.event !== "DELETED" && test(entry.object);
const gone = (kind: string, namespaceOf: string) => (entry: { event: string; object: KubeObject }) =>
    entry.event === "DELETED" && entry.object.kind === kind && entry.object.metadata.namespace === namespaceOf;

describe("Maistra stand-in: as recorded from the real operator 1.1.7", function () {
    this.timeout(60_000);
    // Slow pods: each component must still be waited for when the operator has written the last of it.
    const lab = withLab({ kubelet: { readyDelay: 12_000 } });
    let kube: Kube;
    let journal: Journal;

    before(async () => {
        ({ kube } = lab());
        await deployOperators(kube);
        await webhooksAnswer(kube);
        journal = await Journal.of(kube, KINDS, ({ kind, metadata }) =>
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
    async function conforms(step: string, parts = PARTS): Promise<void> {
        await journal.rest();
        const happened = seen(journal.take());
        const expected = recorded(step, NAMES);
        for (const [part, concerns] of Object.entries(parts)) {
            deepEqual(tell(happened, concerns), tell(expected, concerns), `${step}: ${part}`);
        }
        for (const [kind, where] of [
            ["ServiceMeshControlPlane", MESH],
            ["ServiceMeshMember", NAMES.member2],
            ["ServiceMeshMember", NAMES.member3],
        ]) {
            const told = toldEvents(happened, kind, where);
            deepEqual(told, toldEvents(expected, kind, where), `${step}: events of ${kind}`);
        }
    }

    it("N1: installs a control plane (traps 15, 19)", async () => {
        await kube.create(namespace(MESH));
        await kube.create(mesh("basic", MESH, BASIC, "v1.1"));
        await journal.until(
            "Ready",
            is(PLANE.kind, (smcp) => says(smcp, "Ready", true)),
        );
        // Istio's kinds have only just come: a watch looks for a missing kind once a second.
        await journal.rest(1_100);
        await conforms("02-N1");
        const crd = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
        const gateways = await kube.get({ ...crd, name: "gateways.networking.istio.io" });
        equal(gateways?.metadata.annotations?.["helm.sh/resource-policy"], "keep");
        equal(gateways?.metadata.ownerReferences, undefined);
    });

    it("N2a: a roll with a namespace that does not exist (trap 22)", async () => {
        await kube.create(namespace(NAMES.bookinfo));
        await kube.create(roll(MESH, [NAMES.bookinfo, NAMES.later]));
        await journal.until(
            "a status",
            is(ROLL.kind, (object) => object.status !== undefined),
        );
        await conforms("03-N2a");
    });

    it("N2b: the missing namespace appears, and the roll heals (trap 22)", async () => {
        await kube.create(namespace(NAMES.later));
        await journal.until(
            "Configured",
            is(ROLL.kind, (object) => says(object, "Ready", "Configured")),
        );
        await conforms("04-N2b");
    });

    it("N2c: a member writes itself into the roll's spec (trap 23)", async () => {
        await kube.create(namespace(NAMES.member2));
        await kube.create(member(NAMES.member2, { name: "basic", namespace: MESH }));
        await journal.until(
            "Ready",
            is("ServiceMeshMember", (object) => says(object, "Ready", true)),
        );
        await conforms("05-N2c");
    });

    it("N2d: a member of a control plane that is nowhere", async () => {
        await kube.create(namespace(NAMES.member3));
        await kube.create(member(NAMES.member3, { name: "basic", namespace: NAMES.nowhere }));
        await journal.until(
            "a refusal",
            is("ServiceMeshMember", (object) => says(object, "Ready", "CreateMemberRollFailed")),
        );
        await conforms("06-N2d");
    });

    it("N3: mTLS (traps 19, 29)", async () => {
        await kube.mergePatch(PLANE, { spec: { istio: { global: { mtls: { enabled: true } } } } });
        const updated = (object: KubeObject) => object.status?.meshReconciledVersion === "1.1.7-2";
        await journal.until("the roll to follow", is(ROLL.kind, updated));
        await conforms("07-N3");
    });

    it("N6a: the control plane goes first, and the roll with it; a member stays (traps 30, 32)", async () => {
        await kube.delete(PLANE);
        await journal.until("the roll to go", gone(ROLL.kind, MESH));
        const refused = (object: KubeObject) => says(object, "Ready", "CreateMemberRollFailed");
        await journal.until("the member to say so", is("ServiceMeshMember", refused));
        await conforms("10-N6a");
        const left = await kube.get(HOME);
        deepEqual(
            Object.keys(left?.metadata.labels ?? {}).filter((key) => key.startsWith("maistra.io/")),
            ["maistra.io/ignore-namespace", "maistra.io/member-of"],
        );
    });

    it("N6b: the member goes at once", async () => {
        await kube.delete({ ...member(NAMES.member2, PLANE), namespace: NAMES.member2, name: "default" });
        await journal.until("the member to go", gone("ServiceMeshMember", NAMES.member2));
        await conforms("11-N6b");
    });

    it("N7a: installs again; a roll made early waits for it", async () => {
        const strict = { ...BASIC, global: { ...BASIC.global, mtls: { enabled: true } } };
        await kube.create(mesh("basic", MESH, strict, "v1.1"));
        await kube.create(roll(MESH, [NAMES.bookinfo]));
        await journal.until(
            "Configured",
            is(ROLL.kind, (object) => says(object, "Ready", "Configured")),
        );
        await conforms("12-N7a");
    });

    it("N7b: with the operator gone nothing is written and nothing goes (traps 14, 30, 31)", async () => {
        await removeOperators(kube);
        const change = () => kube.mergePatch(PLANE, { spec: { istio: { global: { mtls: { enabled: false } } } } });
        const withdraw = () => kube.mergePatch(PLANE, { metadata: { finalizers: null } });
        for (const write of [change, withdraw, () => kube.create(roll(NAMES.later, []))]) {
            ok((await refusal(write))?.includes("failed calling webhook"), "refused, because nobody answers");
        }
        await kube.delete(PLANE);
        await kube.delete(ROLL);
        await kube.delete(HOME);
        const hangs = async () => {
            const conditions: { message?: string }[] = (await kube.get(HOME))?.status?.conditions ?? [];
            const held = "maistra.io/istio-operator in 2 resource instances";
            return conditions.some(({ message }) => message?.includes(held));
        };
        await until("the namespace to name what holds it", hangs, 30_000);
        // What the namespace controller deletes meanwhile depends on its version.
        await conforms("13-N7b", { "mesh kinds": (h) => ["ServiceMeshControlPlane", ROLL.kind].includes(h.kind) });
        ok(says(await kube.get(PLANE), "Ready", "ComponentsReady"), "its status knows nothing of it");
    });

    it("N7c: a new operator ends what was begun", async () => {
        await deployOperators(kube);
        await journal.until("the control plane to go", gone(PLANE.kind, MESH));
        await journal.until("the roll to go", gone(ROLL.kind, MESH));
        await until("the namespace to go", async () => !(await kube.get(HOME)), 30_000);
        journal.take();
    });
});
