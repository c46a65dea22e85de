import assert from "node:assert/strict";
import { unknownCheckingProxy } from "@pulumi/policy";
import { inWords, judgeBy } from "../../../policy/judge";
import { policies } from "../../../policy/pack";
import type { Declared } from "../../../policy/rule";
import { rules } from "../../../policy/rules";
import { UNKNOWN } from "../../../policy/values";
import { type Case, cases } from "./cases";

/** How the engine writes a text that is not known (pulumi/pulumi, sdk/nodejs/runtime/rpc.ts). */
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("policies: each rule", () => {
    it("has cases that pass, that fail, and that cannot be judged yet", () => {
        const incomplete = rules.filter(({ name }) => {
            const own = cases[name] ?? [];
            const passes = own.some((c) => !c.wrong && !c.unknown);
            return !passes || !own.some((c) => c.wrong) || !own.some((c) => c.unknown);
        });
        assert.deepEqual(
            incomplete.map((rule) => rule.name),
            [],
        );
        assert.deepEqual(Object.keys(cases).sort(), rules.map((rule) => rule.name).sort());
    });

    for (const rule of rules) {
        for (const one of cases[rule.name] ?? []) {
            it(`${rule.name}: ${one.it}`, () => {
                const findings = judgeBy(rule, one.given, rule.settings.parse(one.settings ?? {})).map(
                    (j) => j.finding,
                );
                const wrong = findings.flatMap((finding) => (finding.is === "wrong" ? [finding.message] : []));
                const unknown = findings.flatMap((finding) => (finding.is === "not judged" ? [finding.why] : []));
                assertAll(wrong, one.wrong ?? []);
                assertAll(unknown, one.unknown ?? []);
                assert.deepEqual(
                    told(rule.name, one),
                    findings.map(inWords),
                    "the engine is told the same, in the same words",
                );
            });
        }
    }
});

function assertAll(texts: string[], patterns: RegExp[]): void {
    assert.equal(texts.length, patterns.length, texts.join("\n") || "nothing was said");
    patterns.forEach((pattern, i) => assert.match(texts[i], pattern));
}

/** What a policy reports when the engine shows it a case's resources. */
function told(name: string, { given, settings }: Case): string[] {
    const policy = policies("prod").find((p) => p.name === name) as any;
    const reports: string[] = [];
    const report = (said: string | { message: string; enforcementLevel: string }) => {
        if (typeof said !== "string") {
            assert.equal(said.enforcementLevel, "advisory", "what is not known fails no run");
        }
        reports.push(typeof said === "string" ? said : said.message);
    };
    const common = { getConfig: () => settings ?? {} };
    const shown = given.map(asEngine);
    if (policy.validateStack) {
        policy.validateStack({ ...common, resources: shown }, report);
    } else {
        shown.forEach((resource) => policy.validateResource({ ...common, ...resource }, report));
    }
    return reports;
}

function asEngine(resource: Declared): object {
    return { ...resource, props: unknownCheckingProxy(written(resource.props)) };
}

function written(value: any): any {
    if (value === UNKNOWN) {
        return UNKNOWN_TEXT;
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    return Array.isArray(value)
        ? value.map(written)
        : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, written(inner)]));
}
