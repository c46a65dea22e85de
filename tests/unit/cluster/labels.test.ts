import assert from "node:assert/strict";
import { GateError, hold } from "../../../cluster/gate";
import { membershipGate } from "../../../cluster/gates";
import { KubeError, type KubeObject } from "../../../kube";
import { hurried } from "../hurried";
import { FakeKube } from "./fake-kube";

const LABELS = { "istio-discovery": "default", "istio-injection": "enabled" };
const namespace = (name: string, labels: Record<string, string> = LABELS): KubeObject => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels },
});

/** A cluster whose answers to a pod are given one after the other; the last one stays. */
function cluster(
    ...answers: (Error | "injected" | "native" | "bare" | `by ${string}`)[]
): FakeKube & { asked: KubeObject[] } {
    const fake = Object.assign(new FakeKube(), { asked: [] as KubeObject[] });
    fake.create = async (pod, options) => {
        assert.equal(options?.dryRun, true, "nothing may be stored");
        fake.asked.push(pod);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer instanceof Error) {
            throw answer;
        }
        const by = typeof answer === "string" && /^by (.*)$/.exec(answer)?.[1];
        const proxy = { name: "istio-proxy", image: "proxyv2" };
        const spec = {
            containers: [...pod.spec.containers, ...(answer === "injected" || by ? [proxy] : [])],
            initContainers: answer === "native" ? [proxy] : [],
        };
        const annotations = { "sidecar.istio.io/status": JSON.stringify({ revision: by || undefined }) };
        return { ...pod, metadata: { ...pod.metadata, annotations }, spec };
    };
    return fake;
}

async function pass(
    fake: FakeKube,
    timeoutSeconds = 5,
    labels: Record<string, string> = LABELS,
): Promise<{ lines: string[]; value: object }> {
    const lines: string[] = [];
    const gate = membershipGate({
        by: "labels",
        controlPlane: { namespace: "istio-system", name: "default" },
        namespaces: ["shop"],
        labels: { shop: labels },
        timeoutSeconds,
    });
    const value = await hold(fake.kube, gate, (line) => lines.push(line), { pace: { reportMs: 1 } });
    return { lines, value };
}

const webhookAway = new KubeError(
    500,
    "InternalError",
    'Internal error occurred: failed calling webhook "rev.namespace.sidecar-injector.istio.io": connection refused',
);
const noAccount = new KubeError(
    403,
    "Forbidden",
    'pods "p" is forbidden: error looking up service account shop/default',
);
const quota = new KubeError(403, "Forbidden", 'pods "p" is forbidden: exceeded quota: tight');

describe("membership by labels (trap 37)", () => {
    hurried();

    it("asks with the label by which pods ask, in the namespace itself, and stores nothing", async () => {
        const fake = cluster("injected");
        fake.put(namespace("shop"));
        const { value } = await pass(fake);
        assert.deepEqual(value, { configured: ["shop"] });
        const [pod] = fake.asked;
        assert.equal(pod.metadata.namespace, "shop");
        assert.deepEqual(pod.metadata.labels, { "sidecar.istio.io/inject": "true" });
    });

    it("takes a native sidecar for one", async () => {
        const fake = cluster("native");
        fake.put(namespace("shop"));
        await pass(fake);
    });

    it("waits for the labels, and says which are missing", async () => {
        const fake = cluster("injected");
        fake.put(namespace("shop", { "istio-discovery": "default" }));
        const passed = pass(fake);
        await new Promise((resolve) => setTimeout(resolve, 20));
        assert.equal(fake.asked.length, 0);
        fake.put(namespace("shop"));
        const { lines } = await passed;
        assert.ok(
            lines.some((l) => /0 of 1 namespaces, shop lacks istio-injection=enabled/.test(l)),
            lines.join("\n"),
        );
    });

    it("waits while the injector does not answer, does not know the namespace yet, or the namespace is too new", async () => {
        const fake = cluster(webhookAway, noAccount, "bare", "injected");
        fake.put(namespace("shop"));
        const { lines } = await pass(fake);
        assert.equal(fake.asked.length, 4);
        assert.ok(
            lines.some((l) => /failed calling webhook/.test(l)),
            lines.join("\n"),
        );
        assert.ok(lines.some((l) => /a pod that asks for a sidecar gets none/.test(l)));
    });

    it("waits while the mesh that the namespace leaves still injects", async () => {
        const fake = cluster("by basic", "by v3");
        const labels = { "istio-discovery": "v3", "istio.io/rev": "v3" };
        fake.put(namespace("shop", labels));
        const { lines } = await pass(fake, 5, labels);
        assert.equal(fake.asked.length, 2);
        assert.ok(
            lines.some((l) => /a pod still gets its sidecar from basic, not yet from v3/.test(l)),
            lines.join("\n"),
        );
    });

    it("by roll, where it is said whose sidecars they are to be: a namespace that goes back", async () => {
        const fake = cluster("by v3", "by basic");
        fake.put(namespace("shop", { "maistra.io/member-of": "istio-system" }));
        fake.put({
            apiVersion: "maistra.io/v1",
            kind: "ServiceMeshMemberRoll",
            metadata: { name: "default", namespace: "istio-system" },
            spec: { members: ["shop"] },
            status: { configuredMembers: ["shop"], meshReconciledVersion: "2.6.8-1" },
        });
        const want = {
            by: "roll" as const,
            controlPlane: { namespace: "istio-system", name: "basic" },
            namespaces: ["shop"],
            timeoutSeconds: 5,
        };
        await hold(fake.kube, membershipGate(want), () => undefined);
        assert.equal(fake.asked.length, 0, "unless it is said, nobody asks: 1.1 knows no label for it");
        await hold(fake.kube, membershipGate({ ...want, injectedBy: "basic" }), () => undefined);
        assert.equal(fake.asked.length, 2);
    });

    it("by a tag: the revision that it points to", async () => {
        const fake = cluster("by v3-v1-26-8", "by v3-v1-27-9");
        const labels = { "istio.io/rev": "v3-tag" };
        fake.put(namespace("shop", labels));
        fake.put({
            apiVersion: "sailoperator.io/v1",
            kind: "IstioRevisionTag",
            metadata: { name: "v3-tag" },
            status: { istioRevision: "v3-v1-27-9" },
        });
        await pass(fake, 5, labels);
        assert.equal(fake.asked.length, 2);
    });

    it("what refuses the pod itself tells nothing, and stops nothing", async () => {
        const fake = cluster(quota);
        fake.put(namespace("shop"));
        const { lines } = await pass(fake);
        assert.match(lines.at(-1) ?? "", /cannot be asked \(.*exceeded quota: tight\)/);
    });

    it("says what it was waiting for when the injector never answers", async () => {
        const fake = cluster("bare");
        fake.put(namespace("shop"));
        const error = await pass(fake, 0.3).then(
            () => undefined,
            (e) => e,
        );
        assert.ok(error instanceof GateError);
        assert.match(error.message, /shop: a pod that asks for a sidecar gets none/);
        assert.match(error.message, /oc get mutatingwebhookconfigurations/);
    });
});
