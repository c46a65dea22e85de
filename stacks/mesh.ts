import * as pulumi from "@pulumi/pulumi";
import { type Context, everyOne, ExposedListeners } from "../components";
import { belongs, memberships } from "./members";
import { namespaceName } from "./names";
import { meshedNamespace } from "./namespace";
import { type MeshOutputs, outputsOf } from "./outputs";
import type { Plan } from "./plan";
import { platform, toldToWorkloads } from "./platform";
import type { PlatformStack } from "./platform-reference";
import { joined } from "./workloads";

export interface StackInputs {
    plan: Plan;
    /** mesh:secrets, as secrets. */
    secrets: Record<string, pulumi.Output<string>>;
    /** Of a workloads stack: the stack that has its mesh. */
    from?: PlatformStack;
}

/**
 * One stack of the mesh: the mesh itself or another stack's, then exceptions, members, services, policies and the way in.
 * A platform has no services. A stack that is moving to another generation has two meshes for a while, and each namespace's
 * services are in one of them.
 */
export function mesh({ plan, secrets, from }: StackInputs, context: Context): MeshOutputs {
    const base = from === undefined ? platform(plan, context) : joined(plan, from, context);
    const { sides, suffix, own } = base;
    const exceptions = new ExposedListeners("exceptions", { listeners: plan.exceptions });
    const members = sides.map((made) =>
        memberships(made, { plan, suffix, own, after: everyOne(made.ready, exceptions.ready) }),
    );
    const ways = Object.keys(plan.config.namespaces)
        .sort()
        .map((key) => {
            const at = sides.findIndex(({ side }) => belongs(plan, side.dialect, key));
            return meshedNamespace(key, {
                made: sides[at],
                all: sides,
                namespace: suffix.apply((s) => namespaceName(key, plan.owned, s)),
                ownNamespace: own[key],
                secrets,
                joined: everyOne(...members[at].filter((m) => m.keys.has(key)).map((m) => m.membership.ready)),
            });
        });
    return {
        ...outputsOf(plan, base, { memberships: members.flat().map((m) => m.membership), ways }),
        ...(plan.config.part === "platform" ? { platform: toldToWorkloads(plan, suffix, sides[0]) } : {}),
        // What it was made for, for who reads this stack alone.
        ...(from === undefined ? {} : { platform: pulumi.output(from.platform) as MeshOutputs["platform"] }),
    };
}
