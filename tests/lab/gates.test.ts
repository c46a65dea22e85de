import assert from "node:assert/strict";
import { type Gate, GateError, hold } from "../../cluster/gate";
import {
    gatewayRoutesGate,
    membershipGate,
    namedRoutesGate,
    operatorGate,
    pieceGate,
    rolloutGate,
} from "../../cluster/gates";
import { look } from "../../cluster/look";
import { loadConfig } from "../../config/load";
import { dialects } from "../../dialects";
import { Kube, type KubeObject } from "../../kube";
import { down, up } from "../../lab";
import { eventually } from "./wait";

const NAME = `gates-${process.pid}`;
const OLM = "operators.coreos.com/v1alpha1";
const OPERATORS = "openshift-operators";
const NETWORKING = "networking.istio.io/v1alpha3";
const config = loadConfig({ "mesh:generation": "1.1", "mesh:namespaces": "{}" });
const specs = Object.fromEntries(dialects["1.1"].operators(config).map((o) => [o.key, o]));
const PLANE = {
    apiVersion: "maistra.io/v1",
    kind: "ServiceMeshControlPlane",
    namespace: "istio-system",
    name: "basic",
};

/** The gates, one after the other as in a stack, against the lab's operators. The steps build on each other. */
describe("gates against the lab's operators", function () {
    this.timeout(120_000);
    this.bail(true);
    let kube: Kube;

    before(async function () {
        this.timeout(20 * 60_000);
        // Webhooks late enough to be seen, also by a machine that is busy.
        const settings = { timeScale: 0.05, maistra: { webhookDelay: 80_000 } };
        const lab = await up({ name: NAME, settings, endsWith: process.pid });
        kube = Kube.load({ kubeconfig: lab.kubeconfig });
    });
    after(async () => {
        await down(NAME);
    });

    async function pass<T, K extends string>(gate: Gate<T, K>): Promise<{ value: T; lines: string[] }> {
        const lines: string[] = [];
        const value = await hold(kube, gate, (line) => lines.push(line), { pace: { reportMs: 10 } });
        return { value, lines };
    }

    async function refused<T, K extends string>(gate: Gate<T, K>): Promise<string> {
        const error = await hold(kube, gate, () => undefined).then(
            (value) => assert.fail(`opened with ${JSON.stringify(value)}`),
            (e) => e,
        );
        assert.ok(error instanceof GateError, String(error));
        return error.message;
    }

    const make = (apiVersion: string, kind: string, namespace: string | undefined, name: string, body: object = {}) =>
        kube.create({ apiVersion, kind, metadata: { name, namespace }, ...body } as KubeObject);

    const subscribe = (key: string, spec: object = {}) =>
        make(OLM, "Subscription", specs[key].namespace, specs[key].package, {
            spec: {
                name: specs[key].package,
                channel: key === "elasticsearch" ? "4.5" : "stable",
                source: "redhat-operators",
                sourceNamespace: "openshift-marketplace",
                ...spec,
            },
        });

    const installed = (key: string, over: object = {}) =>
        operatorGate({
            key,
            package: specs[key].package,
            namespace: specs[key].namespace,
            csvPrefix: specs[key].csvPrefix,
            subscription: specs[key].package,
            approval: "Automatic",
            ours: [specs[key].csvPrefix],
            timeoutSeconds: 60,
            ...over,
        });

    it("operators: ready when their CSVs have Succeeded, several at once (traps 1, 47)", async () => {
        const own = specs.elasticsearch.namespace;
        await make("v1", "Namespace", undefined, own);
        await make("operators.coreos.com/v1", "OperatorGroup", own, own, { spec: {} });
        const keys = ["elasticsearch", "jaeger", "kiali"];
        await Promise.all(keys.map((key) => subscribe(key)));
        for (const { value } of await Promise.all(keys.map((key) => pass(installed(key))))) {
            const all = await kube.list(
                { apiVersion: OLM, kind: "ClusterServiceVersion" },
                { labelSelector: "!olm.copiedFrom" },
            );
            const csv = all.find((c) => c.metadata.name === value.csv);
            assert.equal(csv?.status.phase, "Succeeded");
        }
    });

    it("Manual: approves the one plan that was asked for; opens when the webhooks answer (traps 2, 13)", async () => {
        const startingCSV = "servicemeshoperator.v1.1.6";
        await subscribe("servicemesh", { startingCSV, installPlanApproval: "Manual" });
        const { apiVersion, kind } = PLANE;
        const gate = installed("servicemesh", {
            startingCSV,
            approval: "Manual",
            ours: [startingCSV],
            webhooksFor: "maistra.io",
            probe: { apiVersion, kind, namespace: OPERATORS },
        });
        const { value, lines } = await pass(gate);
        assert.equal(value.csv, startingCSV);
        assert.ok(
            lines.some((l) => /its webhooks do not answer yet/.test(l)),
            lines.join("\n"),
        );
        await make("v1", "Namespace", undefined, PLANE.namespace);
        // The first write after the gate is not refused: that is what the gate is for.
        await make(PLANE.apiVersion, PLANE.kind, PLANE.namespace, PLANE.name, {
            spec: { version: "v1.1", istio: { gateways: { "istio-ingressgateway": { ior_enabled: true } } } },
        });
    });

    it("control plane: shows what it waits for; ready for the present generation only (trap 19)", async () => {
        const { apiVersion, kind, ...metadata } = PLANE;
        const gate = pieceGate({ apiVersion, kind, metadata }, { timeoutSeconds: 60 });
        assert.ok(gate);
        const { lines } = await pass(gate);
        assert.ok(
            lines.some((l) => /PausingInstall, \d+ of \d+ components, waiting for istio-/.test(l)),
            lines.join("\n"),
        );
        await kube.mergePatch(PLANE, { spec: { istio: { global: { mtls: { enabled: true } } } } });
        await pass(gate);
        const plane = await kube.get(PLANE);
        assert.equal(plane?.status.observedGeneration, plane?.metadata.generation);
    });

    it("consoles: their Routes, by name", async () => {
        const { value } = await pass(
            namedRoutesGate({
                routes: ["kiali", "grafana"].map((name) => ({ namespace: PLANE.namespace, name })),
                timeoutSeconds: 60,
            }),
        );
        assert.match(value.kiali, /^kiali-istio-system\.apps\.example\.com$/);
    });

    it("membership: waits for a namespace that comes later (trap 22)", async () => {
        await make("v1", "Namespace", undefined, "shop");
        await deploy("early");
        await make("maistra.io/v1", "ServiceMeshMemberRoll", PLANE.namespace, "default", {
            spec: { members: ["shop", "later"] },
        });
        const { namespace, name } = PLANE;
        const want = { controlPlane: { namespace, name }, by: "roll" as const, timeoutSeconds: 30 };
        await pass(membershipGate({ ...want, namespaces: ["shop"] }));
        const both = pass(membershipGate({ ...want, namespaces: ["shop", "later"] }));
        await make("v1", "Namespace", undefined, "later");
        assert.deepEqual((await both).value.configured.sort(), ["later", "shop"]);
    });

    const deploy = (name: string) => {
        const labels = { app: name };
        const metadata = { labels, annotations: { "sidecar.istio.io/inject": "true" } };
        const containers = [{ name, image: "registry.example.com/shop/web:1" }];
        return make("apps/v1", "Deployment", "shop", name, {
            spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata, spec: { containers } } },
        });
    };
    const rolledOut = (name: string) =>
        rolloutGate({ kind: "Deployment", namespace: "shop", name, sidecar: true, timeoutSeconds: 30 });

    it("rollout: a pod from before membership has no sidecar, and the gate says what to do (trap 24)", async () => {
        const message = await refused(rolledOut("early"));
        assert.match(message, /^Deployment shop\/early did not roll out/);
        assert.match(message, /Pod shop\/early-\S+: no container istio-proxy/);
        assert.match(message, /oc rollout restart deployment\/early -n shop/);
        const restart = { metadata: { annotations: { restartedAt: "now" } } };
        const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "early" };
        await kube.mergePatch(ref, { spec: { template: restart } });
        await pass(rolledOut("early"));
        await deploy("late");
        await pass(rolledOut("late"));
    });

    const gateway = (name: string, host: string) =>
        make(NETWORKING, "Gateway", "shop", name, {
            spec: {
                selector: { istio: "ingressgateway" },
                servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: [host] }],
            },
        });
    const routed = (name: string, host: string) =>
        gatewayRoutesGate({ hosts: [{ host, gateway: name, namespace: "shop" }], timeoutSeconds: 30 });

    it("Routes: found by label; a host that another Route holds is named with its holder (trap 25)", async () => {
        await gateway("web", "web.apps.example.com");
        const { value } = await pass(routed("web", "web.apps.example.com"));
        assert.match(value["web.apps.example.com"].name, /^shop-web-/);
        await gateway("taken", "other.apps.example.com");
        const message = await refused(routed("taken", "other.apps.example.com"));
        assert.match(message, /HostAlreadyClaimed/);
        assert.match(message, /held by Route other-team\/other, to service other/);
    });

    it("over the CSV that an earlier Subscription left: OLM's words, and both ways out (trap 8)", async () => {
        const { package: name, namespace } = specs.kiali;
        await kube.delete({ apiVersion: OLM, kind: "Subscription", namespace, name });
        await subscribe("kiali");
        const message = await refused(installed("kiali"));
        assert.match(
            message,
            /^kiali-ossm did not install \(waited \d+ s\)\n {2}Subscription openshift-operators\/kiali-ossm: /,
        );
        assert.match(message, /OLM says: .*clusterserviceversion \S+ exists and is not referenced by a subscription/);
        assert.match(message, /oc delete csv kiali-operator\S+ -n openshift-operators/);
        assert.match(message, /mesh:operators\.kiali\.install existing/);
    });

    it("the look says it when there is no OLM, and when there are no Routes", async () => {
        const CRD = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
        const wanted = { packages: [], namespaces: [], controlPlaneNamespace: "istio-system", stackId: "o/p/s" };
        const says = async (group: string, words: RegExp): Promise<void> => {
            const going = (await kube.list(CRD)).filter((c) => c.spec.group === group);
            await Promise.all(going.map((c) => kube.delete({ ...CRD, name: c.metadata.name })));
            // Discovery follows a moment later.
            await eventually(`the look to say ${words}`, async () => {
                const error = await look(kube, wanted).catch((e: Error) => e);
                return error instanceof Error && words.test(error.message) ? true : undefined;
            });
        };
        await says("operators.coreos.com", /has no Operator Lifecycle Manager/);
        await says("route.openshift.io", /is not an OpenShift cluster: it serves no Routes/);
    });
});
