import * as pulumi from "@pulumi/pulumi";
import { type Context, everyOne } from "../components";
import type { Base } from "./base";
import { resolveNames } from "./names";
import type { Plan } from "./plan";
import type { PlatformStack } from "./platform-reference";

/** A mesh that another stack has made, and that was there when that stack told of it. Nothing is made. */
export function joined(plan: Plan, { platform, told }: PlatformStack, context: Context): Base {
    const side = plan.now;
    return {
        suffix: pulumi.output(platform.suffix),
        own: {},
        sides: [
            {
                side,
                context: { ...context, dialect: side.dialect },
                inCluster: pulumi.output(
                    resolveNames(side.config, plan.owned, platform.suffix, plan.domain),
                ) as Base["sides"][0]["inCluster"],
                version: pulumi.output(told.controlPlane.version),
                ready: everyOne(),
                open: everyOne(),
            },
        ],
        consoles: pulumi.output<Record<string, string>>({}),
        told: { controlPlane: pulumi.output(told.controlPlane), operators: pulumi.output(told.operators) },
    };
}
