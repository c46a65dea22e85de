import assert from "node:assert/strict";
import { MARK } from "../../../cluster/facts";
import { judgeStackRoutes } from "../../../cluster/verdicts/stack-routes";
import type { KubeObject } from "../../../kube";

const STACK = "organization/mesh/prod";
const HOST = "cart.apps.example.com";
const WANTED = [{ host: HOST, namespace: "v3-ingress", name: "shop-cart" }];

interface Over {
    namespace?: string;
    mark?: string;
    refused?: string;
    host?: string;
}

function route(name: string, { namespace = "v3-ingress", mark = STACK, refused, host = HOST }: Over = {}): KubeObject {
    const admitted = refused
        ? { type: "Admitted", status: "False", reason: refused, message: "route old already exposes it and is older" }
        : { type: "Admitted", status: "True" };
    return {
        apiVersion: "route.openshift.io/v1",
        kind: "Route",
        metadata: { name, namespace, annotations: { [MARK]: mark } },
        spec: { host, to: { name: "istio-ingressgateway" } },
        status: { ingress: [{ host, conditions: [admitted] }] },
    };
}

const judge = (...routes: KubeObject[]) => judgeStackRoutes({ routes }, WANTED, STACK);

describe("verdict on a stack's own Routes (trap 25)", () => {
    it("ready when a router has admitted each, by its name", () => {
        const verdict = judge(route("shop-cart"));
        assert.ok(verdict.is === "ready");
        assert.deepEqual(verdict.value, { [HOST]: { namespace: "v3-ingress", name: "shop-cart" } });
        assert.equal(verdict.say, "1 host has its Route");
    });

    it("waits for one that is not there, not admitted yet, or still for another host", () => {
        const none = judge();
        assert.ok(none.is === "waiting");
        assert.match(none.why, /Route v3-ingress\/shop-cart is not there/);
        assert.match(none.todo?.join() ?? "", /--refresh/);
        const fresh = judge({ ...route("shop-cart"), status: {} });
        assert.ok(fresh.is === "waiting");
        assert.match(fresh.why, /no router has admitted its Route yet/);
        assert.equal(judge(route("shop-cart", { host: "old.apps.example.com" })).is, "waiting");
    });

    it("next in line behind a Route of the same stack is ready: the host is handed over when the old one goes", () => {
        const next = route("shop-cart", { refused: "HostAlreadyClaimed" });
        const verdict = judge(next, route("shop-cart", { namespace: "istio-system" }));
        assert.ok(verdict.is === "ready");
        assert.equal(verdict.say, `1 host has its Route; ${HOST}: handed over when the old one goes`);
    });

    it("names the Route of somebody else that holds the host", () => {
        const ours = route("shop-cart", { refused: "HostAlreadyClaimed" });
        for (const mark of ["organization/mesh/dev", ""]) {
            const verdict = judge(ours, route("web", { namespace: "other-team", mark }));
            assert.ok(verdict.is === "failed");
            assert.match(verdict.problem.todo.join("\n"), /held by Route other-team\/web/);
        }
    });

    it("waits while the holder is on its way out", () => {
        const ours = route("shop-cart", { refused: "HostAlreadyClaimed" });
        const going = route("web", { namespace: "other-team", mark: "" });
        going.metadata.deletionTimestamp = "2026-11-23T00:00:00Z";
        const verdict = judge(ours, going);
        assert.ok(verdict.is === "waiting");
        assert.match(verdict.why, /HostAlreadyClaimed: route old already exposes it/);
    });
});
