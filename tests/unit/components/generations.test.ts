import assert from "node:assert/strict";
import { MARK } from "../../../cluster/facts";
import { loadConfig } from "../../../config/load";
import { readStackFile } from "../../../config/stack-file";
import type { Recorded, Recording } from "../../../render/record";
import { renderConfig } from "../../../render/render";
import { assertAfter, is, kindOf } from "./recorded";

const ISTIO_KINDS = /^kubernetes:(networking|security|telemetry)\.istio\.io/;
const prod = readStackFile("Pulumi.prod.yaml");
const staging = readStackFile("Pulumi.staging.yaml");
const render = (stack: string, raw: Record<string, string>): Promise<Recording> => renderConfig(stack, loadConfig(raw));
const of = (kind: string, part: string) => (r: Recorded) => is(kind)(r) && r.name.includes(part);

describe("the graph of the prod environment, of generation 3", () => {
    let recording: Recording;
    before(async () => (recording = await render("prod", prod)));

    it("every object says whose it is, and belongs to a component", () => {
        for (const r of recording.resources.filter((one) => one.type.startsWith("kubernetes:"))) {
            assert.equal(r.inputs.metadata.annotations[MARK], "organization/mesh/prod", r.urn);
            const parent = recording.resources.find((p) => p.urn === r.parent);
            assert.ok(parent?.type.startsWith("mesh:index:"), r.urn);
        }
    });

    it("traps 33, 36: the control plane waits for its operator, and its namespaces are there first", () => {
        for (const kind of ["Istio", "IstioCNI"]) {
            assertAfter(recording, is(kind), is("Subscription", "servicemeshoperator3"));
            assertAfter(recording, is(kind), is("OperatorRemoval", "servicemeshoperator3"));
        }
        assertAfter(recording, is("Istio"), is("Namespace", "istio-system"));
        assertAfter(recording, is("IstioCNI"), is("Namespace", "istio-cni"));
    });

    it("trap 35: what one cluster has one of is not removed while others live by it", () => {
        assertAfter(recording, is("SharedUse"), is("IstioCNI"));
    });

    it("the gateway gets its proxy from a control plane that is there", () => {
        assertAfter(recording, of("Deployment", "ingress"), is("Istio"));
        assertAfter(recording, of("Deployment", "ingress"), is("IstioCNI"));
    });

    it("trap 24: nothing with a sidecar is made before its namespace has joined", () => {
        assertAfter(recording, of("Deployment", "microsvc-sample/"), of("ObjectPatch", "injection"));
        assertAfter(recording, of("Deployment", "microsvc-sample/"), is("Istio"));
        assertAfter(recording, of("Deployment", "microsvc-sample/"), of("NetworkPolicy", "microsvc-sample/"));
    });

    it("trap 27: a namespace is closed only once its exceptions are open", () => {
        const exceptions = (r: Recorded) => /^microsvc-sample\/(sample|caller)$/.test(r.name) && is("ObjectPatch")(r);
        assertAfter(recording, of("NetworkPolicy", "microsvc-sample/"), exceptions);
    });

    it("no Istio object is made before the control plane that checks it", () => {
        assertAfter(recording, (r) => ISTIO_KINDS.test(r.type), is("Istio"));
    });

    it("a Route opens last: after the gateway that it leads to, and the Gateway that lets it in", () => {
        const routes = of("Route", "microsvc-sample/");
        assertAfter(recording, routes, of("Deployment", "ingress"));
        assertAfter(recording, routes, is("Gateway"));
    });

    it("nothing waits for consoles but the outputs", () => {
        assert.ok(recording.resources.some(is("Kiali")));
        for (const r of recording.resources.filter((one) => !one.urn.includes("mesh:index:Consoles"))) {
            assert.deepEqual(
                r.dependencies.filter((urn) => urn.includes(":Kiali::") || urn.includes(":TempoMonolithic::")),
                [],
                r.urn,
            );
        }
    });

    it("keys that are made here are secret", () => {
        const secrets = recording.resources.filter(is("Secret"));
        assert.ok(secrets.length > 0);
        assert.ok(secrets.every((s) => s.inputs.stringData === "[secret]"));
    });
});

describe("the graph of a stack that moves from 2.6 to 3", () => {
    const next = (namespaces: string[]) =>
        JSON.stringify({
            generation: "3",
            controlPlane: { name: "v3", consoles: ["kiali"], tracing: { enabled: false, backend: "tempo" } },
            namespaces,
        });
    const without = (raw: Record<string, string>) =>
        Object.fromEntries(Object.entries(raw).filter(([key]) => key !== "mesh:operators"));
    const today = without(staging);
    const steps = {
        today,
        beside: { ...today, "mesh:next": next([]) },
        moved: { ...today, "mesh:next": next(["microsvc-sample"]) },
        done: { ...today, "mesh:next": next(["microsvc-sample"]), "mesh:generation": "3" },
    };
    const recorded: Record<string, Recording> = {};
    before(async () => {
        for (const [name, raw] of Object.entries(steps)) {
            recorded[name] = await render("staging", raw);
        }
    });
    const urns = (name: string): string[] => recorded[name].resources.map((r) => r.urn);
    const one = (name: string, found: (r: Recorded) => boolean): Recorded => {
        const all = recorded[name].resources.filter(found);
        assert.equal(all.length, 1, `${name}: ${all.map((r) => r.urn).join(", ")}`);
        return all[0];
    };

    const principals = (policy: Record<string, any> | undefined): string[] =>
        policy?.spec.rules[0].from[0].source.principals;

    it("beside: everything that was there stays as it is, but for labels on namespaces and who the gateways are", () => {
        const labels = (r: Recorded) =>
            is("Namespace")(r) || is("ObjectPatch")(r) || is("AuthorizationPolicy", "microsvc-sample/caller")(r);
        for (const r of recorded.today.resources.filter((x) => !labels(x))) {
            const again = recorded.beside.resources.find((x) => x.urn === r.urn);
            assert.deepEqual(again?.inputs, r.inputs, r.urn);
        }
        assert.ok(urns("beside").some((urn) => urn.endsWith(":Istio::v3")));
    });

    it("moved: nothing comes or goes but what closes a member's namespace; Istio's objects stay the same ones", () => {
        const names = (name: string) => recorded[name].resources.map((r) => `${kindOf(r)} ${r.name}`);
        assert.deepEqual(
            names("beside").filter((x) => !names("moved").includes(x)),
            [],
        );
        const sample = is("AuthorizationPolicy", "microsvc-sample/sample");
        const policy = one("moved", sample);
        assert.match(policy.type, /security\.istio\.io\/v1:/);
        assert.deepEqual(policy.inputs.metadata, one("beside", sample).inputs.metadata);
    });

    it("moved: pods are made anew, and the Route goes over to the other gateway's namespace", () => {
        const template = (name: string) => one(name, is("Deployment", "microsvc-sample/caller")).inputs.spec.template;
        assert.notDeepEqual(template("moved"), template("beside"));
        const route = (name: string) => one(name, is("Route", "microsvc-sample/caller")).inputs;
        assert.equal(route("beside").metadata.namespace, "istio-system");
        assert.equal(route("moved").metadata.namespace, "istio-system-ingress");
        assert.equal(route("moved").spec.host, route("beside").spec.host);
    });

    it("done: of all that the next mesh is, nothing is made anew", () => {
        const gone = urns("moved").filter((urn) => !urns("done").includes(urn));
        const kinds = gone.map((urn) => urn.split("::")[2].split(":").at(-1));
        assert.deepEqual([...new Set(kinds)].sort(), [
            "ControlPlane",
            "Membership",
            "Operator",
            "OperatorRemoval",
            "ServiceMeshControlPlane",
            "ServiceMeshMemberRoll",
            "Subscription",
        ]);
        for (const r of recorded.moved.resources.filter((x) => x.custom && urns("done").includes(x.urn))) {
            const done = recorded.done.resources.find((x) => x.urn === r.urn)?.inputs;
            // Whom the gateway lets in comes through the new one alone from now on.
            if (is("AuthorizationPolicy", "microsvc-sample/caller")(r)) {
                assert.deepEqual(principals(done), principals(r.inputs).slice(1));
                continue;
            }
            assert.deepEqual(done, r.inputs, r.urn);
        }
    });
});
