import assert from "node:assert/strict";
import type { KubeObject } from "../../kube";
import type { RunResult } from "../../lab/engine/driver";
import { withLab } from "../lab/with-lab";
import { devUp } from "./dev";
import { AUTHORIZATION, CONTROL_PLANE, CSV, NAMESPACE, ROLL, ROUTE, SUBSCRIPTION } from "./kinds";
import { assertUntouched, snapshot } from "./snapshot";
import { changesOf, Stack } from "./stack";
import { conditionOf, isAdmitted } from "./status";

const MARK = "openshift-mesh/stack";
const SECOND = {
    "mesh:generation": "1.1",
    "mesh:uniqueNames": true,
    "mesh:controlPlane": { name: "full", namespace: "istio-system", mtls: "permissive" },
    "mesh:namespaces": {
        shop: {
            services: {
                front: { image: "registry.example.com/shop/front:1", host: "front" },
                back: { image: "registry.example.com/shop/back:1", allow: [{ services: ["front"], methods: ["GET"] }] },
            },
        },
    },
};

interface Outputs {
    controlPlane: { namespace: string; mtls: string };
    operators: Record<string, string>;
    routeHosts: Record<string, string>;
    members: string[];
    services: Record<string, { namespace: string }>;
}

describe("two environments in one cluster (uniqueNames)", function () {
    this.timeout(600_000);
    const used = withLab({}, "e2e");
    const kube = () => used().kube;
    let first: Stack;
    let second: Stack;
    let result: RunResult;
    let outputs: Outputs;

    before(async () => {
        first = await devUp(used().lab);
        second = await Stack.open(used().lab, "second", { config: SECOND });
        const before = await snapshot(kube(), isOf("organization/mesh/dev"));
        result = await second.up();
        outputs = result.outputs as unknown as Outputs;
        assert.deepEqual(assertUntouched(before, await snapshot(kube(), isOf("organization/mesh/dev"))), []);
    });

    after(async () => {
        if (second.isUp) {
            await second.destroy();
        }
    });

    it("the second uses the first one's operators, and says so", () => {
        const [look] = result.messages.map((m) => m.text);
        for (const name of ["elasticsearch-operator", "jaeger-product", "kiali-ossm", "servicemeshoperator"]) {
            assert.match(look, new RegExp(`${name} is already installed by another team: used, left alone`));
        }
        assert.ok(!changesOf(result).some((change) => change.includes("Subscription")));
        assert.equal(outputs.operators.servicemeshoperator, "servicemeshoperator.v1.1.7");
    });

    it("its namespaces and hosts have a suffix of their own", async () => {
        const { namespace, mtls } = outputs.controlPlane;
        const suffix = /^istio-system-([a-z0-9]{4})$/.exec(namespace)?.[1];
        assert.ok(suffix, namespace);
        assert.equal(mtls, "permissive");
        assert.deepEqual(outputs.members, [`shop-${suffix}`]);
        assert.equal(outputs.services.front.namespace, `shop-${suffix}`);
        assert.equal(outputs.routeHosts.front, `front-${suffix}.apps.example.com`);
        assert.equal(outputs.routeHosts.kiali, `kiali-${namespace}.apps.example.com`);
        for (const name of [namespace, `shop-${suffix}`]) {
            const object = await kube().get({ ...NAMESPACE, name });
            assert.equal(object?.metadata.annotations?.[MARK], "organization/mesh/second");
        }
    });

    it("each has its own mesh", async () => {
        const { namespace } = outputs.controlPlane;
        const planes = await kube().list(CONTROL_PLANE);
        assert.deepEqual(planes.map((p) => p.metadata.namespace).sort(), ["istio-system", namespace]);
        assert.ok(planes.every((p) => conditionOf(p, "Ready")?.status === "True"));
        const rolls = await kube().list(ROLL);
        const members = rolls.map((r) => [r.metadata.namespace, r.status.configuredMembers]);
        assert.deepEqual(Object.fromEntries(members), {
            "istio-system": ["microsvc-sample"],
            [namespace]: outputs.members,
        });
        const routes = await kube().list(ROUTE, { namespace });
        assert.ok(routes.some((r) => r.spec.host === outputs.routeHosts.front && isAdmitted(r)));
    });

    it("who may call is named by the names in the cluster", async () => {
        const [member] = outputs.members;
        const policy = await kube().get({ ...AUTHORIZATION, namespace: member, name: "to-back" });
        assert.deepEqual(policy?.spec.rules, [
            {
                from: [{ source: { principals: [`cluster.local/ns/${member}/sa/front`] } }],
                to: [{ operation: { methods: ["GET"] } }],
            },
        ]);
    });

    it("neither sees a change when it looks again", async () => {
        await second.preview({ expectNoChanges: true });
        await first.preview({ expectNoChanges: true });
    });

    describe("removing the first while the second lives", () => {
        let message: string;
        before(async () => (message = await first.refused("destroy")));

        it("stops at the operator that the second still needs, and names what needs it", () => {
            const { namespace } = outputs.controlPlane;
            assert.match(message, /servicemeshoperator is still needed by/);
            assert.ok(message.includes(`ServiceMeshControlPlane ${namespace}/full`), message);
        });

        it("has left all operators, and the second mesh, as they were", async () => {
            for (const [name, csv] of Object.entries(outputs.operators)) {
                const namespace = name.startsWith("elastic") ? "openshift-operators-redhat" : "openshift-operators";
                assert.ok(await kube().get({ ...SUBSCRIPTION, namespace, name }), name);
                assert.equal((await kube().get({ ...CSV, namespace, name: csv }))?.status.phase, "Succeeded", name);
            }
            const { namespace } = outputs.controlPlane;
            const plane = await kube().get({ ...CONTROL_PLANE, namespace, name: "full" });
            assert.equal(conditionOf(plane, "Ready")?.status, "True");
        });

        it("is finished once the second is gone", async () => {
            await second.destroy();
            assert.deepEqual(await kube().list(CONTROL_PLANE), []);
            await first.destroy();
            const left = await snapshot(kube(), (object) => object.metadata.annotations?.[MARK] !== undefined);
            assert.deepEqual([...left.keys()], []);
            const packages = (await kube().list(SUBSCRIPTION)).map((s) => s.spec.name);
            assert.deepEqual(packages, ["web-terminal"]);
        });
    });
});

function isOf(stack: string): (object: KubeObject) => boolean {
    return ({ metadata }) => metadata.annotations?.[MARK] === stack;
}
