import assert from "node:assert/strict";
import { problemsOf, sample } from "./sample";

const CART = "namespaces.shop.services.cart";

describe("what is not wrong is taken", () => {
    const fine: Record<string, Record<string, unknown>> = {
        "numbers and booleans as text": {
            [`${CART}.port`]: "8080",
            uniqueNames: "true",
            "controlPlane.tracing": { enabled: "false", sampling: "0.5" },
        },
        "whole cores as a number": { [`${CART}.limits`]: { cpu: 1, memory: "1e9" } },
        "numbers as values of properties and variables": {
            [`${CART}.properties`]: { "server.port": 8080, "a.list[0].on-call": true },
            [`${CART}.env`]: { PORT: 8080 },
        },
        "a caller in a namespace that this stack knows nothing of": {
            [`${CART}.allow`]: [{ namespaces: ["elsewhere"] }],
        },
        "principals with a wildcard at one end": {
            [`${CART}.allow`]: [
                { principals: ["*", "cluster.local/ns/a/*", "*/ns/a/sa/b", "cluster.local/ns/a/sa/*"] },
            ],
        },
        nobody: { [`${CART}.allow`]: [] },
        "images with port, tag and digest": {
            [`${CART}.image`]: `localhost:5000/a/b_c:v1.2@sha256:${"f".repeat(64)}`,
        },
        "a build from any kind of repository": {
            [CART]: {
                build: { git: "git@git.example.com:shop/cart.git", ref: "release/1.x", context: "services/cart" },
            },
            "namespaces.shop.services.stock": {
                build: { git: "https://git.example.com:8443/shop", containerfile: "docker/Containerfile" },
            },
            "namespaces.bank.services.ledger": { build: { git: "ssh://git@git.example.com/bank/ledger" } },
            "namespaces.shop.existingRoutes": {},
        },
        "a check in every part": {
            [`${CART}.check`]: {
                method: "POST",
                path: "/a?b=1",
                body: "{}",
                contentType: "text/x; q=1",
                expect: "201",
            },
        },
        "an apps domain that is left open": { appsDomain: "" },
    };
    for (const [what, parts] of Object.entries(fine)) {
        it(what, () => assert.deepEqual(problemsOf(sample(parts)), []));
    }

    it("keys of other namespaces are none of ours", () => {
        const others = {
            "kubernetes:context": "admin",
            "pulumi:disable-default-providers": "[",
            "other:generation": "9",
        };
        assert.deepEqual(problemsOf({ ...sample(), ...others }), []);
    });

    it("a generation that YAML read as a number", () => {
        assert.deepEqual(problemsOf({ ...sample(), "mesh:generation": 1.1 as unknown as string }), []);
    });
});
