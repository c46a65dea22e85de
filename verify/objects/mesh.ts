import { judgeMembership } from "../../cluster/verdicts/membership";
import { type Check, fromVerdict, judged } from "../check";
import type { Environment } from "../environment";
import type { View } from "../reads";

/** Step 2: the control plane is of the version that it was to be. Whether it is ready: see objects/pieces.ts. */
export function checkVersion({ outputs }: Environment, { controlPlanes }: Pick<View, "controlPlanes">): Check {
    const { namespace, name, version } = outputs.controlPlane;
    const found = controlPlanes.find((c) => c.metadata.name === name)?.spec?.version;
    return judged(
        { group: "control plane", subject: `version of ${namespace}/${name}`, expected: version },
        found === version,
        found ?? "none",
    );
}

/** Step 5: each mesh has configured every one of its members. */
export function checkMembership(env: Environment, view: Pick<View, "rolls" | "members" | "namespaces">): Check[] {
    const { sides, outputs } = env;
    return sides.flatMap(({ dialect, config, members, labels }, place) => {
        const others = sides.filter((_, i) => i !== place).flatMap((side) => side.members);
        // Others may have joined the same mesh; those count where there is only one that they can have joined.
        const joined = place === 0 ? outputs.members.filter((name) => !others.includes(name)) : [];
        const { namespace, name } = config.controlPlane;
        return [...new Set([...joined, ...members])].sort().map((member) => {
            // Whatever another stack has done about it, the namespace shows it.
            const theirs = Object.values(config.platform?.namespaces ?? {}).includes(member);
            const want = {
                by: theirs ? ("platform" as const) : config.membership,
                controlPlane: { namespace, name },
                namespaces: [member],
                ...(dialect.apis.membership === undefined || !theirs ? { labels } : {}),
            };
            const about = {
                group: "membership" as const,
                subject: member,
                expected: `a member of ${namespace}/${name}`,
            };
            const check = fromVerdict(about, judgeMembership(view, want));
            return check.result === "passed" ? { ...check, seen: "configured, and labelled" } : check;
        });
    });
}
