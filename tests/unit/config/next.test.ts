import assert from "node:assert/strict";
import { loadConfig } from "../../../config/load";
import { type Effective, effective } from "../../../config/next";
import { describeProblem } from "../../../config/problems";
import { flat, problemsOf, sample } from "./sample";

const v3 = () => ({ generation: "3", controlPlane: { name: "v3", consoles: ["kiali", "jaeger"] } });

function moving(parts: Record<string, unknown> = {}): Record<string, string> {
    return sample({ generation: "2.6", next: v3(), ...parts });
}

function sides(parts: Record<string, unknown> = {}): Effective {
    return effective(loadConfig(moving(parts)));
}

describe("moving on: two meshes from one config", () => {
    it("without mesh:next there is one", () => {
        const config = loadConfig(sample());
        assert.deepEqual(effective(config), { now: config, moved: new Set() });
    });

    it("today's is as it was, and the next is beside it", () => {
        const { now, next, moved } = sides();
        assert.deepEqual(now, loadConfig(sample({ generation: "2.6" })));
        assert.equal(next?.generation, "3");
        assert.equal(next?.next, undefined);
        assert.equal(next?.controlPlane.name, "v3");
        assert.equal(next?.controlPlane.namespace, now.controlPlane.namespace, "one namespace, one authority");
        assert.equal(next?.membership, "labels");
        assert.deepEqual(next?.namespaces, now.namespaces);
        assert.deepEqual(moved, new Set());
    });

    it("the next is as today's but for what is given for it, and for what is a generation's own", () => {
        const { next } = sides({
            controlPlane: {
                name: "basic",
                version: "v2.6",
                mtls: "permissive",
                tracing: { sampling: 50 },
                proxy: { requests: { cpu: "50m" } },
                gateways: { ingress: { limits: { cpu: "1" } }, egress: { autoscale: false } },
            },
            operators: {
                kiali: { channel: "stable" },
                servicemesh: { channel: "stable", startingCSV: "servicemeshoperator.v2.6.8", approval: "Manual" },
            },
        });
        assert.ok(next);
        const { controlPlane, operators } = next;
        assert.equal(controlPlane.version, undefined);
        assert.equal(controlPlane.mtls, "permissive");
        assert.deepEqual(controlPlane.tracing, { enabled: true, sampling: 50, backend: "tempo", storage: "memory" });
        assert.deepEqual(controlPlane.proxy, { requests: { cpu: "50m" } });
        assert.deepEqual(controlPlane.gateways, {
            ingress: { api: "istio", antiAffinity: "none", limits: { cpu: "1" }, namespace: "istio-system-ingress" },
            egress: {},
        });
        assert.equal(controlPlane.routes, "stack");
        assert.deepEqual(operators.kiali, { install: "auto", channel: "stable", approval: "Automatic" });
        assert.deepEqual(operators.servicemesh, { install: "auto", approval: "Manual" });
    });

    it("what is given for the next is the next's alone", () => {
        const { now, next } = sides({
            "next.controlPlane.version": "v1.27.9",
            "next.controlPlane.tracing": { sampling: 5 },
            "next.operators": { servicemesh: { channel: "stable-3.2" } },
        });
        assert.equal(next?.controlPlane.version, "v1.27.9");
        assert.equal(next?.controlPlane.tracing.sampling, 5);
        assert.equal(next?.operators.servicemesh.channel, "stable-3.2");
        assert.equal(now.controlPlane.version, undefined);
        assert.equal(now.controlPlane.tracing.sampling, 1);
        assert.equal(now.operators.servicemesh.channel, undefined);
    });

    it("namespaces go over one by one", () => {
        assert.deepEqual(sides({ "next.namespaces": ["shop"] }).moved, new Set(["shop"]));
        assert.deepEqual(sides({ "next.namespaces": ["shop", "bank"] }).moved, new Set(["shop", "bank"]));
    });

    it("the last step is mesh:generation alone: the next is what there is, and everybody has moved", () => {
        const before = sides({ "next.namespaces": ["shop", "bank"], "operators.jaeger": { channel: "stable" } });
        const { now, next, moved } = sides({
            generation: "3",
            "next.namespaces": ["shop", "bank"],
            "operators.jaeger": { channel: "stable" },
        });
        assert.equal(next, undefined);
        assert.deepEqual(now, before.next);
        assert.deepEqual(moved, new Set(["shop", "bank"]));
    });

    it("and a file into which the next has been folded says the same", () => {
        const last = sides({ generation: "3", "next.controlPlane.version": "v1.27.9" }).now;
        const folded = sample({ generation: "3", controlPlane: { ...v3().controlPlane, version: "v1.27.9" } });
        assert.deepEqual(loadConfig(folded), last);
    });

    it("a config read back from what it became is the same", () => {
        const config = loadConfig(moving({ "next.namespaces": ["shop"] }));
        assert.deepEqual(loadConfig(flat(JSON.parse(JSON.stringify(config)))), config);
    });
});

describe("moving on: what is refused, by the key as it was written", () => {
    const cases: [what: string, parts: Record<string, unknown>, key: string, said: RegExp][] = [
        [
            "from 1.1 to 2.6: no OpenShift takes both",
            { generation: "1.1", next: { generation: "2.6", controlPlane: { name: "x" } } },
            "next.generation",
            /set up another stack/,
        ],
        ["from 1.1 to 3", { generation: "1.1" }, "next.generation", /set up another stack/],
        [
            "backwards",
            { generation: "3", next: { generation: "2.6", controlPlane: { name: "x" } } },
            "next.generation",
            /set up another stack/,
        ],
        [
            "from 2.6 to 1.1",
            { next: { generation: "1.1", controlPlane: { name: "x" } } },
            "next.generation",
            /^1\.1: 3, coming from generation 2\.6/,
        ],
        [
            "to itself by another name",
            { next: { generation: "2.6", controlPlane: { name: "x" } }, "next.namespaces": ["no"] },
            "next.namespaces[0]",
            /a name in mesh:namespaces/,
        ],
        ["the same name", { "next.controlPlane.name": "basic" }, "next.controlPlane.name", /both are there at once/],
        [
            "another namespace",
            { "next.controlPlane.namespace": "mesh" },
            "next.controlPlane.namespace",
            /istio-system: both trust/,
        ],
        [
            "a namespace that is not a member",
            { "next.namespaces": ["shopp"] },
            "next.namespaces[0]",
            /did you mean shop\?/,
        ],
        ["a namespace twice", { "next.namespaces": ["shop", "shop"] }, "next.namespaces[1]", /once/],
        [
            "a console of today's that the next has not, where it is written",
            { "controlPlane.consoles": ["kiali", "grafana"], next: { generation: "3", controlPlane: { name: "v3" } } },
            "controlPlane.consoles[1]",
            /give mesh:next\.controlPlane\.consoles\[1\] what generation 3 can honour/,
        ],
        [
            "a console of the next's, where it is written",
            { "next.controlPlane.consoles": ["prometheus"] },
            "next.controlPlane.consoles[0]",
            /OpenShift's own monitoring/,
        ],
        [
            "a version of the other generation",
            { "next.controlPlane.version": "v2.6" },
            "next.controlPlane.version",
            /v1\.27\.9/,
        ],
        [
            "an operator that the next does not need",
            { "next.operators": { jaeger: { channel: "stable" } } },
            "next.operators.jaeger",
            /does not need that operator/,
        ],
        [
            "a revision without a version",
            { "next.controlPlane.updateStrategy": { type: "RevisionBased" } },
            "next.controlPlane.version",
            /a version, with updateStrategy/,
        ],
        ["an unknown key", { "next.controlPlane.mttls": "off" }, "next.controlPlane.mttls", /did you mean mtls\?/],
    ];
    for (const [what, parts, key, said] of cases) {
        it(what, () => {
            const problems = problemsOf(moving(parts));
            assert.deepEqual(
                problems.map((problem) => problem.key),
                [`mesh:${key}`],
                JSON.stringify(problems, undefined, 1),
            );
            assert.match(`${describeProblem(problems[0])} ${problems[0].allowed}`, said);
        });
    }
});
