import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Kube, KubeObject } from "../../kube";
import { installCrds, maistra2Crds } from "../../lab/crds";
import { refusals } from "../unit/maistra-standin/recording";
import {
    deployOperator2,
    gateway,
    member,
    mesh,
    mesh2,
    namespace,
    refusal,
    removeNamespaces,
    removeOperators,
    roll,
    says,
    until,
    webhooksAnswer,
    workload,
} from "./maistra/operator";
import { BASIC } from "./maistra/kinds25";
import { withLab } from "./with-lab";

const OPERATOR_NAMESPACE = "openshift-operators";
const MESH = "second-mesh";
const APP = "second-app";
const LATER = "second-later";
const OTHER = "second-other";
const ALL = [MESH, APP, LATER, OTHER];
const CONFIGURATION = "openshift-operators.servicemesh-resources.maistra.io";
const PLANE = { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane", namespace: MESH, name: "prod" };
const ROLL = { apiVersion: "maistra.io/v1", kind: "ServiceMeshMemberRoll", namespace: MESH, name: "default" };
const ROUTE = { apiVersion: "route.openshift.io/v1", kind: "Route" };
const POLICY = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" };
const HOST = "shop.apps.example.com";

describe("Maistra stand-in: a mesh of the operator 2.5", function () {
    this.timeout(60_000);
    const lab = withLab({ openshift: "4.18", maistra: { restartDelay: 100_000 } }, "maistra25");
    let kube: Kube;

    before(async () => {
        ({ kube } = lab());
        await Promise.all(ALL.map((name) => kube.create(namespace(name))));
        // What an operator that was there before has left behind: without it this one is the first.
        const service = { apiVersion: "v1", kind: "Service", namespace: OPERATOR_NAMESPACE };
        await kube.delete({ ...service, name: "maistra-admission-controller" });
        for (const kind of ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]) {
            await kube.delete({ apiVersion: "admissionregistration.k8s.io/v1", kind, name: CONFIGURATION });
        }
    });

    after(async () => {
        await removeNamespaces(kube, ALL);
        await removeOperators(kube);
    });

    const pod = async (app: string, within: string): Promise<KubeObject | undefined> => {
        const options = { namespace: within, labelSelector: `app=${app}` };
        return (await kube.list({ apiVersion: "v1", kind: "Pod" }, options))[0];
    };
    const containers = async (app: string, within: string): Promise<string[]> =>
        ((await pod(app, within))?.spec.containers ?? []).map((container: { name: string }) => container.name);
    const names = async (kind: { apiVersion: string; kind: string }, within: string) =>
        (await kube.list(kind, { namespace: within })).map(({ metadata }) => metadata.name).sort();
    const ready = () => until("Ready", async () => says(await kube.get(PLANE), "Ready", true));

    it("restarts itself once after it has been installed, and refuses every write meanwhile (traps 13, 14)", async () => {
        // The API server needs a moment for a new kind; this name is not valid, so that nothing is ever stored.
        const early = () => refusal(() => kube.create(mesh2("_early_", MESH, BASIC)));
        await installCrds(kube, await maistra2Crds());
        await early();
        await deployOperator2(kube);
        const kind = { apiVersion: "admissionregistration.k8s.io/v1", kind: "MutatingWebhookConfiguration" };
        await until("the configuration", async () => (await kube.get({ ...kind, name: CONFIGURATION })) !== undefined);
        await until("a refusal", async () => /failed calling webhook "smcp.mutation/.test((await early()) ?? ""));
        await webhooksAnswer(kube);
        match((await early()) ?? "", /Invalid value: "_early_"/);
    });

    it("refuses in the recorded words (M5a, M5b, M6b, traps 17, 18, 20, 21, 43)", async () => {
        const write = (object: KubeObject) => refusal(() => kube.create(object, { dryRun: true }));
        const told = (part: string) => {
            const { webhook, said } = refusals("maistra25").find((one) => one.said.includes(part))!;
            return `admission webhook "${webhook}" denied the request: ${said}`;
        };
        const old = told("Only '");
        equal(await write(mesh("x", MESH, {}, "v1.1")), old);
        equal(await write(mesh("x", MESH, {}, "")), old);
        equal(await write(mesh("x", MESH, {})), old);
        equal(await write(mesh2("x", MESH, { version: "v1.1" })), old);
        equal(await write(mesh2("x", MESH, { version: "v2.6" })), told("invalid Version"));
        equal(await write(mesh2("x", MESH, { version: "v2.5", policy: { type: "Mixer" } })), told("Mixer"));
        equal(
            await write(mesh2("x", OPERATOR_NAMESPACE, BASIC)),
            told("in the same project/namespace as the operator"),
        );
        equal(await write(roll(MESH, [APP], "x")), told("must be named 'default'"));
        equal(await write(roll(MESH, ["Bad_Name"])), told("Bad_Name"));
        equal(await write(member(APP, PLANE, "x")), told('must be named "default"'));
    });

    it("completes a control plane, and one of its gateways waits for an injector (traps 26, 41)", async () => {
        await lab().lab.set({ maistra: { injectorDown: true } });
        const { version: _, ...unversioned } = BASIC;
        await kube.create(mesh2("prod", MESH, { ...unversioned, gateways: { openshiftRoute: { enabled: true } } }));
        const message = "become ready: [istio-egress istio-ingress]";
        await until("the pause", async () => JSON.stringify((await kube.get(PLANE))?.status ?? {}).includes(message));
        equal(await pod("istio-ingressgateway", MESH), undefined);
        const { spec } = (await kube.get(PLANE))!;
        deepEqual([spec.version, spec.profiles, spec.gateways.openshiftRoute.enabled], ["v2.5", ["default"], true]);
        equal(
            (await refusal(() => kube.create(mesh2("again", MESH, BASIC)))) ?? "",
            'admission webhook "smcp.validation.maistra.io" denied the request: ' +
                "only one service mesh may be installed per project/namespace",
        );
        await lab().lab.set({ maistra: { injectorDown: false } });
        await ready();
        const made = await pod("istio-ingressgateway", MESH);
        match(made?.spec.containers[0].image, /proxyv2-rhel8:2\.5\.1$/);
        equal(JSON.parse(made?.metadata.annotations?.["sidecar.istio.io/status"] ?? "{}").revision, "prod");
    });

    it("drops its own namespace from a roll and selects by label (trap 21)", async () => {
        const selected = { matchLabels: { mesh: "prod" } };
        await kube.create({ ...roll(MESH, []), spec: { memberSelectors: [selected] } });
        const ref = { apiVersion: "v1", kind: "Namespace", name: APP };
        await kube.mergePatch(ref, { metadata: { labels: { mesh: "prod" } } });
        await until("the member", async () => (await kube.get(ROLL))?.status?.configuredMembers?.includes(APP));
        await kube.mergePatch(ref, { metadata: { labels: { mesh: null } } });
        await until("its end", async () => (await kube.get(ROLL))?.status?.members?.length === 0);
        await kube.mergePatch(ROLL, { spec: { memberSelectors: null, members: [MESH, APP] } });
        // Ready alone would not do: a member that is still on its way out is not pending either (recorded: R3).
        await until("the member", async () => (await kube.get(ROLL))?.status?.configuredMembers?.includes(APP));
        deepEqual((await kube.get(ROLL))?.spec.members, [APP]);
        equal((await kube.get(ref))?.metadata.labels?.["maistra.io/member-of"], MESH);
        deepEqual(await names(POLICY, APP), ["istio-expose-route-prod", "istio-mesh-prod"]);
    });

    it("injects who asks by label or annotation, in members that do not opt out (trap 24)", async () => {
        await kube.create(workload("annotated", APP));
        const labelled = workload("labelled", APP, {});
        labelled.spec.template.metadata.labels["sidecar.istio.io/inject"] = "true";
        await kube.create(labelled);
        await kube.create(workload("silent", APP, {}));
        await kube.create(workload("stranger", OTHER));
        const wanted: [string, string, string[]][] = [
            ["annotated", APP, ["annotated", "istio-proxy"]],
            ["labelled", APP, ["labelled", "istio-proxy"]],
            ["silent", APP, ["silent"]],
            ["stranger", OTHER, ["stranger"]],
        ];
        for (const [app, within, expected] of wanted) {
            await until(`pod ${app}`, async () => (await pod(app, within)) !== undefined);
            deepEqual(await containers(app, within), expected);
        }
        const { metadata } = (await pod("labelled", APP))!;
        equal(metadata.annotations?.["istio.io/rev"], "prod");
        equal(metadata.labels?.["security.istio.io/tlsMode"], "istio");
        const home = { apiVersion: "v1", kind: "Namespace", name: APP };
        await kube.mergePatch(home, { metadata: { labels: { "maistra.io/ignore-namespace": "true" } } });
        await kube.create(workload("ignored", APP));
        await until("pod ignored", async () => (await pod("ignored", APP)) !== undefined);
        deepEqual(await containers("ignored", APP), ["ignored"]);
        await kube.mergePatch(home, { metadata: { labels: { "maistra.io/ignore-namespace": null } } });
    });

    it("makes a Route for a Gateway's host, with a name that is always the same (trap 26)", async () => {
        await kube.create(gateway("shop", APP, [HOST]));
        const hash = createHash("sha256").update(HOST).digest("hex").slice(0, 16);
        const ref = { ...ROUTE, namespace: MESH, name: `${APP}-shop-${hash}` };
        await until("the Route", async () => (await kube.get(ref)) !== undefined);
        const { spec } = (await kube.get(ref))!;
        deepEqual([spec.host, spec.port.targetPort, spec.to.name], [HOST, "http2", "istio-ingressgateway"]);
        const of = { apiVersion: "networking.istio.io/v1beta1", kind: "Gateway", namespace: APP, name: "shop" };
        await kube.delete(of);
        await until("its end", async () => (await kube.get(ref)) === undefined);
    });

    it("leaves NetworkPolicies and gateways out when it is told to, Routes and all", async () => {
        await kube.mergePatch(PLANE, {
            spec: { security: { manageNetworkPolicy: false }, gateways: { enabled: false } },
        });
        await until("the update", async () => (await kube.get(PLANE))?.status?.observedGeneration === 2);
        deepEqual(await names(POLICY, MESH), []);
        await until("members to follow", async () => (await names(POLICY, APP)).length === 0);
        deepEqual(await names(ROUTE, MESH), []);
        deepEqual(await names({ apiVersion: "apps/v1", kind: "Deployment" }, MESH), ["istiod-prod"]);
        equal((await kube.get(PLANE))?.status.annotations.readyComponentCount, "3/3");
    });

    it("with the operator gone nothing is written and nothing goes; a new one ends it (traps 30, 31)", async () => {
        await removeOperators(kube);
        for (const write of [
            () => kube.mergePatch(PLANE, { spec: { security: { dataPlane: { mtls: true } } } }),
            () => kube.mergePatch(PLANE, { metadata: { finalizers: null } }),
            () => kube.create(member(LATER, PLANE)),
        ]) {
            ok((await refusal(write))?.includes("failed calling webhook"), "refused, because nobody answers");
        }
        await kube.delete(ROLL);
        await kube.delete(PLANE);
        ok(says(await kube.get(PLANE), "Ready", "ComponentsReady"), "its status knows nothing of it");
        await deployOperator2(kube);
        await until("the control plane to go", async () => (await kube.get(PLANE)) === undefined);
        await until("the roll to go", async () => (await kube.get(ROLL)) === undefined);
        const left = async () => (await kube.get({ apiVersion: "v1", kind: "Namespace", name: APP }))?.metadata.labels;
        await until("the label to go", async () => !("maistra.io/member-of" in ((await left()) ?? {})));
        deepEqual(await names({ apiVersion: "apps/v1", kind: "Deployment" }, MESH), []);
        ok((await names({ apiVersion: "v1", kind: "Secret" }, MESH)).includes("istio-ca-secret"), "its CA stays");
    });
});
