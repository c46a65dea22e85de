import * as pulumi from "@pulumi/pulumi";
import { type Policies, PolicyPack, type ReportViolation } from "@pulumi/policy";
import { z } from "zod";
import { ENVIRONMENT_KEY, environmentOf, own } from "./environments";
import { fromEngine } from "./from-engine";
import { inWords, judgeBy } from "./judge";
import type { Environment } from "./levels";
import type { Finding, Rule } from "./rule";
import { rules } from "./rules";

/** The rules as policies of Pulumi's engine, each as strict as it is in an environment. */
export function policies(environment: Environment): Policies {
    return rules.map((rule) => {
        const common = {
            name: rule.name,
            description: rule.description,
            enforcementLevel: rule.level[environment],
            configSchema: configSchema(rule),
        };
        return "judge" in rule
            ? {
                  ...common,
                  validateResource: (args, report) =>
                      judgeBy(rule, [fromEngine(args)], settingsOf(rule, args)).forEach(({ finding }) =>
                          tell(report, finding),
                      ),
              }
            : {
                  ...common,
                  validateStack: (args, report) =>
                      judgeBy(rule, args.resources.map(fromEngine), settingsOf(rule, args)).forEach(({ of, finding }) =>
                          tell(report, finding, of.urn),
                      ),
              };
    });
}

/** Without an engine that has configured the pack, there are only the defaults. */
function settingsOf(rule: Rule, args: { getConfig(): object }): Record<string, unknown> {
    return rule.settings.parse(args.getConfig());
}

/** What is not known yet is no violation, whatever the rule's level. */
function tell(report: ReportViolation, finding: Finding, urn?: string): void {
    if (finding.is === "wrong") {
        report(finding.message, urn);
        return;
    }
    // The SDK takes a level for a single report as well, which its types leave out (pulumi-policy, server.ts).
    const asWarning = { message: inWords(finding), enforcementLevel: "advisory", urn };
    report(asWarning as unknown as string);
}

function configSchema(rule: Rule) {
    const { properties } = z.toJSONSchema(rule.settings, { io: "input" });
    return { properties: (properties ?? {}) as Record<string, object> };
}

/** Serves the pack to the engine that has started this process. Errors: the stack says of itself what it cannot be. */
export function serve(): PolicyPack {
    const stack = process.env.PULUMI_NODEJS_STACK;
    const [namespace, key] = ENVIRONMENT_KEY.split(":");
    const { environment } = environmentOf(stack, new pulumi.Config(namespace).get(key));
    return new PolicyPack("mesh", { policies: policies(environment) }, own().policies[environment]);
}
