import assert from "node:assert/strict";
import { environmentOf, type Environments, own, PolicyConfigError } from "../../../policy/environments";
import { judge } from "../../../policy/judge";
import { report } from "../../../policy/report";
import { rules } from "../../../policy/rules";
import { strictness } from "../../../policy/settings";
import { object, workload } from "./objects";

describe("policies: how strict they are", () => {
    it("an environment is what the stack says, then what its name says, then the strictest", () => {
        assert.equal(environmentOf("dev", undefined).environment, "dev");
        assert.equal(environmentOf("prod-eu", undefined).environment, "prod");
        assert.equal(environmentOf("shop-staging", "").environment, "staging");
        assert.equal(environmentOf("dev", "prod").environment, "prod");
        assert.equal(environmentOf("devious", undefined).environment, "prod");
        assert.equal(environmentOf(undefined, undefined).environment, "prod");
        assert.throws(() => environmentOf("dev", "production"), /policy:environment is production: dev, staging, prod/);
    });

    it("which names are which environment is the pack's config, not its code", () => {
        const other: Environments = {
            ...own(),
            stacks: { dev: ["blue"], staging: [], prod: [] },
            otherwise: "staging",
        };
        assert.equal(environmentOf("blue", undefined, other).environment, "dev");
        assert.equal(environmentOf("dev", undefined, other).environment, "staging");
    });

    it("differs by environment: mTLS outside of dev, digests in prod", () => {
        const levels = (environment: "dev" | "staging" | "prod") => {
            const held = strictness(rules, environment);
            return ["mtls-strict", "image-digest", "sampling-ceiling", "no-allow-all"].map((name) => held[name].level);
        };
        assert.deepEqual(levels("dev"), ["disabled", "disabled", "disabled", "mandatory"]);
        assert.deepEqual(levels("staging"), ["mandatory", "advisory", "disabled", "mandatory"]);
        assert.deepEqual(levels("prod"), ["mandatory", "mandatory", "mandatory", "mandatory"]);
    });

    it("later config goes before earlier, single rules before all", () => {
        const held = strictness(
            rules,
            "prod",
            { all: "advisory", "no-latest": "disabled", "sampling-ceiling": { maximum: 5 } },
            { "no-latest": { enforcementLevel: "remediate" }, "sampling-ceiling": { enforcementLevel: "disabled" } },
        );
        assert.equal(held["no-allow-all"].level, "advisory");
        assert.equal(held["no-latest"].level, "mandatory");
        assert.deepEqual(held["sampling-ceiling"], { level: "disabled", settings: { maximum: 5 } });
        assert.deepEqual(held["operator-catalogue"].settings, { sources: ["openshift-marketplace/redhat-operators"] });
    });

    it("config that is wrong is told at once, by name", () => {
        const wrong = { "no-lates": "disabled" as const, "sampling-ceiling": { maximum: 101, minimum: 1 } };
        assert.throws(
            () => strictness(rules, "prod", wrong),
            (error: Error) =>
                error instanceof PolicyConfigError &&
                /no-lates: no such rule; there are operator-catalogue, /.test(error.message) &&
                /sampling-ceiling.maximum: /.test(error.message) &&
                /sampling-ceiling: .*minimum/.test(error.message),
        );
    });

    it("the pack's own config is right for each environment", () => {
        for (const environment of ["dev", "staging", "prod"] as const) {
            strictness(rules, environment, own().policies[environment]);
        }
    });
});

describe("policies: what people read", () => {
    const given = [object("core/v1:Namespace", "shop"), workload("shop/cart", { container: { image: "it:latest" } })];
    const read = (environment: "dev" | "prod") => report(judge(rules, given, strictness(rules, environment)));

    it("a broken mandatory rule fails, and is told first", () => {
        const { text, failed } = read("dev");
        assert.ok(failed);
        assert.match(
            text,
            /^\[mandatory\] no-latest: No image is whatever is latest\.\n {4}Deployment shop\/cart runs it:latest/,
        );
        assert.match(text, /\[advisory\] probes-set: .*\n {4}container it of/);
        assert.match(text, /\n1 mandatory, 3 advisory, 0 not judged\n$/);
    });

    it("advice alone does not", () => {
        const held = strictness(rules, "prod", { all: "advisory" });
        assert.equal(report(judge(rules, given, held)).failed, false);
    });
});
