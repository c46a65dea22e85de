import assert from "node:assert/strict";
import { emptyFacts } from "../../cluster/facts";
import { type Gate, hold } from "../../cluster/gate";
import { look, LookError, type Wanted } from "../../cluster/look";
import { planOperators } from "../../cluster/operator-plan";
import { routeAnswers } from "../../cluster/route-answers";
import { ready, waiting } from "../../cluster/verdict";
import { probeWebhooks } from "../../cluster/webhook-probe";
import { loadConfig } from "../../config/load";
import { dialects } from "../../dialects";
import { isStatus, Kube, type KubeObject } from "../../kube";
import { serveWebhook } from "../../lab/standins/serve-webhook";
import { withLab } from "./with-lab";

const STACK = "organization/mesh/dev";
const CONFIG = loadConfig({
    "mesh:generation": "1.1",
    "mesh:controlPlane": JSON.stringify({ name: "basic-install", namespace: "istio-system" }),
    "mesh:namespaces": JSON.stringify({
        "microsvc-sample": { services: { sample: { image: "registry.example.com/sample:1", host: "sample" } } },
    }),
});
const operators = dialects["1.1"].operators(CONFIG);
const WANTED: Wanted = {
    packages: operators,
    namespaces: ["microsvc-sample"],
    controlPlaneNamespace: "istio-system",
    stackId: STACK,
};

async function refusal(kube: Kube): Promise<string[]> {
    const error = await look(kube, WANTED).then(
        () => assert.fail("the look succeeded"),
        (e) => e,
    );
    assert.ok(error instanceof LookError, String(error));
    return error.message.split("\n");
}

describe("the look at a real API server", function () {
    this.timeout(60_000);
    const used = withLab();

    it("finds the scenario's start: nothing installed, four Routes, two of them listeners'", async () => {
        const facts = await look(used().kube, WANTED);
        assert.equal(facts.appsDomain, "apps.example.com");
        assert.equal(facts.networkType, "OpenShiftSDN");
        assert.equal(facts.operatorGroups["openshift-operators"].length, 1);
        const { plan, problems } = planOperators([{ config: CONFIG, specs: operators }], facts, STACK);
        assert.deepEqual(problems, []);
        assert.deepEqual(
            plan.map((p) => [p.operator.key, p.install !== undefined]),
            operators.map((o) => [o.key, true]),
        );
        const { unanswered } = routeAnswers(CONFIG, facts, STACK);
        assert.deepEqual(unanswered.map((u) => [u.route, u.to]).sort(), [
            ["caller", "service caller"],
            ["el-caller", "EventListener caller"],
            ["el-sample", "EventListener sample"],
            ["sample", "service sample"],
        ]);
    });

    it("names every right that an account without any lacks, in the API server's own names", async () => {
        const lines = await refusal(used().viewer);
        assert.match(lines[0], /^viewer may not read what this stack must know; nothing was touched$/);
        const rights = lines.slice(1, -1).map((l) => l.trim().replace(/ {2,}/g, " "));
        for (const right of [
            "get ingresses.config.openshift.io in the whole cluster",
            "list clusterserviceversions.operators.coreos.com in the whole cluster",
            "list namespaces in the whole cluster",
            "list routes.route.openshift.io in the whole cluster",
            "list deployments.apps in namespace microsvc-sample",
        ]) {
            assert.ok(rights.includes(right), `${right} is not in\n${rights.join("\n")}`);
        }
    });

    it("says where nothing answers, in one line", async () => {
        const cluster = { name: "c", cluster: { server: "https://127.0.0.1:1" } };
        const context = { name: "c", context: { cluster: "c", user: "u" } };
        const users = [{ name: "u", user: { token: "t" } }];
        const config = { "current-context": "c", clusters: [cluster], contexts: [context], users };
        const [first] = await refusal(Kube.load({ kubeconfig: JSON.stringify(config) }));
        assert.match(first, /^https:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED.*; nothing was touched$/);
    });
});

describe("gate and probe at a real API server", function () {
    this.timeout(60_000);
    const used = withLab();
    const THING = { apiVersion: "gates.example.com/v1", kind: "Thing" };

    const crd: KubeObject = {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "things.gates.example.com" },
        spec: {
            group: "gates.example.com",
            scope: "Namespaced",
            names: { kind: "Thing", plural: "things" },
            versions: [
                {
                    name: "v1",
                    served: true,
                    storage: true,
                    schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
                },
            ],
        },
    };

    it("a gate waits for a kind that comes later, and opens (trap 15)", async () => {
        const gate: Gate<string, "things"> = {
            title: "thing",
            failure: "no thing",
            names: ["things"],
            watches: [{ as: "things", kind: THING, namespace: "default" }],
            verdict: ({ things }) => (things.length ? ready(things[0].metadata.name) : waiting("no thing yet")),
            timeoutSeconds: 30,
        };
        const lines: string[] = [];
        const held = hold(used().kube, gate, (line) => lines.push(line), { pace: { reportMs: 10 } });
        await new Promise((resolve) => setTimeout(resolve, 300));
        assert.match(lines.at(-1) ?? "", /no thing yet \(gates\.example\.com\/v1 Thing is not served yet\)/);
        await used().kube.create(crd);
        for (;;) {
            try {
                await used().kube.create({ ...THING, metadata: { name: "one", namespace: "default" } });
                break;
            } catch (error) {
                assert.ok(isStatus(error, 404), String(error));
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
        }
        assert.equal(await held, "one");
    });

    it("the probe sees a webhook that does not answer, and one that does; it leaves nothing (trap 13)", async () => {
        const { kube } = used();
        const target = { ...THING, namespace: "default" };
        const said: string[] = [];
        const held = { kube, signal: AbortSignal.timeout(30_000), waiting: (why: string) => void said.push(why) };
        const dead = await serveWebhook({});
        await dead.close();
        const configuration = (url: string, caBundle: string): KubeObject => ({
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "MutatingWebhookConfiguration",
            metadata: { name: "gates.example.com" },
            webhooks: [
                {
                    name: "things.gates.example.com",
                    clientConfig: { url, caBundle },
                    admissionReviewVersions: ["v1"],
                    sideEffects: "None",
                    failurePolicy: "Fail",
                    rules: [
                        {
                            apiGroups: ["gates.example.com"],
                            apiVersions: ["*"],
                            resources: ["things"],
                            operations: ["CREATE"],
                        },
                    ],
                },
            ],
        });
        await kube.create(configuration(dead.url("/things"), dead.caBundle));
        const reviewed: string[] = [];
        const living = await serveWebhook({
            "/things": ({ request }) => {
                reviewed.push(request.object.metadata.name);
                return { allowed: true };
            },
        });
        try {
            const probed = probeWebhooks(target, held);
            while (said.length < 2) {
                await new Promise((resolve) => setTimeout(resolve, 20));
            }
            assert.match(said[0], /do not answer yet: .*failed calling webhook "things\.gates\.example\.com"/);
            await kube.apply(configuration(living.url("/things"), living.caBundle), {
                fieldManager: "test",
                force: true,
            });
            await probed;
            assert.ok(reviewed.includes("_webhook-probe_"), "the webhook was asked before the name was refused");
            const names = (await kube.list(THING, { namespace: "default" })).map((t) => t.metadata.name);
            assert.ok(!names.includes("_webhook-probe_"), "nothing is stored");
        } finally {
            await living.close();
            await kube.delete({ ...configuration("", ""), name: "gates.example.com" });
            await kube.delete({ ...crd, name: crd.metadata.name });
        }
    });
});

describe("facts for those that hand them in", () => {
    it("an empty cluster lacks nothing that a look would find wanting", () => {
        assert.deepEqual(planOperators([{ config: CONFIG, specs: operators }], emptyFacts(), STACK).problems, []);
    });
});
