import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Kube, KubeObject } from "../../kube";
import { BASIC } from "./maistra/kinds25";
import { mesh2, namespace, refusal, removeNamespaces, says, until, webhooksAnswer } from "./maistra/operator";
import { withLab } from "./with-lab";

const OLM = "operators.coreos.com/v1alpha1";
const OPERATOR_NAMESPACE = "openshift-operators";
const SUBSCRIPTION = {
    apiVersion: OLM,
    kind: "Subscription",
    namespace: OPERATOR_NAMESPACE,
    name: "servicemeshoperator",
};
const OLD = "servicemeshoperator.v2.5.1";
const NEW = "servicemeshoperator.v2.6.8";
const MESH = "upgraded-mesh";
const PLANE = { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane", namespace: MESH, name: "basic" };

describe("Maistra stand-in: from the operator 2.5 to 2.6 with OLM", function () {
    this.timeout(60_000);
    const lab = withLab({ openshift: "4.18" }, "maistra25");
    let kube: Kube;

    before(async () => {
        ({ kube } = lab());
        await kube.create(namespace(MESH));
    });

    after(async () => {
        await kube.delete(SUBSCRIPTION);
        await removeNamespaces(kube, [MESH]);
        for (const name of [OLD, NEW]) {
            const csv = { apiVersion: OLM, kind: "ClusterServiceVersion", namespace: OPERATOR_NAMESPACE, name };
            await kube.delete(csv);
            await until(`${name} to go`, async () => (await kube.get(csv)) === undefined);
        }
    });

    const phase = async (name: string): Promise<string | undefined> =>
        (await kube.get({ apiVersion: OLM, kind: "ClusterServiceVersion", namespace: OPERATOR_NAMESPACE, name }))
            ?.status?.phase;
    const plane = async (): Promise<KubeObject> => (await kube.get(PLANE))!;
    /** Approves the plan that brings this CSV, and waits until it has. */
    const install = async (csv: string): Promise<void> => {
        let plan: KubeObject | undefined;
        await until(`a plan of ${csv}`, async () => {
            const plans = await kube.list({ apiVersion: OLM, kind: "InstallPlan" }, { namespace: OPERATOR_NAMESPACE });
            plan = plans.find(({ spec }) => spec.clusterServiceVersionNames.includes(csv) && !spec.approved);
            return plan !== undefined;
        });
        const ref = { apiVersion: OLM, kind: "InstallPlan", namespace: OPERATOR_NAMESPACE, name: plan!.metadata.name };
        await kube.mergePatch(ref, { spec: { approved: true } });
        await until(`${csv} Succeeded`, async () => (await phase(csv)) === "Succeeded", 30_000);
    };
    const configurations = async (): Promise<KubeObject[]> => {
        const kinds = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
        const apiVersion = "admissionregistration.k8s.io/v1";
        const lists = await Promise.all(kinds.map((kind) => kube.list({ apiVersion, kind })));
        return lists.flat().filter(({ webhooks }) => webhooks[0].name.endsWith(".maistra.io"));
    };

    it("OLM installs 2.5.1, which makes its webhooks itself, and a control plane", async () => {
        const { name, ...ref } = SUBSCRIPTION;
        const { namespace: within, ...kind } = ref;
        await kube.create({
            ...kind,
            metadata: { name, namespace: within },
            spec: {
                name,
                channel: "stable",
                source: "redhat-operators",
                sourceNamespace: "openshift-marketplace",
                startingCSV: OLD,
                installPlanApproval: "Manual",
            },
        });
        await install(OLD);
        await webhooksAnswer(kube);
        deepEqual(new Set((await configurations()).map(({ metadata }) => metadata.name)).size, 1);
        await kube.create(mesh2("basic", MESH, BASIC));
        await until("Ready", async () => says(await plane(), "Ready", true));
        equal((await plane()).status.operatorVersion, "2.5.1");
    });

    it("with 2.6.8 the webhooks are OLM's, and the control plane is reconciled by the new operator", async () => {
        await install(NEW);
        await until("the update", async () => {
            const { status } = await plane();
            return status.operatorVersion === "2.6.8" && says(await plane(), "Ready", true);
        });
        const { status, metadata } = await plane();
        const reconciled = status.conditions.find(({ type }: { type: string }) => type === "Reconciled");
        match(reconciled.message, /^Successfully updated from version 2\.5\.1-\d+ to version 2\.6\.8-\d+$/);
        equal(status.observedGeneration, metadata.generation);
        const all = await configurations();
        equal(all.length, 5);
        for (const { metadata: own, webhooks } of all) {
            equal(own.labels?.["olm.owner"], NEW);
            ok(webhooks[0].clientConfig.caBundle, own.name);
        }
    });

    it("takes v2.6, where nothing is traced by default, and v2.2 no more (trap 43)", async () => {
        const version = (text: string) => refusal(() => kube.mergePatch(PLANE, { spec: { version: text } }));
        match((await version("v2.2")) ?? "", /Only '\[v2\.3 v2\.4 v2\.5 v2\.6\]' versions are supported$/);
        equal(await version("v2.6"), undefined);
        await kube.mergePatch(PLANE, { spec: { tracing: null } });
        await until("the update", async () => (await plane()).status.chartVersion === "2.6.8");
        await until("Ready", async () => says(await plane(), "Ready", true));
        equal((await plane()).status.appliedSpec.tracing.type, "None");
    });

    it("its webhooks go with its CSV, and nothing of it is in the way of the next (trap 31)", async () => {
        await kube.delete(PLANE);
        await until("the control plane to go", async () => (await kube.get(PLANE)) === undefined);
        await kube.delete(SUBSCRIPTION);
        const csv = { apiVersion: OLM, kind: "ClusterServiceVersion", namespace: OPERATOR_NAMESPACE, name: NEW };
        await kube.delete(csv);
        await until("the CSV to go", async () => (await kube.get(csv)) === undefined);
        deepEqual(await configurations(), []);
    });
});
