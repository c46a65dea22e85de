import assert from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import { admissions, generatedHost } from "../../../lab/standins/router/admission";

let count = 0;

function route(
    namespace: string,
    name: string,
    host: string,
    second: number,
    more: { path?: string } = {},
): KubeObject {
    return {
        apiVersion: "route.openshift.io/v1",
        kind: "Route",
        metadata: { namespace, name, uid: `uid-${count++}`, creationTimestamp: `2020-10-01T10:00:0${second}Z` },
        spec: { host, ...more },
    };
}

describe("the router's admission", () => {
    it("gives a host to the oldest Route, whatever the order of the list (trap 25)", () => {
        const older = route("other-team", "theirs", "a.example.com", 1);
        const newer = route("istio-system", "ours", "a.example.com", 2);
        const verdicts = admissions([newer, older]);
        assert.deepEqual(verdicts.get(older.metadata.uid!), { admitted: true });
        assert.deepEqual(verdicts.get(newer.metadata.uid!), {
            admitted: false,
            reason: "HostAlreadyClaimed",
            message: "a route in another namespace holds a.example.com and is older than ours",
        });
    });

    it("names the older Route of the same namespace", () => {
        const verdicts = admissions([route("a", "one", "h", 1), route("a", "two", "h", 2)]);
        assert.equal([...verdicts.values()][1].message, "route one already exposes h and is older");
    });

    it("lets Routes of one namespace share a host by path", () => {
        const verdicts = admissions([route("a", "one", "h", 1), route("a", "two", "h", 2, { path: "/two" })]);
        assert.ok([...verdicts.values()].every(({ admitted }) => admitted));
    });

    it("leaves a host to the one that has it when two were made in the same second", () => {
        const first = route("a", "one", "h", 1);
        const second = route("b", "two", "h", 1);
        second.status = { ingress: [{ conditions: [{ type: "Admitted", status: "True" }] }] };
        assert.equal(admissions([first, second]).get(second.metadata.uid!)?.admitted, true);
    });

    it("names the host of a Route that has none after the Route", () => {
        assert.equal(generatedHost(route("apps", "web", "", 1), "apps.example.com"), "web-apps.apps.example.com");
    });
});
