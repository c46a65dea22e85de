import { deepEqual } from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import { served } from "../../../lab/dataplane/route-target";

let count = 0;

/** A Route as the router last wrote it: what it said, and of which host. */
function route(name: string, second: number, said?: "True" | "False", more: { host?: string; of?: string } = {}) {
    const { host = "a.example.com", of = host } = more;
    const ingress = said && [{ host: of, conditions: [{ type: "Admitted", status: said }] }];
    const made: KubeObject = {
        apiVersion: "route.openshift.io/v1",
        kind: "Route",
        metadata: { namespace: name, name, uid: `uid-${count++}`, creationTimestamp: `2024-10-01T10:00:0${second}Z` },
        spec: { host },
        status: { ingress },
    };
    return made;
}

const names = (routes: KubeObject[]): string[] => routes.map(({ metadata }) => metadata.name);

describe("which of a host's Routes gets its requests", () => {
    it("the one that is admitted; one that the router has not seen yet gets none", () => {
        deepEqual(names(served([route("old", 1, "True"), route("new", 2, "False")])), ["old"]);
        deepEqual(names(served([route("fresh", 1)])), []);
    });

    it("the one that was turned down, at once when the older one is gone", () => {
        deepEqual(names(served([route("new", 2, "False")])), ["new"]);
        // Of several the oldest.
        deepEqual(names(served([route("third", 3, "False"), route("second", 2, "False")])), ["second"]);
    });

    it("also when the older one has changed to this host, and nobody has admitted it yet", () => {
        const changed = route("old", 1, "True", { of: "b.example.com" });
        deepEqual(names(served([changed, route("new", 2, "True")])), ["new"]);
    });

    it("while the API still shows two as admitted, the older one", () => {
        deepEqual(names(served([route("new", 2, "True"), route("old", 1, "True")])), ["old", "new"]);
    });
});
