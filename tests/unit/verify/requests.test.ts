import assert from "node:assert/strict";
import type { KubeObject, Ref } from "../../../kube";
import type { Environment } from "../../../verify/environment";
import { type Outcome, isAsExpected, expectedInWords, seenInWords } from "../../../verify/requests/outcome";
import { type Expectation, planRequests } from "../../../verify/requests/plan";
import { readCluster } from "../../../verify/reads";
import { devEnvironment, MEMBER, meshPolicy, OWN, policy, Scenario, SENDING, TO_SAMPLE } from "./scenario";

const refOf = ({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): Ref => ({
    apiVersion,
    kind,
    namespace,
    name,
});

async function plan(spoil: (kube: Scenario) => unknown = () => undefined, env: Environment = devEnvironment()) {
    const kube = new Scenario();
    await spoil(kube);
    const planned = planRequests(env, await readCluster(kube.kube, env));
    return Object.fromEntries(planned.map((p) => [`${p.from} ${p.service.name}`, p.expectation.is]));
}

const off = (kube: Scenario): void => {
    kube.put(meshPolicy({ mode: "PERMISSIVE" }));
    kube.remove(refOf(SENDING));
};

describe("verify: what must come of a request, from the policies in the cluster", () => {
    const table: [what: string, spoil: (kube: Scenario) => unknown, expected: Record<string, Expectation["is"]>][] = [
        [
            "step 9, before: without mTLS and policy everybody has an answer",
            (k) => (off(k), k.remove(refOf(TO_SAMPLE))),
            {
                "gateway caller": "answer",
                "gateway sample": "answer",
                "plain caller": "answer",
                "plain sample": "answer",
            },
        ],
        [
            "step 9, after: a client without sidecar is reset",
            (k) => k.remove(refOf(TO_SAMPLE)),
            {
                "gateway caller": "answer",
                "gateway sample": "answer",
                "plain caller": "reset",
                "plain sample": "reset",
            },
        ],
        [
            "step 10: sample is refused from outside; caller, which is inside, still gets through to it",
            () => undefined,
            {
                "gateway caller": "answer",
                "gateway sample": "denied",
                "plain caller": "reset",
                "plain sample": "reset",
            },
        ],
        [
            "nobody may call sample: then caller answers, and fails",
            (k) => k.put({ ...TO_SAMPLE, spec: { ...TO_SAMPLE.spec, rules: [] } }),
            {
                "gateway caller": "no-success",
                "gateway sample": "denied",
                "plain caller": "reset",
                "plain sample": "reset",
            },
        ],
        [
            "a policy by identity, and no identities: without mTLS nobody has one",
            off,
            {
                "gateway caller": "no-success",
                "gateway sample": "denied",
                "plain caller": "no-success",
                "plain sample": "denied",
            },
        ],
        [
            "the whole mesh refuses: a policy in its root namespace",
            (k) => k.put(policy("nothing", {}, OWN)),
            {
                "gateway caller": "denied",
                "gateway sample": "denied",
                "plain caller": "reset",
                "plain sample": "reset",
            },
        ],
        [
            "one namespace takes plain text by its own Policy",
            (k) =>
                k.put({
                    apiVersion: "authentication.istio.io/v1alpha1",
                    kind: "Policy",
                    metadata: { name: "default", namespace: MEMBER },
                    spec: { peers: [{ mtls: { mode: "PERMISSIVE" } }] },
                }),
            {
                "gateway caller": "answer",
                "gateway sample": "denied",
                "plain caller": "answer",
                "plain sample": "denied",
            },
        ],
        [
            "a policy with conditions: nothing is claimed of what it guards, nor of who calls that",
            (k) => k.put({ ...TO_SAMPLE, spec: { ...TO_SAMPLE.spec, rules: [{ when: [{ key: "x" }] }] } }),
            {
                "gateway caller": "unknown",
                "gateway sample": "unknown",
                "plain caller": "reset",
                "plain sample": "reset",
            },
        ],
        [
            "the mesh takes no plain text, and its clients send nothing else: that is another check's matter",
            (k) => k.remove(refOf(SENDING)),
            {
                "gateway caller": "unknown",
                "gateway sample": "unknown",
                "plain caller": "reset",
                "plain sample": "reset",
            },
        ],
    ];
    for (const [what, spoil, expected] of table) {
        it(what, async () => assert.deepEqual(await plan(spoil), expected));
    }

    it("only services with a host are reached from outside", async () => {
        const env = devEnvironment();
        const services = env.services.map((s) => (s.name === "sample" ? { ...s, host: undefined } : s));
        assert.deepEqual(Object.keys(await plan(undefined, { ...env, services })), [
            "gateway caller",
            "plain caller",
            "plain sample",
        ]);
    });

    it("services that call each other in a circle end the question", async () => {
        const env = devEnvironment();
        const services = env.services.map((s) => ({
            ...s,
            calls: env.services.map((o) => `${o.namespace}/${o.name}`),
        }));
        assert.equal((await plan(undefined, { ...env, services }))["gateway caller"], "answer");
    });
});

describe("verify: whether an answer is the expected one", () => {
    const answer = (status: number, body = "", server = "istio-envoy"): Outcome => ({
        is: "answer",
        status,
        body,
        headers: { server },
    });
    const denied = answer(403, "RBAC: access denied");
    const reset: Outcome = { is: "reset", said: "Connection reset by peer" };
    const failure: Outcome = { is: "failure", said: "nobody listens" };
    const any: Expectation = { is: "answer" };
    const created: Expectation = { is: "answer", status: 201 };

    const table: [expectation: Expectation, outcome: Outcome, good: boolean][] = [
        [created, answer(201), true],
        [created, answer(200), false],
        [created, denied, false],
        [created, reset, false],
        [created, failure, false],
        [any, answer(200), true],
        [any, answer(404), true],
        [any, answer(403, "not you"), true],
        [any, denied, false],
        [any, answer(503, "no healthy upstream"), false],
        [{ is: "denied" }, denied, true],
        [{ is: "denied" }, answer(403, "not you"), false],
        [{ is: "denied" }, answer(201), false],
        [{ is: "denied" }, reset, false],
        [{ is: "reset" }, reset, true],
        [{ is: "reset" }, answer(201), false],
        [{ is: "reset" }, failure, false],
        [{ is: "no-success", status: 201 }, answer(502), true],
        [{ is: "no-success", status: 201 }, answer(201), false],
        [{ is: "no-success", status: 201 }, denied, false],
        [{ is: "no-success" }, answer(404), false],
        [{ is: "no-success", status: 201 }, reset, false],
    ];
    for (const [expectation, outcome, good] of table) {
        const words = `${expectedInWords(expectation, "gateway")}, and ${seenInWords(outcome, "gateway")}`;
        it(`${good ? "good" : "not good"}: expected ${words}`, () => {
            assert.equal(isAsExpected(expectation, "gateway", outcome), good);
        });
    }

    it("through the gateway, only Istio's Envoy may answer: another server is another way in", () => {
        assert.equal(isAsExpected(created, "gateway", answer(201, "", "nginx")), false);
        assert.equal(isAsExpected(created, "plain", answer(201, "", "")), true);
    });

    it("a long answer is shown short, on one line", () => {
        const said = seenInWords(answer(200, `<html>\n${"x".repeat(300)}`), "plain");
        assert.ok(said.length < 120 && !said.includes("\n"));
    });
});
