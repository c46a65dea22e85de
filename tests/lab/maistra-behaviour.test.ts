import { deepEqual, equal, match, ok } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kube, KubeObject } from "../../kube";
import { refusals } from "../unit/maistra-standin/recording";
import {
    deployOperators,
    gateway,
    installKinds,
    member,
    mesh,
    namespace,
    pod,
    refusal,
    removeNamespaces,
    removeOperators,
    roll,
    says,
    SCENARIO,
    until,
    webhooksAnswer,
    workload,
} from "./maistra/operator";
import { withLab } from "./with-lab";

const OPERATORS = ["istio-operator", "kiali-operator", "jaeger-operator"];
const OPERATOR_NAMESPACE = "openshift-operators";
const MESH = "behave-mesh";
const APP = "behave-app";
const OUTSIDE = "behave-outside";
const SECOND = "behave-second";
const ALL = [MESH, APP, OUTSIDE, SECOND];
const CONFIGURATION = "openshift-operators.servicemesh-resources.maistra.io";
const ROUTE = { apiVersion: "route.openshift.io/v1", kind: "Route" };
const OF_IOR = { namespace: MESH, labelSelector: "maistra.io/generated-by=ior" };
const PLANE = { apiVersion: "maistra.io/v1", kind: "ServiceMeshControlPlane", namespace: MESH, name: "basic-install" };
const ROLL = { apiVersion: "maistra.io/v1", kind: "ServiceMeshMemberRoll", namespace: MESH, name: "default" };
const NETWORK = { apiVersion: "config.openshift.io/v1", kind: "Network", name: "cluster" };

describe("Maistra stand-in: a mesh as the scenario has it", function () {
    this.timeout(60_000);
    const lab = withLab({ maistra: { webhookDelay: 15_000 } });
    let kube: Kube;

    before(async () => {
        ({ kube } = lab());
        await Promise.all(ALL.map((name) => kube.create(namespace(name))));
    });

    after(async () => {
        await removeNamespaces(kube, ALL);
        await removeOperators(kube, OPERATORS);
    });

    const names = async (kind: { apiVersion: string; kind: string }, within: string, labelSelector?: string) =>
        (await kube.list(kind, { namespace: within, labelSelector })).map(({ metadata }) => metadata.name).sort();
    const containers = async (app: string, within: string): Promise<string[]> => {
        const options = { namespace: within, labelSelector: `app=${app}` };
        const [pod] = await kube.list({ apiVersion: "v1", kind: "Pod" }, options);
        return (pod?.spec.containers ?? []).map((container: { name: string }) => container.name);
    };
    const hosts = async () => (await kube.list(ROUTE, OF_IOR)).map((route) => route.spec.host).sort();

    it("registers its webhooks before they answer: until then every write is refused (trap 13)", async () => {
        // The API server needs a moment for a new kind, and for a new configuration; this name is not valid, so that
        // nothing is ever stored.
        const early = () => refusal(() => kube.create(mesh("_early_", MESH, SCENARIO)));
        await installKinds(kube);
        await early();
        await deployOperators(kube, OPERATORS);
        const kind = { apiVersion: "admissionregistration.k8s.io/v1", kind: "MutatingWebhookConfiguration" };
        await until("the configuration", async () => (await kube.get({ ...kind, name: CONFIGURATION })) !== undefined);
        await until("a refusal", async () => /failed calling webhook "smcp.mutation/.test((await early()) ?? ""));
        await webhooksAnswer(kube);
        match((await early()) ?? "", /Invalid value: "_early_"/);
    });

    it("refuses in the recorded words (N4, N5, traps 17, 20, 21, 43, 44)", async () => {
        const write = (object: KubeObject, dryRun = false) => refusal(() => kube.create(object, { dryRun }));
        const told = (part: string) => {
            const { webhook, said } = refusals().find((one) => one.said.includes(part))!;
            return `admission webhook "${webhook}" denied the request: ${said}`;
        };
        equal(await write(mesh("x", OPERATOR_NAMESPACE, {}, "v1.1")), told("in the same project"));
        equal(await write(mesh("x", MESH, {}, "v2.0")), told("invalid Version"));
        equal(await write(roll(OUTSIDE, [APP])), told("no service mesh").replace("vtest", OUTSIDE));
        equal(await write(mesh("basic-install", MESH, {}), true), told("does not support dry run"));
        match((await write(member(APP, PLANE, "x"))) ?? "", /ServiceMeshMember must be named "default"$/);
        await kube.create(mesh("basic-install", MESH, SCENARIO));
        equal(await write(mesh("second", MESH, {}, "v1.1")), told("only one service mesh"));
        match((await write(roll(MESH, [APP], "x"))) ?? "", /ServiceMeshMemberRoll must be named 'default'$/);
        match((await write(roll(MESH, [MESH]))) ?? "", /mesh project\/namespace cannot be listed as a member$/);
    });

    it("comes to 9/9, version v1.1, with the scenario's Deployments and Routes (step 2, trap 26)", async () => {
        await until("InstallSuccessful", async () => says(await kube.get(PLANE), "Reconciled", "InstallSuccessful"));
        const { spec, status } = (await kube.get(PLANE))!;
        equal(spec.version, "v1.1");
        equal(status.annotations.readyComponentCount, "9/9");
        equal(status.lastAppliedConfiguration.template, "default");
        equal(status.lastAppliedConfiguration.istio.global.tag, "1.1.7");
        const console = ["grafana", "jaeger", "kiali", "prometheus"];
        await until("the consoles", async () => {
            const all = await names({ apiVersion: "apps/v1", kind: "Deployment" }, MESH);
            return console.every((name) => all.includes(name));
        });
        deepEqual(await names({ apiVersion: "apps/v1", kind: "Deployment" }, MESH), [
            ...["grafana", "ior", "istio-citadel", "istio-egressgateway", "istio-galley", "istio-ingressgateway"],
            ...["istio-pilot", "istio-policy", "istio-sidecar-injector", "istio-telemetry", "jaeger", "kiali"],
            "prometheus",
        ]);
        deepEqual(await names({ apiVersion: "autoscaling/v1", kind: "HorizontalPodAutoscaler" }, MESH), []);
        const routes = await kube.list(ROUTE, { namespace: MESH });
        deepEqual(
            routes
                .map(({ metadata, spec: s }) => [metadata.name, s.to.name, s.port?.targetPort, s.tls?.termination])
                .sort(),
            [
                ["grafana", "grafana", undefined, "reencrypt"],
                ["istio-ingressgateway", "istio-ingressgateway", 8080, undefined],
                ["jaeger", "jaeger-query", undefined, "reencrypt"],
                ["kiali", "kiali", undefined, "reencrypt"],
                ["prometheus", "prometheus", undefined, "reencrypt"],
            ],
        );
    });

    it("gives a sidecar to pods made after their namespace joined, and to no others (step 6, trap 24)", async () => {
        await kube.create(workload("early", APP));
        await until("the early pod", async () => (await containers("early", APP)).length > 0);
        await kube.create(roll(MESH, [APP]));
        await until("Configured", async () => says(await kube.get(ROLL), "Ready", "Configured"));
        await kube.create(workload("late", APP));
        await kube.create(workload("silent", APP, {}));
        await kube.create(workload("stranger", OUTSIDE));
        for (const [app, within] of [
            ["late", APP],
            ["silent", APP],
            ["stranger", OUTSIDE],
        ]) {
            await until(`pod ${app}`, async () => (await containers(app, within)).length > 0);
        }
        deepEqual(await containers("late", APP), ["late", "istio-proxy"]);
        deepEqual(await containers("early", APP), ["early"]);
        deepEqual(await containers("silent", APP), ["silent"]);
        deepEqual(await containers("stranger", OUTSIDE), ["stranger"]);
        const policies = await names({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" }, APP);
        deepEqual(policies, ["istio-expose-route", "istio-mesh"]);
    });

    it("does not take a namespace into two rolls (trap 21)", async () => {
        await kube.create(mesh("other", SECOND, {}, "v1.1"));
        match((await refusal(() => kube.create(roll(SECOND, [APP])))) ?? "", /already defined in another/);
        await kube.delete({ ...PLANE, namespace: SECOND, name: "other" });
    });

    it("makes a Route of each host of a member's Gateway, and takes it away again (step 7, trap 25)", async () => {
        await kube.create(gateway("sample-gateway", APP, ["sample.apps.example.com", "caller.apps.example.com"]));
        await kube.create(gateway("stranger", OUTSIDE, ["stranger.apps.example.com"]));
        await until("two Routes", async () => (await hosts()).length === 2);
        deepEqual(await hosts(), ["caller.apps.example.com", "sample.apps.example.com"]);
        const [route] = await kube.list(ROUTE, OF_IOR);
        match(route.metadata.name, new RegExp(`^${APP}-sample-gateway-[a-z0-9]{5}$`));
        deepEqual([route.spec.to.name, route.spec.port.targetPort], ["istio-ingressgateway", "http2"]);
        await until("admission", async () => {
            const all = await kube.list(ROUTE, OF_IOR);
            return all.every((one) => one.status?.ingress?.[0]?.conditions?.[0]?.status === "True");
        });
        await kube.delete({ ...gateway("sample-gateway", APP, []), namespace: APP, name: "sample-gateway" });
        await until("the Routes to go", async () => (await hosts()).length === 0);
    });

    it("plays, on request: IOR that is down, and comes back", async () => {
        await lab().lab.set({ maistra: { iorDown: true } });
        await kube.create(gateway("quiet", APP, ["quiet.apps.example.com"]));
        await sleep(500);
        deepEqual(await hosts(), []);
        await lab().lab.set({ maistra: { iorDown: false } });
        await until("the Route", async () => (await hosts()).length === 1);
    });

    it("plays, on request: an injector that does not answer: members get no pods at all (trap 41)", async () => {
        await lab().lab.set({ maistra: { injectorDown: true } });
        await until("refusals", async () => {
            const said = await refusal(() => kube.create(pod("never", APP), { dryRun: true }));
            return said?.includes('failed calling webhook "sidecar-injector.istio.io"') ?? false;
        });
        await lab().lab.set({ maistra: { injectorDown: false } });
        const again = () => refusal(() => kube.create(pod("again", APP), { dryRun: true }));
        await until("pods", async () => (await again()) === undefined);
    });

    it("goes in the right order, and leaves nothing in its members (step 10 backwards)", async () => {
        await kube.delete(ROLL);
        await until("the roll to go", async () => (await kube.get(ROLL)) === undefined);
        const home = await kube.get({ ...namespace(APP), name: APP });
        equal(home?.metadata.labels?.["maistra.io/member-of"], undefined);
        deepEqual(await names({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding" }, APP), []);
        await kube.delete(PLANE);
        await until("the control plane to go", async () => (await kube.get(PLANE)) === undefined);
        const services = () => names({ apiVersion: "v1", kind: "Service" }, MESH);
        await until("services to go", async () => (await services()).length === 0);
    });

    it("plays, on request: a component that never becomes ready", async () => {
        await lab().lab.set({ maistra: { stuckComponent: "galley" } });
        await kube.create(mesh("stuck", MESH, SCENARIO, "v1.1"));
        const stuck = { ...PLANE, name: "stuck" };
        await until("the pause", async () => says(await kube.get(stuck), "Reconciled", "PausingInstall"));
        const reason = () => kube.get(stuck).then((o) => o?.status.conditions[1].message);
        await until("galley", async () => (await reason()) === "Paused until galley becomes ready");
        await sleep(1_000);
        equal(await reason(), "Paused until galley becomes ready");
        await lab().lab.set({ maistra: { stuckComponent: "" } });
        await until("Ready", async () => says(await kube.get(stuck), "Ready", true));
    });

    it("plays, on request: a network that it does not know, where no member is configured (trap 45)", async () => {
        await kube.mergePatch(NETWORK, { spec: { networkType: "OVNKubernetes" } });
        await kube.create(roll(MESH, [APP]));
        await until("its owner", async () => ((await kube.get(ROLL))?.metadata.ownerReferences ?? []).length === 1);
        await sleep(500);
        equal((await kube.get(ROLL))?.status, undefined);
        await kube.mergePatch(NETWORK, { spec: { networkType: "OpenShiftSDN" } });
        await until("Configured", async () => says(await kube.get(ROLL), "Ready", "Configured"));
    });

    it("leaves behind, when its Deployment goes, what nobody takes away (traps 30, 31)", async () => {
        await kube.delete(ROLL);
        await kube.delete({ ...PLANE, name: "stuck" });
        await until("the control plane to go", async () => (await kube.get({ ...PLANE, name: "stuck" })) === undefined);
        await removeOperators(kube, OPERATORS);
        const left: [string, string, string, string?][] = [
            ["admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", CONFIGURATION],
            ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", CONFIGURATION],
            ["v1", "Service", "admission-controller", OPERATOR_NAMESPACE],
            ["apps/v1", "DaemonSet", "istio-node", OPERATOR_NAMESPACE],
            ["v1", "Secret", "maistra-operator-serving-cert", OPERATOR_NAMESPACE],
            ["v1", "ConfigMap", "maistra-operator-cabundle", OPERATOR_NAMESPACE],
            ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "istio-cni"],
            ...["istio-admin", "istio-cni", "istio-edit", "istio-view"].map((name): [string, string, string] => [
                "rbac.authorization.k8s.io/v1",
                "ClusterRole",
                name,
            ]),
        ];
        for (const [apiVersion, kind, name, within] of left) {
            ok(await kube.get({ apiVersion, kind, name, namespace: within }), `${kind} ${name}`);
        }
        match(
            (await refusal(() => kube.create(mesh("again", MESH, {}, "v1.1")))) ?? "",
            /failed calling webhook "smcp.mutation.maistra.io".*connection refused/,
        );
    });
});
