import assert from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import { judgeGatewayRoutes, judgeNamedRoutes } from "../../../cluster/verdicts/routes";

const HOST = "cart.apps.example.com";
const WANT = { host: HOST, gateway: "shop-gateway", namespace: "shop" };
const IOR = {
    "maistra.io/generated-by": "ior",
    "maistra.io/gateway-name": "shop-gateway",
    "maistra.io/gateway-namespace": "shop",
};

function route(
    name: string,
    over: { namespace?: string; host?: string; labels?: object; admitted?: string; reason?: string } = {},
): KubeObject {
    const { namespace = "istio-system", host = HOST, labels = IOR, admitted = "True", reason } = over;
    const message = reason && "a route in another namespace holds it and is older";
    return {
        apiVersion: "route.openshift.io/v1",
        kind: "Route",
        metadata: { name, namespace, labels: labels as Record<string, string> },
        spec: { host, to: { name: "web" } },
        status: { ingress: [{ host, conditions: [{ type: "Admitted", status: admitted, reason, message }] }] },
    };
}

describe("Routes verdict (traps 25, 40)", () => {
    it("finds the mesh's Route by its labels, whatever its name", () => {
        const verdict = judgeGatewayRoutes({ routes: [route("shop-shop-gateway-5w5hq")] }, [WANT]);
        assert.ok(verdict.is === "ready");
        assert.deepEqual(verdict.value, { [HOST]: { namespace: "istio-system", name: "shop-shop-gateway-5w5hq" } });
    });

    it("waits for each host: not made, made, admitted", () => {
        const none = judgeGatewayRoutes({ routes: [route("other", { labels: {} })] }, [WANT]);
        assert.ok(none.is === "waiting");
        assert.equal(none.why, `${HOST}: the mesh has made no Route yet`);
        const made = { ...route("a"), status: {} };
        const unadmitted = judgeGatewayRoutes({ routes: [made] }, [WANT]);
        assert.ok(unadmitted.is === "waiting");
        assert.match(unadmitted.why, /no router has admitted/);
    });

    it("does not take another Gateway's Route for ours", () => {
        const labels = { ...IOR, "maistra.io/gateway-namespace": "other" };
        assert.equal(judgeGatewayRoutes({ routes: [route("a", { labels })] }, [WANT]).is, "waiting");
    });

    it("names the Route that holds the host", () => {
        const ours = route("shop-shop-gateway-x", { admitted: "False", reason: "HostAlreadyClaimed" });
        const theirs = route("web", { namespace: "other-team", labels: {} });
        const verdict = judgeGatewayRoutes({ routes: [ours, theirs] }, [WANT]);
        assert.ok(verdict.is === "failed");
        assert.equal(verdict.problem.found, "HostAlreadyClaimed");
        assert.match(verdict.problem.said, /is older/);
        assert.match(verdict.problem.todo.join("\n"), /held by Route other-team\/web, to service web/);
    });

    it("waits while the mesh replaces its own Route for the host", () => {
        const ours = route("b", { admitted: "False", reason: "HostAlreadyClaimed" });
        assert.equal(judgeGatewayRoutes({ routes: [ours, route("a")] }, [WANT]).is, "ready");
        const going = route("web", { namespace: "other-team", labels: {} });
        going.metadata.deletionTimestamp = "2026-11-23T00:00:00Z";
        assert.equal(judgeGatewayRoutes({ routes: [ours, going] }, [WANT]).is, "waiting");
    });

    it("reads the consoles' hosts by name", () => {
        const kiali = route("kiali", { host: "kiali-istio-system.apps.example.com", labels: {} });
        const elsewhere = route("grafana", { namespace: "other", labels: {} });
        const seen = { routes: [kiali, elsewhere] };
        const verdict = judgeNamedRoutes(seen, [{ namespace: "istio-system", name: "kiali" }]);
        assert.deepEqual(verdict, { is: "ready", value: { kiali: "kiali-istio-system.apps.example.com" } });
        const both = judgeNamedRoutes(seen, [
            { namespace: "istio-system", name: "kiali" },
            { namespace: "istio-system", name: "grafana" },
        ]);
        assert.ok(both.is === "waiting");
        assert.equal(both.why, "Route grafana is not there");
    });
});
