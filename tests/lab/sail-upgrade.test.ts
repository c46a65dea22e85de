import { deepEqual, equal, ok } from "node:assert/strict";
import type { Kube } from "../../kube";
import { Journal } from "./maistra/journal";
import {
    cni,
    deployOperator,
    gone,
    inState,
    ISTIO,
    istio,
    namespace,
    REVISION,
    removeMesh,
    removeNamespaces,
    removeOperator,
    TAG,
    tag,
    until,
} from "./sail/operator";
import { KINDS, recorded, seen, tell } from "./sail/telling";
import { withLab } from "./with-lab";

const MESH = "istio-system";
const BOOKINFO = { apiVersion: "v1", kind: "Namespace", name: "bookinfo" };
const [OLD, NEW] = ["default-v1-26-8", "default-v1-27-9"];

/** Upgrades, one after the other: the steps build on each other. */
describe("Sail stand-in: upgrades, tags and use, as recorded", function () {
    this.timeout(90_000);
    this.bail(true);
    // The grace of 30 s is 2.4 s here, long enough to see that it is waited for.
    const lab = withLab({
        openshift: "4.18",
        timeScale: 0.08,
        kubelet: { readyDelay: 12_000 },
        sail: { flicker: "none" },
    });
    let kube: Kube;
    let journal: Journal;

    before(async () => {
        ({ kube } = lab());
        await deployOperator(kube);
        await kube.create(namespace(MESH));
        await kube.create(namespace("istio-cni"));
        await kube.create(namespace(BOOKINFO.name));
        await kube.create(cni());
        const settled = async () =>
            (await kube.get({ apiVersion: "sailoperator.io/v1", kind: "IstioCNI", name: "default" }))?.status?.state ===
            "Healthy";
        await until("the CNI plugin", settled);
        journal = await Journal.of(
            kube,
            KINDS,
            ({ kind, metadata }) =>
                kind.startsWith("Istio") ||
                (metadata.labels?.["managed-by"] === "sail-operator" && metadata.namespace !== "istio-cni"),
        );
        await journal.rest();
        journal.take();
    });

    after(async () => {
        journal?.end();
        await removeMesh(kube);
        await removeNamespaces(kube, [MESH, "istio-cni", BOOKINFO.name]);
        await removeOperator(kube);
    });

    async function conforms(step: string, parts: (part: string) => boolean = () => true): Promise<void> {
        await journal.rest(400);
        const [now, then] = [tell(seen(journal.take())), tell(recorded(step))];
        for (const part of new Set([...Object.keys(now), ...Object.keys(then)])) {
            if (parts(part)) {
                deepEqual(now[part], then[part], `${step}: ${part}`);
            }
        }
    }

    const label = (rev: string | null) => kube.mergePatch(BOOKINFO, { metadata: { labels: { "istio.io/rev": rev } } });
    const revisions = (counts: object) => async () => {
        const status = (await kube.get(ISTIO))?.status;
        return Object.entries(counts).every(([key, value]) => status?.revisions[key] === value);
    };

    it("S5a: RevisionBased: everything has the revision's name", async () => {
        const updateStrategy = { type: "RevisionBased", inactiveRevisionDeletionGracePeriodSeconds: 30 };
        await kube.create(istio({ namespace: MESH, version: "v1.26.8", updateStrategy }));
        await journal.until("Healthy", inState("Istio", "Healthy"));
        await conforms("23-S5a");
    });

    it("S5b: a tag is a second name for it, and uses it", async () => {
        await kube.create(tag("default", "default"));
        await until("the use to be seen", revisions({ inUse: 1 }));
        await conforms("24-S5b");
    });

    it("S5d: another version: a second revision, and the tag goes over to it", async () => {
        await label(OLD);
        await journal.rest();
        journal.take();
        await kube.mergePatch(ISTIO, { spec: { version: "v1.27.9" } });
        await until("both to be ready", revisions({ total: 2, ready: 2, inUse: 2 }));
        await journal.rest(400);
        const [now, then] = [tell(seen(journal.take())), tell(recorded("26-S5d"))];
        for (const part of ["IstioRevisionTag default", "in any order"]) {
            deepEqual(now[part], then[part], part);
        }
        // How soon the use of the new one is seen differs.
        for (const part of ["Istio default", `IstioRevision ${NEW}`]) {
            deepEqual([now[part][0], now[part].at(-1)], [then[part][0], then[part].at(-1)], part);
        }
        const injector = await kube.get({
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "MutatingWebhookConfiguration",
            name: "istio-revision-tag-default",
        });
        ok(injector?.webhooks.every(({ clientConfig }: any) => clientConfig.url.includes(`istiod-${NEW}/inject`)));
    });

    it("S5e: the old revision goes when nobody has used it for the grace period", async () => {
        const began = Date.now();
        await label(NEW);
        await journal.until("the old one to go", gone("IstioRevision", OLD));
        ok(Date.now() - began > 1_000, "not at once");
        await until("one left", revisions({ total: 1 }));
        await conforms("27-S5e");
    });

    it("S5f: nothing keeps an Istio that is in use; its tag stays and says so", async () => {
        await kube.delete(ISTIO, { propagationPolicy: "Background" });
        await journal.until("the revision to go", gone("IstioRevision", NEW));
        await journal.until("the tag to say so", inState("IstioRevisionTag", "RefNotFound"));
        await conforms("28-S5f", (part) => part !== "in any order");
    });

    it("S5g: the tag takes its webhooks with it", async () => {
        await label(null);
        await kube.delete(TAG);
        await journal.until("the tag to go", gone("IstioRevisionTag"));
        await conforms("29-S5g");
    });

    it("S6a, S6b: InPlace: one revision, which looks Healthy until it rolls out (trap 38)", async () => {
        await kube.create(istio({ namespace: MESH, version: "v1.26.8" }));
        await journal.until("Healthy", inState("Istio", "Healthy"));
        await conforms("30-S6a");
        await kube.mergePatch(ISTIO, { spec: { version: "v1.27.9" } });
        await journal.until("the roll-out", inState("Istio", "IstiodNotReady"));
        await until("its end", async () => (await kube.get(ISTIO))?.status?.state === "Healthy");
        await conforms("31-S6b");
    });

    it("S6c, S6d: a second Istio in the same namespace", async () => {
        await kube.create(istio({ namespace: MESH }, "second"));
        await journal.until("Healthy", inState("Istio", "Healthy", "second"));
        await conforms("32-S6c");
        await kube.delete({ ...ISTIO, name: "second" }, { propagationPolicy: "Background" });
        await journal.until("the revision to go", gone("IstioRevision", "second"));
        await conforms("33-S6d");
    });

    it("S10a: a revision that is deleted by hand is made again", async () => {
        await kube.delete(REVISION);
        await journal.until("another to begin", inState("Istio", "IstiodNotReady"));
        await until("its end", async () => (await kube.get(ISTIO))?.status?.state === "Healthy");
        // Istio's generation is another: it has been changed before.
        await conforms("45-S10a", (part) => part !== "Istio default");
    });

    it("S10c: istio-injection=enabled uses the revision default", async () => {
        await kube.mergePatch(BOOKINFO, { metadata: { labels: { "istio-injection": "enabled" } } });
        await until("the use to be seen", revisions({ inUse: 1 }));
        // Istio's generation is another: it has been changed before.
        await conforms("47-S10c", (part) => part.startsWith("IstioRevision"));
    });

    it("makes again what somebody deletes", async () => {
        const service = { apiVersion: "v1", kind: "Service", namespace: MESH, name: "istiod" };
        const { uid } = (await kube.get(service))!.metadata;
        await kube.delete(service);
        await until("another Service", async () => {
            const now = await kube.get(service);
            return now !== undefined && now.metadata.uid !== uid;
        });
    });

    it("Helm takes nothing that is not its own: IstioCNI after Maistra (trap 48)", async () => {
        const plugin = { apiVersion: "sailoperator.io/v1", kind: "IstioCNI", name: "default" };
        const binding = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding" };
        const told = async () => {
            const conditions: { message?: string }[] = (await kube.get(plugin))?.status?.conditions ?? [];
            return conditions.map(({ message = "" }) => message).join();
        };
        await kube.delete(plugin);
        await until("it to go", async () => (await kube.get(plugin)) === undefined);
        const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "istio-cni" };
        await kube.create({ ...binding, metadata: { name: "istio-cni" }, roleRef });
        await kube.create(cni());
        const refused = 'ClusterRoleBinding "istio-cni" in namespace "" exists and cannot be imported into the current';
        await until("the refusal", async () => (await told()).includes(refused));
        equal((await kube.get(plugin))?.status?.state, "ReconcileError");
        await kube.delete({ ...binding, name: "istio-cni" });
        await until("it to heal", async () => (await kube.get(plugin))?.status?.state === "Healthy");
    });
});
