import { judgeControlPlane } from "../../cluster/verdicts/control-plane";
import { judgeMembership } from "../../cluster/verdicts/membership";
import { type Check, fromVerdict, judged } from "../check";
import type { Environment } from "../environment";
import type { View } from "../reads";

/** Step 2: the control plane is Ready for what it is told now, and of the version that it was to be. */
export function checkControlPlane(
    { outputs }: Environment,
    view: Pick<View, "controlPlanes" | "deployments">,
): Check[] {
    const { namespace, name, version } = outputs.controlPlane;
    const { controlPlanes, deployments } = view;
    const subject = `${namespace}/${name}`;
    const verdict = judgeControlPlane(
        { controlPlanes, deployments: deployments.filter((d) => d.metadata.namespace === namespace) },
        { namespace, name },
    );
    const found = controlPlanes.find((c) => c.metadata.name === name)?.spec?.version;
    return [
        fromVerdict({ group: "control plane", subject, expected: "Ready and Reconciled" }, verdict),
        judged(
            { group: "control plane", subject: `version of ${subject}`, expected: version },
            found === version,
            found ?? "none",
        ),
    ];
}

/** Step 5: the mesh has configured every member. */
export function checkMembership(env: Environment, view: Pick<View, "rolls" | "members" | "namespaces">): Check[] {
    const { config, outputs } = env;
    const wanted = [...new Set([...outputs.members, ...env.services.map((s) => s.namespace)])].sort();
    const { namespace, name } = outputs.controlPlane;
    return wanted.map((member) => {
        const want = { by: config.membership, controlPlane: { namespace, name }, namespaces: [member] };
        const about = { group: "membership" as const, subject: member, expected: `a member of ${namespace}/${name}` };
        const check = fromVerdict(about, judgeMembership(view, want));
        return check.result === "passed" ? { ...check, seen: "configured, and labelled" } : check;
    });
}
