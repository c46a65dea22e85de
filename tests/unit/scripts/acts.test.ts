import assert from "node:assert/strict";
import { actsOf, configOf } from "../../../scripts/acts";
import { answerLines } from "../../../scripts/answers";
import { labWays } from "../../../scripts/lab-ways";
import { configOf as sampleConfig } from "../config/sample";
import { OUTPUTS } from "../verify/scenario";

const SAMPLE = "mesh:namespaces.microsvc-sample.services.sample.allow";
const CART = "namespaces.shop.services.cart";

describe("npm start: its steps", () => {
    it("steps 9 and 10: before mTLS, with it, and with the policy", () => {
        const acts = actsOf(configOf("Pulumi.dev.yaml"));
        assert.deepEqual(
            acts.map((a) => a.overrides),
            [{ "mesh:controlPlane.mtls": "off", [SAMPLE]: "anyone" }, { [SAMPLE]: "anyone" }, {}],
        );
    });

    it("each is a configuration that is right, and the last is the stack's own", () => {
        const configs = actsOf(configOf("Pulumi.dev.yaml")).map((a) => configOf("Pulumi.dev.yaml", a.overrides));
        const told = configs.map((c) => [
            c.controlPlane.mtls,
            c.namespaces["microsvc-sample"].services.sample.allow === "anyone",
        ]);
        assert.deepEqual(told, [
            ["off", true],
            ["strict", true],
            ["strict", false],
        ]);
        assert.deepEqual(configs[2], configOf("Pulumi.dev.yaml"));
    });

    it("leaves out what the environment does not have", () => {
        const mtls = (mode: string) => ({ "controlPlane.mtls": mode });
        const count = (parts: object) => actsOf(sampleConfig(parts as Record<string, unknown>)).length;
        assert.equal(count(mtls("off")), 1);
        assert.equal(count(mtls("permissive")), 2);
        assert.equal(count({ ...mtls("off"), [`${CART}.allow`]: [{ methods: ["GET"] }] }), 2);
        assert.equal(count({ [`${CART}.allow`]: [] }), 3);
    });

    it("shows request and answer below each other", () => {
        const check = { group: "requests" as const, expected: "", result: "passed" as const, because: "why" };
        assert.deepEqual(
            answerLines([
                { ...check, subject: "sample: POST x", seen: "403" },
                { ...check, subject: "caller", seen: "201" },
            ]),
            ["✓ sample: POST x  → 403   (why)", "✓ caller          → 201   (why)"],
        );
    });

    it("tells verify what has to be known of a lab, and what cannot be asked in it", () => {
        const lab = {
            router: "http://127.0.0.1:4711",
            serviceAddress: (_namespace: string, name: string) => (name === "sample" ? "127.9.200.1" : undefined),
        };
        const ways = labWays(lab as never, OUTPUTS);
        assert.equal(ways.via?.href, "http://127.0.0.1:4711/");
        assert.deepEqual(ways.plainClient, { "microsvc-sample/sample": "127.9.200.1:8080" });
        assert.match(
            labWays({ ...lab, router: undefined, noRouter: "no Envoy" } as never, OUTPUTS).none ?? "",
            /no Envoy/,
        );
    });
});
